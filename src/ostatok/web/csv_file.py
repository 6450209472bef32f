"""Lists as CSV: streamed, opened by the spreadsheets of their readers, and unable to make them calculate.

A spreadsheet splits a file at the separator of its own country and takes what looks like a figure there for one
(docs/decisions/0045): so a file is written for the language of whoever takes it, and stays harmless in the others.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from urllib.parse import quote

from django.http import StreamingHttpResponse

from ostatok.intake.table import DECIMAL_COMMA
from ostatok.web import reading

#: What makes a formula of a cell that begins so (OWASP, CSV injection).
_SIGNS: Final = "=+\\-@＝＋－＠"
#: At the beginning of a text, where blanks and quotes before it do not help.
_FORMULA: Final = re.compile(rf"[ \"]*[{_SIGNS}\t\r\n]")
#: A number below zero is none, by itself or in a list of values as JSON writes it.
_NUMBER: Final = r"-\d+(?:\.\d+)?\"?(?:[,;\]}]|\Z)"
#: Behind whatever some spreadsheet may split the text at; an apostrophe goes between.
_FORMULA_WITHIN: Final = re.compile(rf"([,;\t\r\n][\s\"]*)(?!{_NUMBER})(?=[{_SIGNS}])", re.ASCII)
_BYTE_ORDER_MARK: Final = "\ufeff"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How cells are separated, and what stands before the decimals."""

    separator: str
    decimal: str


ENGLISH: Final = Dialect(",", ".")
_SEMICOLONS: Final = Dialect(DECIMAL_COMMA, ",")


class AsItIs(str):
    """A text that is known to be no formula."""

    __slots__ = ()


class _Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def dialect() -> Dialect:
    """How files are written for the reader: Russian, Polish and Kazakh spreadsheets split at semicolons."""
    return ENGLISH if reading.language() == "en" else _SEMICOLONS


def neutral(value: object, decimal: str = ".") -> str:
    """A cell's text; what a spreadsheet would take for a formula is marked as text. Numbers stay numbers."""
    match value:
        case None:
            return ""
        case Decimal():
            return f"{value:f}".replace(".", decimal)
        case int() | AsItIs():
            return str(value)
    text = _FORMULA_WITHIN.sub(r"\1'", str(value))
    return f"'{text}" if _FORMULA.match(text) else text


def lines(head: Sequence[str], rows: Iterable[Sequence[object]], form: Dialect = ENGLISH) -> Iterator[str]:
    """The lines of the file."""
    writer = csv.writer(_Line(), delimiter=form.separator)
    yield _BYTE_ORDER_MARK + str(writer.writerow(head))
    for row in rows:
        yield str(writer.writerow([neutral(value, form.decimal) for value in row]))


def response(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """An answer that a browser saves as `name`, written for whoever asked."""
    answer = StreamingHttpResponse(lines(head, rows, dialect()), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer
