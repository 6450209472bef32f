"""The run-out list as a letter: a table of the first lines, how many more there are, and where the list is.

It is the product's own and no organization's: there is no template of it to edit. The table is made here and not in
Liquid, as other blocks of letters are; everything that people wrote is escaped.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Final

from markupsafe import Markup, escape

from ostatok.kernel import moments, text, units
from ostatok.notices import layout, sandbox, words
from ostatok.notices.digest_words import WORDS
from ostatok.notices.rendering import SUBJECT_LIMIT, Rendered

#: How many lines a letter shows.
SHOWN: Final = 50

_TEXT_LIMIT: Final = 200
_LINE: Final = "border-top:1px solid #e3e1db;font-size:15px;line-height:20px;color:#1b1d22;padding:10px"
_WHO: Final = f'<td class="t line" valign="top" style="{_LINE} 12px 10px 0;word-break:break-word">'
_LEFT: Final = f'<td class="t line" valign="top" align="right" style="{_LINE} 0 10px 12px;width:40%;word-break:normal">'
_SMALL: Final = '<br><span class="k" style="font-size:13px;color:#585c65">{}</span>'
_HEAD: Final = (
    '<th class="k" align="{}" style="font-size:13px;line-height:20px;font-weight:400;color:#585c65;'
    'padding:0 0 6px">{}</th>'
)
_PHONE: Final = Markup('<a class="a" href="tel:{}" style="color:#2450c0">{}</a>')
_CONTENT: Final = (
    '<h1 class="t" style="margin:0;font-size:26px;line-height:32px;font-weight:700;color:#1b1d22">{{ title }}</h1>'
    '<p class="k" style="margin:4px 0 18px;font-size:15px;line-height:22px;color:#585c65">{{ lead }}</p>'
    "{{ table }}"
    '<p class="t" style="margin:18px 0 22px;font-size:16px;line-height:24px;color:#1b1d22">{{ more }}</p>'
)


@dataclass(frozen=True, slots=True)
class Line:
    """A balance that runs out, whose it is, and what came of the last call; `left` in bases of `unit`."""

    client: str
    account: str
    service: str
    unit: str
    left: Decimal
    runs_out_at: datetime
    phone: str
    note: str | None
    note_text: str | None
    promised_until: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """The list of one morning: its first lines, and how many there are of it; `capped`: or more than that."""

    language: str
    zone: tzinfo
    as_of: datetime
    organization: str
    signature: str
    mine: bool
    lines: Sequence[Line]
    count: int
    capped: bool
    url: str


def render(digest: Digest) -> Rendered:
    """The letter that a subscriber gets."""
    known = _Known(digest)
    subject = text.one_line(f"{known.title} · {digest.organization}")
    return Rendered(subject=subject[:SUBJECT_LIMIT], text=_text(known), html=_html(known))


@dataclass(frozen=True, slots=True)
class _Known:
    """A digest with its words."""

    digest: Digest

    @property
    def words(self) -> Mapping[str, str]:
        return WORDS[text.known_language(self.digest.language)]

    @property
    def title(self) -> str:
        count = text.number(self.digest.count, self.digest.language)
        said = self.words["title"].format(count=self.words["many"].format(count=count) if self.digest.capped else count)
        return f"{said} ({self.words['mine']})" if self.digest.mine else said

    @property
    def lead(self) -> str:
        return self.words["lead"].format(moment=self.moment(self.digest.as_of))

    @property
    def more(self) -> str:
        """How many more there are than are shown, if there are."""
        rest = self.digest.count - len(self.digest.lines)
        if rest <= 0:
            return ""
        count = text.number(rest, self.digest.language)
        return self.words["more_than" if self.digest.capped else "more"].format(count=count)

    def moment(self, at: datetime) -> str:
        return text.soon(at, self.digest.language, self.digest.zone)

    def about(self, line: Line) -> str:
        return text.one_line(f"{line.account} · {line.service}")

    def left(self, line: Line) -> str:
        return units.format_amount(line.left, line.unit, self.digest.language, short=True)

    def lasts(self, line: Line) -> str:
        gone = line.runs_out_at <= self.digest.as_of
        return self.words["used_up" if gone else "lasts_until"].format(moment=self.moment(line.runs_out_at))

    def note(self, line: Line) -> str:
        """What came of the last call: `promised to pay by 23 November: on Monday`."""
        if line.note is None:
            return ""
        said = self.words[line.note]
        if line.promised_until:
            day = moments.near_day(line.promised_until, self.digest.as_of, self.digest.language, self.digest.zone)
            said = self.words["promised_until"].format(day=day)
        written = text.one_line(line.note_text or "")[:_TEXT_LIMIT]
        return f"{said}: {written}" if written else said


def _text(known: _Known) -> str:
    parts = [known.title, known.lead, *(_paragraph(known, line) for line in known.digest.lines)]
    parts += [known.more, f"{known.words['button']}: {known.digest.url}", known.words["automatic"]]
    return "\n\n".join(filter(None, [*parts, known.digest.signature])) + "\n"


def _paragraph(known: _Known, line: Line) -> str:
    rows = (
        f"{text.one_line(line.client)}, {known.about(line)}",
        f"{known.words['left']}: {known.left(line)}, {known.lasts(line)}",
        " · ".join(filter(None, (text.one_line(line.phone), known.note(line)))),
    )
    return "\n".join(filter(None, rows))


def _html(known: _Known) -> str:
    values = {
        "masthead": known.digest.organization,
        "service_name": known.title,
        "signature": known.digest.signature,
        "title": known.title,
        "lead": known.lead,
        "table": Markup("".join(_table(known))),  # noqa: S704 (made below, which escapes what people wrote)
        "more": known.more,
        "top_up_url": known.digest.url,
    }
    return sandbox.run(sandbox.compiled(_source(text.known_language(known.digest.language)), html=True), values)


@lru_cache
def _source(language: str) -> str:
    said = WORDS[language]
    button = layout.read("button.html").replace("[[button]]", said["button"])
    return layout.frame(
        language=language, automatic=said["automatic"], content=_CONTENT + button, preheader="{{ lead }}"
    )


def _table(known: _Known) -> Iterator[str]:
    labels = words.LABELS[text.known_language(known.digest.language)]
    heads = (("left", labels["client"]), ("right", known.words["left"]))
    yield '<table width="100%" cellpadding="0" cellspacing="0" border="0"><tr>'
    yield from (_HEAD.format(*head) for head in heads)
    yield "</tr>"
    for line in known.digest.lines:
        left = f"{escape(known.left(line))}{_SMALL.format(escape(known.lasts(line)))}"
        yield f"<tr>{_WHO}{_who(known, line)}</td>{_LEFT}{left}</td></tr>"
    yield "</table>"


def _who(known: _Known, line: Line) -> str:
    """The client, and below it, smaller: of which account, how to reach it, what came of the last call."""
    phone = text.one_line(line.phone)
    below = (
        escape(known.about(line)),
        _PHONE.format(phone.replace(" ", ""), phone) if phone else "",
        escape(known.note(line)),
    )
    return f"<b>{escape(text.one_line(line.client))}</b>" + "".join(_SMALL.format(each) for each in below if each)
