"""A CSV file as rows under a header: columns in any order, comma or semicolon, no row able to swallow another.

Where semicolons separate, a comma may stand before the decimals of an amount, as spreadsheets write it that separate so
(docs/decisions/0045); rows have dots in any case.
"""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from ostatok.intake.description.problems import did_you_mean
from ostatok.intake.lines import LONGEST, Line, Lines
from ostatok.kernel.errors import OstatokError
from ostatok.ledger.entries import Reason, Refusal

DELIMITERS: Final = (",", ";")
#: The delimiter of files whose amounts may have a comma before the decimals.
DECIMAL_COMMA: Final = ";"
#: What the file of refused rows says of them; such a file can be corrected and imported as it is.
REMARKS: Final = ("refused_line", "refused_reason", "refused_message", "refused_text")
_LONGEST_QUOTE: Final = 100
_WITH_COMMA: Final = re.compile(r"[+-]?[0-9]+,[0-9]+", re.ASCII)
_WITH_DOT: Final = re.compile(r"[+-]?[0-9]+\.[0-9]+", re.ASCII)


class HeaderError(OstatokError):
    """The first line does not name the columns that are needed; nothing of the file was read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """The columns a kind of file has; `amounts` are those of them that hold amounts."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    amounts: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        return self.required + self.optional

    @property
    def places_of_amounts(self) -> tuple[int, ...]:
        """Where they are among all."""
        return tuple(self.all.index(name) for name in self.amounts)


@dataclass(frozen=True, slots=True)
class Row:
    """`values` follow `Columns.all`; a column the file does not have is empty. `line` is where the row begins."""

    line: int
    values: Sequence[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class UnreadRow(Refusal):
    """The refusal of a row that could not be taken apart; `text` is the line as it stands in the file."""

    text: str


class Table(Iterable[Row | Refusal]):
    """The rows of a file. Raises HeaderError, EncodingError."""

    def __init__(self, lines: Lines, columns: Columns) -> None:
        self._lines = lines
        self._returned: deque[Line] = deque()
        header = next(lines, None)
        if header is None:
            raise HeaderError("the file is empty: its first line must name the columns")
        self.delimiter, names = _read_header(header, columns)
        self._width = len(names)
        # A missing optional column takes its value from an empty cell put after the last one.
        self._places = [names.index(name) if name in names else self._width for name in columns.all]
        self._amounts = columns.places_of_amounts if self.delimiter == DECIMAL_COMMA else ()

    @property
    def bytes_read(self) -> int:
        return self._lines.bytes_read

    def __iter__(self) -> Iterator[Row | Refusal]:
        for line in self._next_lines():
            if line.complaint:
                yield _refusal(line, line.complaint)
            elif line.text:
                yield from self._read(line)

    def _next_lines(self) -> Iterator[Line]:
        while True:
            line = self._returned.popleft() if self._returned else next(self._lines, None)
            if line is None:
                return
            yield line

    def _read(self, line: Line) -> Iterator[Row | Refusal]:
        try:
            cells = self._quoted_cells(line) if '"' in line.text else line.text.split(self.delimiter)
        except csv.Error as error:
            yield _refusal(line, _in_words(error))
            return
        if not any(map(str.strip, cells)):
            return
        if len(cells) != self._width:
            yield _refusal(line, f"the row has {len(cells)} columns, the header {self._width}")
            return
        cells.append("")
        values = [cells[place].strip() for place in self._places]
        for place in self._amounts:
            values[place] = with_dot(values[place])
        yield Row(line.number, values)

    def _quoted_cells(self, line: Line) -> list[str]:
        """Split a row, taking further lines while a quote is open; what turns out not to belong to it is returned."""
        taken: list[Line] = []
        try:
            return _split(self._while_open(line, taken), self.delimiter)
        except csv.Error:
            self._returned.extendleft(reversed(taken))
            raise

    def _while_open(self, line: Line, taken: list[Line]) -> Iterator[str]:
        """The line, and those after it for as long as the reader asks: it does so only within quotes."""
        yield line.text
        size = len(line.text)
        for following in self._next_lines():
            taken.append(following)
            size += len(following.text)
            if following.complaint or size > LONGEST or len(taken) > _LONGEST_QUOTE or self._is_row(following.text):
                return
            yield "\n" + following.text

    def _is_row(self, text: str) -> bool:
        """Whether a line within quotes rather is a row of its own, and the quote was never closed."""
        return text.partition('"')[0].count(self.delimiter) >= self._width - 1


def with_dot(written: str) -> str:
    """An amount that has a comma before its decimals, with a dot; anything else as it is."""
    return written.replace(",", ".") if _WITH_COMMA.fullmatch(written) else written


def with_comma(written: str) -> str:
    """An amount that has a dot before its decimals, with a comma; anything else as it is."""
    return written.replace(".", ",") if _WITH_DOT.fullmatch(written) else written


def _read_header(line: Line, columns: Columns) -> tuple[str, list[str]]:
    if line.complaint:
        raise HeaderError(f"line 1: {line.complaint}")
    delimiter = max(DELIMITERS, key=line.text.count)
    try:
        cells = _split([line.text], delimiter)
    except csv.Error as error:
        raise HeaderError(f"line 1: {_in_words(error)}") from None
    names = [cell.strip().lower() for cell in cells]
    complaints = [*_unknown(names, columns), *_missing(names, columns), *_twice(names)]
    if complaints:
        raise HeaderError("line 1 must name the columns: " + "; ".join(complaints))
    return delimiter, names


def _unknown(names: Sequence[str], columns: Columns) -> Iterator[str]:
    free = [name for name in columns.all if name not in names]
    for name in dict.fromkeys(names):
        if name not in chain(columns.all, REMARKS):
            yield f"unknown column {name[:40]!r}{did_you_mean(name, free)}"


def _missing(names: Sequence[str], columns: Columns) -> Iterator[str]:
    missing = [name for name in columns.required if name not in names]
    if missing:
        yield f"missing {', '.join(missing)}"


def _twice(names: Sequence[str]) -> Iterator[str]:
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"column {name!r} stands there twice"


_IN_WORDS: Final = (
    ("unexpected end of data", "a quote is opened here and not closed"),
    ("expected after", 'a closing quote must end its cell: write a quote within quotes twice ("")'),
    ("new-line character", "there is a carriage return within the line"),
)


def _in_words(error: csv.Error) -> str:
    return next((words for key, words in _IN_WORDS if key in str(error)), str(error))


def _refusal(line: Line, message: str) -> UnreadRow:
    return UnreadRow(position=line.number, ref="", reason=Reason.BAD_ROW, message=message, text=line.text)


def _split(lines: Iterable[str], delimiter: str) -> list[str]:
    return next(csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True), [])
