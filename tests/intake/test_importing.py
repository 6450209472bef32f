"""How a file is read and posted batch by batch, by a ledger of the tests' own; the real one is in tests/journeys."""

import csv
import io
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice

import pytest

from ostatok.intake.importing import SHOWN, Summary, run
from ostatok.intake.lines import Lines
from ostatok.intake.refused_rows import RefusedRows
from ostatok.intake.table import Columns, Row, Table, UnreadRow
from ostatok.ledger.entries import Reason, Refusal, RefusedError
from tests.intake.reading import COLUMNS, rows


@dataclass(frozen=True)
class Outcome:
    posted: int
    duplicates: int = 0
    refused: Sequence[Refusal] = ()
    notices: int = 0
    deliveries: int = 0


@dataclass
class Ledger:
    """Posts each account once, and refuses those whose amount is `broke`."""

    accounts: list[str] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)

    def __call__(self, new: Sequence[Row]) -> Outcome:
        good = [row for row in new if row.values[1] != "broke"]
        fresh = [row.values[0] for row in good if row.values[0] not in self.accounts]
        self.accounts += fresh
        self.batches.append(len(new))
        refused = [_refusal(row) for row in new if row.values[1] == "broke"]
        return Outcome(posted=len(fresh), duplicates=len(good) - len(fresh), refused=refused, notices=1)


def _refusal(row: Row) -> Refusal:
    return Refusal(position=row.line, ref=row.values[2], reason=Reason.CONFLICT, message="broke")


@dataclass(frozen=True)
class Reader:
    columns: Columns = COLUMNS

    def __call__(self, row: Row) -> Row:
        if row.values[1] == "bad":
            raise RefusedError(Reason.BAD_AMOUNT, "bad")
        return row


@dataclass
class Observer:
    stop_after: int | None = None
    seen: list[tuple[int, int]] = field(default_factory=list)
    bad: list[tuple[Row | None, Refusal]] = field(default_factory=list)

    def refused(self, row: Row | None, refusal: Refusal) -> None:
        self.bad.append((row, refusal))

    def advanced(self, summary: Summary, bytes_read: int) -> None:
        self.seen.append((summary.last_line, bytes_read))

    def stopping(self) -> bool:
        return self.stop_after is not None and len(self.seen) >= self.stop_after


def file(*amounts: str) -> bytes:
    return b"account,amount,ref\n" + b"".join(f"{n},{amount},r{n}\n".encode() for n, amount in enumerate(amounts))


def import_(content: bytes, observer: Observer, *, batch: int = 3, ledger: Ledger | None = None) -> Summary:
    table = Table(Lines(io.BytesIO(content), "utf-8"), COLUMNS)
    return run(table, Reader(), ledger or Ledger(), observer, batch=batch)


def test_a_file_is_posted_in_batches_in_its_order() -> None:
    ledger = Ledger()

    summary = import_(file(*"1234567"), Observer(), ledger=ledger)

    assert ledger.batches == [3, 3, 1]
    assert ledger.accounts == list("0123456")
    assert (summary.posted, summary.notices, summary.last_line, summary.complete) == (7, 3, 8, True)


def test_refusals_of_the_reader_the_table_and_the_ledger_come_in_the_order_of_lines() -> None:
    content = file("broke", "bad", "1") + b"too,few\n" + file("1", "bad").partition(b"\n")[2]
    observer = Observer()

    summary = import_(content, observer, batch=10)

    assert [(bad.position, bad.reason) for bad in summary.refusals] == [
        (2, Reason.CONFLICT),
        (3, Reason.BAD_AMOUNT),
        (5, Reason.BAD_ROW),
        (7, Reason.BAD_AMOUNT),
    ]
    assert [row.values[2] if row else None for row, _ in observer.bad] == ["r0", "r1", None, "r1"]
    assert summary.refused == 4
    assert summary.posted + summary.duplicates == 2


