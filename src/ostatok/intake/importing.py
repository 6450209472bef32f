"""A file goes in: read in batches, each posted in one go, while the next one is being read.

What posts is given by the caller, and is called at one place. A batch that was posted stays posted: whatever ends an
import, doing it again posts the rest and finds what was there as duplicates.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol, TypeVar

from ostatok.intake.table import Columns, Row
from ostatok.ledger.entries import Refusal, RefusedError

BATCH: Final = 10_000
#: So many refusals are kept to be shown; all of them go to the file of refused rows.
SHOWN: Final = 100
_LARGEST: Final = 8 * 1024 * 1024

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Rows(Protocol):
    """The rows of a file, however it is written; `bytes_read` grows as they are taken."""

    @property
    def bytes_read(self) -> int: ...

    def __iter__(self) -> Iterator[Row | Refusal]: ...


class Reader(Protocol[T_co]):
    """What makes something to be posted out of a row, or raises RefusedError."""

    @property
    def columns(self) -> Columns: ...

    def __call__(self, row: Row) -> T_co: ...


class Posted(Protocol):
    """What became of a batch; the position of a refusal is the row's line."""

    @property
    def posted(self) -> int: ...
    @property
    def duplicates(self) -> int: ...
    @property
    def refused(self) -> Sequence[Refusal]: ...
    @property
    def notices(self) -> int: ...
    @property
    def deliveries(self) -> int: ...


@dataclass(slots=True)
class Summary:
    """What an import did: rows by fate, the first refusals, the last line dealt with, whether it came to the end."""

    posted: int = 0
    duplicates: int = 0
    refused: int = 0
    notices: int = 0
    deliveries: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    last_line: int = 0
    complete: bool = False

    def add(self, outcome: Posted) -> None:
        """Count what was posted of a batch."""
        self.posted += outcome.posted
        self.duplicates += outcome.duplicates
        self.notices += outcome.notices
        self.deliveries += outcome.deliveries


class Observer(Protocol):
    """Who follows an import."""

    def refused(self, row: Row | None, refusal: Refusal) -> None:
        """A row was refused; it is None where the line could not be taken apart."""

    def advanced(self, summary: Summary, bytes_read: int) -> None:
        """A batch is done: `summary` says what happened so far, `bytes_read` how much of the file that was."""

    def stopping(self) -> bool:
        """Whether to stop before the next batch."""


@dataclass(slots=True)
class _Batch(Generic[T]):
    """So many rows of the file, read; `rows` are those to be posted, by line."""

    new: list[T] = field(default_factory=list)
    rows: dict[int, Row] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    last_line: int = 0
    bytes_read: int = 0


def run(
    table: Rows, reader: Reader[T], post: Callable[[Sequence[T]], Posted], observer: Observer, *, batch: int = BATCH
) -> Summary:
    """Post the rows of a table; a bad row is reported and does not stop the good ones."""
    summary = Summary()
    for read in _ahead(_batches(table, reader, batch)):
        if observer.stopping():
            return summary
        refused = read.refused
        if read.new:
            outcome = post(read.new)
            summary.add(outcome)
            refused = sorted([*refused, *outcome.refused], key=lambda refusal: refusal.position)
        for refusal in refused:
            observer.refused(read.rows.get(refusal.position), refusal)
        summary.refused += len(refused)
        summary.refusals.extend(refused[: SHOWN - len(summary.refusals)])
        summary.last_line = read.last_line
        observer.advanced(summary, read.bytes_read)
    summary.complete = True
    return summary


def _batches(table: Rows, reader: Reader[T], size: int) -> Iterator[_Batch[T]]:
    """Batches of `size` rows; fewer where rows are very long, so that a batch always fits into memory."""
    taken: list[Row | Refusal] = []
    begin = table.bytes_read
    for item in table:
        taken.append(item)
        if len(taken) >= size or table.bytes_read - begin > _LARGEST:
            yield _read(taken, reader, table.bytes_read)
            taken, begin = [], table.bytes_read
    if taken:
        yield _read(taken, reader, table.bytes_read)


def _read(taken: Sequence[Row | Refusal], reader: Reader[T], bytes_read: int) -> _Batch[T]:
    batch: _Batch[T] = _Batch(bytes_read=bytes_read)
    for item in taken:
        if isinstance(item, Refusal):
            batch.refused.append(item)
            batch.last_line = item.position
            continue
        batch.rows[item.line] = item
        batch.last_line = item.line
        try:
            batch.new.append(reader(item))
        except RefusedError as error:
            batch.refused.append(refusal(item, reader.columns, error))
    return batch


def refusal(row: Row, columns: Columns, error: RefusedError) -> Refusal:
    """The refusal of a row that a reader refused."""
    ref = dict(zip(columns.all, row.values, strict=True)).get("ref", "")
    return Refusal(position=row.line, ref=ref, reason=error.reason, message=str(error))


def _ahead(source: Iterator[T]) -> Iterator[T]:
    """Make the next item in a thread while the current one is dealt with."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="import") as thread:
        following = thread.submit(next, source, None)
        while (item := following.result()) is not None:
            following = thread.submit(next, source, None)
            yield item
