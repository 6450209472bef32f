"""Lists as CSV: streamed, readable by spreadsheets, and unable to make them calculate."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final
from urllib.parse import quote

from django.http import StreamingHttpResponse

#: A cell that begins so is a formula to a spreadsheet; an apostrophe before it makes it text (OWASP, CSV injection).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BYTE_ORDER_MARK: Final = "\ufeff"


class _Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def neutral(value: object) -> str:
    """A cell's text; what a spreadsheet would take for a formula is marked as text. Numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, int | Decimal):
        return str(value)
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of the file."""
    writer = csv.writer(_Line())
    yield _BYTE_ORDER_MARK + str(writer.writerow(head))
    for row in rows:
        yield str(writer.writerow([neutral(value) for value in row]))


def response(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """An answer that a browser saves as `name`."""
    answer = StreamingHttpResponse(lines(head, rows), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer
