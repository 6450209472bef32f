"""Values a template prints: each knows how people read it, and what it is when a template compares it.

`str()` is the text form and `__html__` the HTML form where it differs. `__liquid__` is what Liquid compares: an amount
in its unit, a per cent as a number, a level as its code.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from markupsafe import escape

from ostatok.kernel import text, units
from ostatok.notices import words

Show = Callable[[datetime, str, tzinfo], str]


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in bases of a unit: `{{ left }}` prints `15 минут`, `{% if left < 20 %}` compares minutes."""

    base: Decimal
    unit: str
    language: str

    def __str__(self) -> str:
        return units.format_amount(self.base, self.unit, self.language)

    def __liquid__(self) -> Decimal:
        return units.from_base(self.base, self.unit)

    @property
    def short(self) -> str:
        return units.format_amount(self.base, self.unit, self.language, short=True)


@dataclass(frozen=True, slots=True)
class Percent:
    value: Decimal
    language: str

    def __str__(self) -> str:
        return text.percent(self.value, self.language)

    def __liquid__(self) -> Decimal:
        return self.value


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in its reader's zone; `show` is how it prints: as a day, with its time, or as a time soon to come."""

    at: datetime
    language: str
    zone: tzinfo
    show: Show = text.day

    def __str__(self) -> str:
        return self.show(self.at, self.language, self.zone)


@dataclass(frozen=True, slots=True)
class Days:
    """A number of whole days: `{{ lasts_days }}` prints `5 дней`, `{% if lasts_days < 2 %}` compares the figure.

    None of them, which is less than one, prints as that: `неполные сутки`.
    """

    number: int
    language: str

    def __str__(self) -> str:
        return words.days(self.number, self.language)

    def __liquid__(self) -> int:
        return self.number


@dataclass(frozen=True, slots=True)
class Level:
    """How low a balance is, on the scale that the bars of every page use; a colour is never without its word."""

    code: str
    language: str

    def __str__(self) -> str:
        return words.LEVELS[self.language][self.code]

    def __html__(self) -> str:
        colour = {"low": "#7a5200", "lower": "#9a420a", "crit": "#ab231c"}[self.code]
        return f'<b class="{self.code}" style="color:{colour}">{escape(str(self))}</b>'

    def __liquid__(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry of the account's history; `amount` in bases, signed; `kind` as in the ledger."""

    occurred_at: datetime
    kind: str
    amount: Decimal
    memo: str = ""


@dataclass(frozen=True, slots=True)
class EntryTable:
    """The last entries as a table: columns of plain text, or an HTML table."""

    lines: Sequence[EntryLine]
    unit: str
    language: str
    zone: tzinfo

    def __str__(self) -> str:
        rows = [self._cells(line) for line in self.lines]
        widths = [max(len(row[column]) for row in rows) for column in range(3)] if rows else []
        return "\n".join(_padded(row, widths) for row in rows)

    def __html__(self) -> str:
        rows = "".join(f"<tr>{_html_cells(self._cells(line))}</tr>" for line in self.lines)
        return f'<table cellpadding="0" cellspacing="0" border="0">{rows}</table>'

    def _cells(self, line: EntryLine) -> tuple[str, str, str]:
        sign = "+" if line.amount > 0 else ""
        return (
            text.day(line.occurred_at, self.language, self.zone),
            words.ENTRY_KINDS[self.language].get(line.kind, line.kind),
            sign + units.format_amount(line.amount, self.unit, self.language),
        )


def _padded(row: Sequence[str], widths: Sequence[int]) -> str:
    when, kind, amount = row
    return f"{when:<{widths[0]}}  {kind:<{widths[1]}}  {amount:>{widths[2]}}"


def _html_cells(row: Sequence[str]) -> str:
    when, kind, amount = (escape(cell) for cell in row)
    style = "padding:4px 16px 4px 0"
    return f'<td style="{style}">{when}</td><td style="{style}">{kind}</td><td align="right">{amount}</td>'