def test_only_the_first_refusals_are_kept_and_all_are_counted_and_told() -> None:
    observer = Observer()

    summary = import_(file(*["bad"] * (SHOWN + 20)), observer, batch=50)

    assert len(summary.refusals) == SHOWN
    assert summary.refused == len(observer.bad) == SHOWN + 20


def test_a_stop_lets_the_batch_in_hand_be_posted_and_no_other() -> None:
    ledger = Ledger()

    summary = import_(file(*"1234567"), Observer(stop_after=1), ledger=ledger)

    assert ledger.batches == [3]
    assert (summary.posted, summary.last_line, summary.complete) == (3, 4, False)


def test_a_stop_after_the_last_batch_leaves_the_import_complete() -> None:
    assert import_(file(*"123"), Observer(stop_after=1)).complete


def test_progress_reaches_the_size_of_the_file() -> None:
    content = file(*"1234567")
    observer = Observer()

    import_(content, observer)

    assert observer.seen[-1] == (8, len(content))


def test_an_error_in_reading_ends_the_import_where_it_occurs() -> None:
    class Broken(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 30:
                raise OSError("the disk is gone")
            return super().readline(size)

    table = Table(Lines(Broken(file(*"1" * 50)), "utf-8"), COLUMNS)

    with pytest.raises(OSError, match="the disk is gone"):
        run(table, Reader(), Ledger(), Observer(), batch=3)


class Rows(io.RawIOBase):
    """A file of so many rows that exists nowhere as a whole."""

    def __init__(self, size: int, memo: str) -> None:
        self._rows: Iterator[int] = islice(count(), size)
        self._memo = memo.encode()
        self._begun = False

    def readline(self, size: int | None = -1, /) -> bytes:
        if not self._begun:
            self._begun = True
            return b"account,amount,ref,memo\n"
        row = next(self._rows, None)
        return b"" if row is None else b"%d,bad,r%d,%b\n" % (row, row, self._memo)


@pytest.mark.parametrize(
    ("size", "memo", "most"), [(20_000, "", 4), (1_000, "x" * 60_000, 40)], ids=["many rows", "long rows"]
)
def test_memory_does_not_grow_with_the_file(size: int, memo: str, most: int) -> None:
    """`most` megabytes are enough; all rows at once would take several times that."""
    table = Table(Lines(Rows(size, memo), "utf-8"), COLUMNS)

    tracemalloc.start()
    summary = run(table, Reader(), Ledger(), _Forgetful(), batch=1_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert summary.refused == size
    assert peak < most * 1_000_000


class _Forgetful(Observer):
    def refused(self, row: Row | None, refusal: Refusal) -> None:
        pass


def test_refused_rows_can_be_corrected_and_imported_as_they_are() -> None:
    written = io.StringIO()
    refused = RefusedRows(written, COLUMNS)

    refused.write(
        Row(17, ["1", "2", "r", 'ООО "Ромашка", этаж 2']),
        Refusal(position=17, ref="r", reason=Reason.CONFLICT, message="no"),
    )
    unread = UnreadRow(position=18, ref="", reason=Reason.BAD_ROW, message="3 columns", text="3,4,s")
    refused.write(None, unread)

    assert rows(written.getvalue().encode()) == {2: ["1", "2", "r", 'ООО "Ромашка", этаж 2'], 3: ["", "", "", ""]}
    remarks = [line[-4:] for line in csv.reader(written.getvalue().splitlines())]
    assert remarks[1:] == [["17", "conflict", "no", ""], ["18", "bad_row", "3 columns", "3,4,s"]]


def test_refused_rows_of_a_file_with_semicolons_are_written_so() -> None:
    written = io.StringIO()
    refused = RefusedRows(written, COLUMNS, ";")

    refused.write(
        Row(17, ["1,5", "2.50", "r.5", ""]), Refusal(position=17, ref="r", reason=Reason.CONFLICT, message="no")
    )

    assert written.getvalue().splitlines()[1] == "1,5;2,50;r.5;;17;conflict;no;"
    assert rows(written.getvalue().encode()) == {2: ["1,5", "2.50", "r.5", ""]}
