"""Reading a file from bytes, as tests write it."""

import io

from ostatok.intake.lines import Lines
from ostatok.intake.table import Columns, Row, Table
from ostatok.ledger.entries import Refusal

COLUMNS = Columns(required=("account", "amount", "ref"), optional=("memo",), amounts=("amount",))


def table(content: bytes, encoding: str = "utf-8") -> Table:
    return Table(Lines(io.BytesIO(content), encoding), COLUMNS)


def rows(content: bytes, encoding: str = "utf-8") -> dict[int, list[str]]:
    """The good rows, by line."""
    return {row.line: list(row.values) for row in table(content, encoding) if isinstance(row, Row)}


def refusals(content: bytes, encoding: str = "utf-8") -> dict[int, str]:
    """What is said about the bad rows, by line."""
    return {bad.position: bad.message for bad in table(content, encoding) if isinstance(bad, Refusal)}
