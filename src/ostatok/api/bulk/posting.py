"""From a body to the ledger: batch after batch, and an account of what was refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ostatok.api.bulk.bodies import Body, Form
from ostatok.api.bulk.described import TOLD, RefusalTold
from ostatok.api.bulk.json_rows import JsonLines, Objects, array
from ostatok.api.problems import Kind, Refused
from ostatok.intake import importing
from ostatok.intake.importing import Posted, Reader, Summary
from ostatok.intake.lines import EncodingError, Lines
from ostatok.intake.table import HeaderError, Row, Table
from ostatok.ledger.entries import Refusal, RefusedError

T = TypeVar("T")
Post = Callable[[Sequence[T]], Posted]


@dataclass(slots=True)
class Told:
    """What became of a body so far. It follows an import, and keeps the first refusals."""

    by_index: bool
    posted: int = 0
    duplicates: int = 0
    refused: int = 0
    notices: int = 0
    deliveries: int = 0
    refusals: list[RefusalTold] = field(default_factory=list)

    def add(self, outcome: Posted) -> None:
        """Count what was posted of a batch."""
        self.posted += outcome.posted
        self.duplicates += outcome.duplicates
        self.notices += outcome.notices
        self.deliveries += outcome.deliveries

    def refuse(self, refusal: Refusal) -> None:
        """Count a refusal, and keep it while there are few."""
        self.refused += 1
        if len(self.refusals) < TOLD:
            self.refusals.append(self._told(refusal))

    def as_fields(self) -> dict[str, Any]:
        """As the answer has it."""
        return {
            "posted": self.posted,
            "duplicates": self.duplicates,
            "refused": self.refused,
            "refusals": self.refusals,
            "refusals_left_out": self.refused - len(self.refusals),
            "notices": self.notices,
            "deliveries": self.deliveries,
        }

    def _told(self, refusal: Refusal) -> RefusalTold:
        return RefusalTold(
            index=refusal.position if self.by_index else None,
            line=None if self.by_index else refusal.position,
            ref=refusal.ref,
            reason=refusal.reason,
            message=refusal.message,
        )


@dataclass(frozen=True, slots=True)
class _Follower:
    """Tells of an import while it runs."""

    told: Told

    def refused(self, _row: Row | None, refusal: Refusal) -> None:
        self.told.refuse(refusal)

    def advanced(self, summary: Summary, _bytes_read: int) -> None:
        for name in ("posted", "duplicates", "notices", "deliveries"):
            setattr(self.told, name, getattr(summary, name))

    def stopping(self) -> bool:
        return False


def run(body: Body, reader: Reader[T], post: Post[T], told: Told) -> None:
    """Post what a body holds, and tell of it. Raises Refused where the body as a whole cannot be read."""
    if body.form is Form.ARRAY:
        _post_array(array(body.stream.read()), reader, post, told)
        return
    try:
        importing.run(_rows(body, reader), reader, post, _Follower(told))
    except (HeaderError, EncodingError) as error:
        raise Refused(Kind.MALFORMED, f"{error}.") from None


def _rows(body: Body, reader: Reader[Any]) -> importing.Rows:
    lines = Lines(body.stream, body.encoding)
    return Table(lines, reader.columns) if body.form is Form.CSV else JsonLines(lines, reader.columns)


def _post_array(items: Sequence[Any], reader: Reader[T], post: Post[T], told: Told) -> None:
    """One go, for the small posts that a billing makes at each event."""
    objects = Objects(reader.columns)
    new: list[T] = []
    refused: list[Refusal] = []
    for index, item in enumerate(items):
        row = objects.row(index, item)
        if isinstance(row, Refusal):
            refused.append(row)
            continue
        try:
            new.append(reader(row))
        except RefusedError as error:
            refused.append(importing.refusal(row, reader.columns, error))
    if new:
        outcome = post(new)
        told.add(outcome)
        refused.extend(outcome.refused)
    for refusal in sorted(refused, key=lambda each: each.position):
        told.refuse(refusal)
