"""JSON objects as the rows of a file: the same columns, the same readers, the same refusals."""

import json
from collections.abc import Iterator
from typing import Any, Final

from ostatok.api.parsing import broken
from ostatok.intake.description.problems import did_you_mean
from ostatok.intake.lines import Lines
from ostatok.intake.table import Columns, Row
from ostatok.ledger.entries import Reason, Refusal


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


#: Numbers are kept as they are written, as the cells of a CSV file are.
_DECODER: Final = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_no_number)


class Objects:
    """Makes rows of objects whose keys are the names of columns."""

    def __init__(self, columns: Columns) -> None:
        self._names = columns.all
        self._known = frozenset(columns.all)

    def row(self, position: int, value: Any) -> Row | Refusal:
        """The row that an object states, or why it states none."""
        if not isinstance(value, dict):
            return _refused(position, "this must be an object: {" + ", ".join(map(json.dumps, self._names)) + "}")
        if not value.keys() <= self._known:
            return _refused(position, self._unknown(value))
        cells = ["" if (cell := value.get(name)) is None else cell for name in self._names]
        for name, cell in zip(self._names, cells, strict=True):
            if not isinstance(cell, str):
                return _refused(position, f"{name}: must be text or a number")
        if not _are_characters(cells):
            return _refused(position, "an escape is half of a surrogate pair")
        return Row(position, cells)

    def _unknown(self, value: dict[str, Any]) -> str:
        key = min(value.keys() - self._known)
        free = [name for name in self._names if name not in value]
        return f"unknown key {key[:40]!a}{did_you_mean(key, free)}"


class JsonLines:
    """The rows of a body with one object a line; empty lines are passed over."""

    def __init__(self, lines: Lines, columns: Columns) -> None:
        self._lines = lines
        self._objects = Objects(columns)

    @property
    def bytes_read(self) -> int:
        return self._lines.bytes_read

    def __iter__(self) -> Iterator[Row | Refusal]:
        for line in self._lines:
            if line.complaint:
                yield _refused(line.number, line.complaint)
            elif line.text.strip():
                yield self._row(line.number, line.text)

    def _row(self, number: int, text: str) -> Row | Refusal:
        try:
            value = _DECODER.decode(text)
        except json.JSONDecodeError as error:
            return _refused(number, f"this is not JSON, see column {error.colno}: {error.msg}")
        except (ValueError, RecursionError) as error:
            return _refused(number, f"this is not JSON: {error}")
        return self._objects.row(number, value)


def array(body: bytes) -> list[Any]:
    """The items of a JSON array. Raises Refused with the place where it is broken."""
    try:
        items = _DECODER.decode(body.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise broken(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except UnicodeDecodeError as error:
        raise broken(f"byte {error.start + 1}: this is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise broken(str(error)) from None
    if not isinstance(items, list):
        raise broken("it must be an array, with one object an entry")
    return items


def _are_characters(cells: list[str]) -> bool:
    """Whether a database can keep them: half of a surrogate pair is no character."""
    text = "".join(cells)
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _refused(position: int, message: str) -> Refusal:
    return Refusal(position=position, ref="", reason=Reason.BAD_ROW, message=message)
