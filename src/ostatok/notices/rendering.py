"""Templates and variables in, a message out."""

import re
from dataclasses import dataclass
from functools import lru_cache

from ostatok.kernel import text
from ostatok.notices import layout, sandbox, variables
from ostatok.notices.sandbox import Clock, Deadline
from ostatok.notices.source import TemplateError

SUBJECT_LIMIT = 200
# Seconds for all parts of a message; a letter takes a thousandth of it.
PATIENCE = 0.5
_SPACES = re.compile(r"[ \t]{2,}")
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTemplate:
    """Sources for one trigger, channel and language; a part that is empty is not sent."""

    language: str
    subject: str = ""
    text: str = ""
    html: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A message as it is sent: `subject` is one line without controls, `html` a whole document or empty."""

    subject: str
    text: str
    html: str


def render(source: str, values: variables.Variables, *, html: bool = False, deadline: Deadline | None = None) -> str:
    """One source rendered; in HTML every value is escaped. `TemplateError` with a line if it cannot be."""
    return sandbox.run(sandbox.compiled(source, html=html), values, deadline)


def render_message(template: MessageTemplate, values: variables.Variables, *, clock: Clock = sandbox.clock) -> Rendered:
    """The message a recipient gets. `TemplateError` names the part at fault; a letter has PATIENCE by the clock."""
    return render_until(sandbox.within(PATIENCE, clock), template, values)


def render_until(deadline: Deadline, template: MessageTemplate, values: variables.Variables) -> Rendered:
    """The same with a deadline of the caller's."""
    framed = layout.framed(template.html, template.language)
    return Rendered(
        subject=_one_line(_part("subject", template.subject, values, deadline)),
        text=_paragraphs(_part("text", template.text, values, deadline)),
        html=_part("html", framed, values, deadline, html=True),
    )


@lru_cache(maxsize=1024)
def names_used(template: MessageTemplate) -> frozenset[str]:
    """Variables that the template mentions: what costs a query need be looked up only for those that do."""
    parts = ((template.subject, False), (template.text, False), (layout.framed(template.html, template.language), True))
    used = (sandbox.compiled(source, html=html).analyze(include_partials=False).globals for source, html in parts)
    return frozenset(name for names in used for name in names)


def for_keeping(
    template: MessageTemplate, values: variables.Variables, sent: Rendered, *, clock: Clock = sandbox.clock
) -> Rendered:
    """What may be stored of a message: the message itself, or the same with its PIN masked."""
    if "pin" in names_used(template):
        return render_message(template, variables.masked(values), clock=clock)
    return sent


def _part(name: str, source: str, values: variables.Variables, deadline: Deadline, *, html: bool = False) -> str:
    try:
        return render(source, values, html=html, deadline=deadline) if source else ""
    except TemplateError as error:
        raise type(error)(f"{name}: {error}") from error


def _one_line(written: str) -> str:
    """A subject that no header can be smuggled into."""
    line = _SPACES.sub(" ", text.one_line(written))
    return line if len(line) <= SUBJECT_LIMIT else line[: SUBJECT_LIMIT - 1] + "…"


def _paragraphs(written: str) -> str:
    """Conditions leave empty lines behind: paragraphs stand one line apart."""
    return _BLANK_LINES.sub("\n\n", written.replace("\r\n", "\n")).strip() + "\n" if written.strip() else ""
