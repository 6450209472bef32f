"""What is wrong with a template, told before it is saved: with lines, and with what was probably meant."""

import dataclasses
import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from liquid.static_analysis import Variable

from ostatok.notices import filters, rendering, samples, sandbox, source, variables
from ostatok.notices.rendering import MessageTemplate
from ostatok.notices.sandbox import Clock
from ostatok.notices.source import TemplateError

# Seconds for a made-up notice, which is rendered twice: less than a real letter has, so that what was saved has time.
PATIENCE = rendering.PATIENCE / 2


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """An error keeps a template from being saved, a warning does not. `line` counts from 1; None: the whole part."""

    message: str
    line: int | None = None
    severity: Severity = Severity.ERROR
    part: str = ""

    def __str__(self) -> str:
        where = [self.part] if self.part else []
        return ": ".join([*where, str(TemplateError(self.message, self.line))])


def check(written: str, *, html: bool = False, may_send_pin: bool = False) -> list[Problem]:
    """Problems of one source: what cannot be read, names and filters that do not exist, the PIN where it is off."""
    try:
        source.demand_size(written)
        refused = [Problem(f"the tag '{name}' is not available", line) for name, line in source.refused_tags(written)]
        found = refused or [*_names(written, html=html, may_send_pin=may_send_pin), *_percent_words(written)]
        return list(dict.fromkeys(found))
    except TemplateError as error:
        return [Problem(error.message, error.line)]


def check_message(
    template: MessageTemplate, kind: str, *, may_send_pin: bool = False, clock: Clock = sandbox.clock
) -> list[Problem]:
    """Problems of all parts of a template for a trigger's kind; without errors, it is tried on two made-up notices.

    Each of them has PATIENCE by the clock.
    """
    found = [
        dataclasses.replace(problem, part=part)
        for part, written, html in _parts(template)
        for problem in check(written, html=html, may_send_pin=may_send_pin)
    ]
    if any(problem.severity is Severity.ERROR for problem in found):
        return found
    known = (("everything", samples.full), ("only the least", samples.minimal))
    tried = (
        _tried(template, variables.build(make(kind, template.language)), how_much, clock) for how_much, make in known
    )
    return found + next((problems for problems in tried if problems), [])


def _parts(template: MessageTemplate) -> tuple[tuple[str, str, bool], ...]:
    return ("subject", template.subject, False), ("text", template.text, False), ("html", template.html, True)


def _tried(template: MessageTemplate, values: variables.Variables, how_much: str, clock: Clock) -> list[Problem]:
    """Each part alone, so that lines are right; then the whole, with the frame around it."""
    deadline = sandbox.within(PATIENCE, clock)
    for part, written, html in _parts(template):
        try:
            rendering.render(written, values, html=html, deadline=deadline)
        except TemplateError as error:
            return [Problem(f"{error.message} (in a notice of which {how_much} is known)", error.line, part=part)]
    try:
        rendering.render_until(deadline, template, values)
    except TemplateError as error:
        return [Problem(str(error))]
    return []


def _names(written: str, *, html: bool, may_send_pin: bool) -> Iterator[Problem]:
    translated = source.translated(written)
    analysis = sandbox.compiled(written, html=html).analyze(include_partials=False)
    for found in sorted(_all(analysis.globals.values()), key=lambda variable: variable.span.index):
        line = source.line_of(translated, found.span.index)
        if found.segments == ["pin"] and not may_send_pin:
            yield Problem("the PIN is off: the organization does not allow it in messages", line)
        elif str(found) not in variables.NAMES and found.segments[0] not in _COMPOUND:
            yield Problem(_unknown("variable", str(found).replace(".", "_"), variables.NAMES, shown=str(found)), line)
    for name, spans in analysis.filters.items():
        if name not in filters.FILTERS:
            yield Problem(_unknown("filter", name, filters.FILTERS), source.line_of(translated, spans[0].index))


# Variables with parts of their own: `last_entries.size`, `last_entries[0].amount`.
_COMPOUND = {variable.name for variable in variables.VARIABLES if variable.type == "list"}


def _all(groups: Iterable[list[Variable]]) -> Iterator[Variable]:
    for group in groups:
        yield from group


def _percent_words(written: str) -> Iterator[Problem]:
    for word, line in source.unknown_percent_names(written):
        message = _unknown("name", word, source.PERCENT_NAMES, shown=f"%{word}", sign="%")
        yield Problem(f"{message}; it is sent as it stands", line, Severity.WARNING)


def _unknown(what: str, name: str, known: Iterable[str], *, shown: str = "", sign: str = "") -> str:
    near = difflib.get_close_matches(name[:100], list(known), n=1)
    hint = f"; did you mean '{sign}{near[0]}'?" if near else ""
    return f"there is no {what} '{shown or name}'{hint}"
