"""Files handed over through a face: taken in, kept in pieces, posted by a worker, followed, cancelled.

What was taken in is dealt with whatever happens to the worker: another goes on behind the last batch that was noted.
A batch that was posted but not noted is found as duplicates.
"""

import codecs
import io
import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import IO, Any, Final, Protocol
from zoneinfo import ZoneInfo

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from ostatok.intake import importing
from ostatok.intake.balance_file import COLUMNS as BALANCE_COLUMNS
from ostatok.intake.balance_file import BalanceReader
from ostatok.intake.entry_file import COLUMNS as ENTRY_COLUMNS
from ostatok.intake.entry_file import EntryReader
from ostatok.intake.importing import Posted, Summary
from ostatok.intake.lines import EncodingError, Lines
from ostatok.intake.models import Import, ImportChunk, ImportKind, ImportRefusal, ImportState
from ostatok.intake.table import Columns, HeaderError, Row, Table, UnreadRow
from ostatok.kernel import logs
from ostatok.kernel.errors import OstatokError
from ostatok.ledger.entries import Refusal
from ostatok.parties import audit, wall
from ostatok.parties.access import Actor
from ostatok.parties.models import Organization

_log = logging.getLogger(__name__)

#: The largest file that is taken in, in bytes.
LIMIT: Final = 64 * 1024 * 1024
ENCODINGS: Final = ("utf-8", "cp1251", "cp1250")
TASK: Final = "ostatok:import"

_CHUNK: Final = 1024 * 1024
_BATCH: Final = 5_000
_PROBED: Final = 64 * 1024
# The advisory locks of imports at work, apart from all others of the database: the letters of "file".
_SPACE: Final = int.from_bytes(b"file", "big")

_UNFINISHED: Final = (ImportState.WAITING, ImportState.RUNNING)

_COLUMNS: Final = {ImportKind.ENTRIES: ENTRY_COLUMNS, ImportKind.BALANCES: BALANCE_COLUMNS}
#: What files that are no text begin with.
_MAGIC: Final = (
    (b"PK\x03\x04", "it is a spreadsheet or an archive: save it as CSV"),
    (b"\xd0\xcf\x11\xe0", "it is an old spreadsheet: save it as CSV"),
    (b"%PDF", "it is a PDF: a CSV file is needed"),
    (b"\x1f\x8b", "it is compressed: unpack it first"),
    (codecs.BOM_UTF16_LE, "it is UTF-16: save it as UTF-8"),
    (codecs.BOM_UTF16_BE, "it is UTF-16: save it as UTF-8"),
)


class UploadRefused(OstatokError):
    """The file is not one that can be imported; nothing of it was kept."""


class File(Protocol):
    """What a face hands over: a binary file that can be read from the beginning."""

    def read(self, size: int = -1, /) -> bytes: ...
    def seek(self, offset: int, /) -> object: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Posting:
    """What posts for an organization by its id: entries, and balances as another billing has them. `finish` follows."""

    entries: Callable[[int, Sequence[Any]], Posted]
    balances: Callable[[int, Sequence[Any]], Posted]
    finish: Callable[[datetime], object]


def columns(kind: str) -> Columns:
    """The columns of a kind of file."""
    return _COLUMNS[ImportKind(kind)]


def accept(
    actor: Actor,
    organization: Organization,
    *,
    kind: str,
    name: str,
    file: File,
    encoding: str,
    now: datetime,
    origin: str,
) -> Import:
    """Take a file in and have a worker post it, in one transaction. Raises UploadRefused with what is wrong with it.

    The caller has checked that the actor may post entries of the organization.
    """
    _refuse_what_is_no_table(file, kind, encoding)
    file.seek(0)
    with wall.lowered(), transaction.atomic():
        new = Import(organization=organization, kind=kind, file_name=_plain_name(name), encoding=encoding, size=1)
        new.created_by, new.created_at = actor.name[:254], now
        new.save()
        new.size = _keep(new, file)
        new.save(update_fields=["size"])
        changes: audit.Changes = {"file": (None, new.file_name), "kind": (None, kind), "size": (None, new.size)}
        audit.record(actor, "import.uploaded", f"import {new.pk}", organization, changes, origin, now)
        enqueue(new.pk)
    return new


def enqueue(import_id: int) -> None:
    """Have a worker post it, unless that was asked already. With the caller's transaction."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(TASK, queueing_lock=f"import:{import_id}").defer(import_id=import_id)


def cancel(actor: Actor, one: Import, *, now: datetime, origin: str) -> None:
    """Stop before the next batch; what was posted stays. The caller has checked that the actor may."""
    with wall.lowered(), transaction.atomic():
        asked = Import.objects.filter(pk=one.pk, state__in=_UNFINISHED)
        if asked.filter(cancel_asked=False).update(cancel_asked=True):
            audit.record(actor, "import.cancelled", f"import {one.pk}", one.organization, {}, origin, now)
        _end(Import.objects.filter(pk=one.pk, state=ImportState.WAITING), ImportState.CANCELLED, now)


def run(import_id: int, posting: Posting, *, clock: Callable[[], datetime], stopping: Callable[[], bool]) -> None:
    """Post what is left of a file, unless another worker is at it. `stopping`: the worker ends, another will go on."""
    with _taken(import_id) as is_ours:
        one = Import.objects.select_related("organization").filter(pk=import_id, state__in=_UNFINISHED).first()
        if is_ours and one is not None:
            _run(one, posting, clock, stopping)


def unfinished(*, before: datetime) -> list[int]:
    """Imports handed over before a moment that are not over: their worker may be gone."""
    rows = Import.objects.filter(state__in=_UNFINISHED, created_at__lt=before)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def forget_refused_rows(*, before: datetime) -> int:
    """Delete the refused rows of imports that were over before a moment; returns how many. Their number stays."""
    deleted, _ = ImportRefusal.objects.filter(of__finished_at__lt=before).delete()
    return deleted


def _refuse_what_is_no_table(file: File, kind: str, encoding: str) -> None:
    """By what is in it: what a file is called says nothing."""
    file.seek(0)
    head = file.read(_PROBED)
    if not head:
        raise UploadRefused("The file is empty.")
    for magic, advice in _MAGIC:
        if head.startswith(magic):
            raise UploadRefused(f"This file cannot be read: {advice}.")
    if b"\0" in head:
        raise UploadRefused("This file cannot be read: it is no text, a CSV file is needed.")
    try:
        Table(Lines(io.BytesIO(head), encoding), columns(kind))
    except (HeaderError, EncodingError) as error:
        raise UploadRefused(str(error)) from None


def _plain_name(name: str) -> str:
    """Without the directories of whoever sent it, and without controls."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in last if char.isprintable())[:250] or "file.csv"


def _keep(new: Import, file: File) -> int:
    """Store the file in pieces; returns its size."""
    size, number = 0, 0
    while content := file.read(_CHUNK):
        size += len(content)
        if size > LIMIT:
            raise UploadRefused(f"The file is larger than {LIMIT // 1024 // 1024} MB: split it.")
        ImportChunk.objects.create(of=new, number=number, content=content)
        number += 1
    return size


@contextmanager
def _taken(import_id: int) -> Iterator[bool]:
    """Whether nobody else is at it; the lock ends with this connection, however that ends."""
    key = [_SPACE, import_id % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", key)
        [is_ours] = cursor.fetchone()
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s, %s)", key)


def _run(one: Import, posting: Posting, clock: Callable[[], datetime], stopping: Callable[[], bool]) -> None:
    rows = Import.objects.filter(pk=one.pk)
    rows.filter(started_at=None).update(started_at=clock())
    if not rows.filter(state__in=_UNFINISHED).update(state=ImportState.RUNNING):
        return  # cancelled at this moment: its file is gone
    follower = _Follower(one, stopping)
    try:
        complete = _import(one, posting, follower).complete
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 (whatever it is, it would come again: it is told, and not tried for ever)
        logs.failure(_log, logging.ERROR, "import failed", imported=one.pk)
        rows.update(error=str(error) if isinstance(error, OstatokError) else "")
        _end(rows, ImportState.FAILED, clock())
        return
    posting.finish(clock())
    if complete or follower.cancelled:
        _end(rows, ImportState.DONE if complete else ImportState.CANCELLED, clock())


def _end(rows: Any, state: ImportState, at: datetime) -> None:
    """The import is over: its file is not needed any more."""
    with transaction.atomic():
        ended = list(rows.select_for_update().values_list("pk", flat=True))
        rows.update(state=state, finished_at=at)
        ImportChunk.objects.filter(of__in=ended).delete()


def _import(one: Import, posting: Posting, follower: "_Follower") -> Summary:
    zone, organization = ZoneInfo(one.organization.timezone), one.organization_id
    with tempfile.TemporaryFile() as file:
        _bring_back(one, file)
        table = Table(Lines(file, one.encoding), columns(one.kind))
        rest = _Rest(table, one.last_line)
        if one.kind == ImportKind.BALANCES:
            balances = partial(posting.balances, organization)
            return importing.run(rest, BalanceReader(zone), balances, follower, batch=_BATCH)
        entries = partial(posting.entries, organization)
        return importing.run(rest, EntryReader(zone), entries, follower, batch=_BATCH)


def _bring_back(one: Import, file: IO[bytes]) -> None:
    """Rows are read in a thread of their own, which has no business with the database."""
    pieces = ImportChunk.objects.filter(of=one).order_by("number")
    for content in pieces.values_list("content", flat=True).iterator(chunk_size=1):
        file.write(content)
    file.seek(0)


class _Rest:
    """The rows of a table behind the line that was dealt with already."""

    def __init__(self, table: Table, last_line: int) -> None:
        self._table = table
        self._last_line = last_line

    @property
    def bytes_read(self) -> int:
        return self._table.bytes_read

    def __iter__(self) -> Iterator[Row | Refusal]:
        for item in self._table:
            line = item.line if isinstance(item, Row) else item.position
            if line > self._last_line:
                yield item


class _Follower:
    """Writes down how far an import is, batch by batch, so that it can be seen, stopped and taken up again."""

    def __init__(self, one: Import, stopping: Callable[[], bool]) -> None:
        self.cancelled = False
        self._import = one
        self._stopping = stopping
        self._refusals: list[ImportRefusal] = []
        self._told = Summary()

    def refused(self, row: Row | None, refusal: Refusal) -> None:
        self._refusals.append(
            ImportRefusal(
                of=self._import,
                line=refusal.position,
                values=list(row.values) if row else [],
                text=refusal.text if isinstance(refusal, UnreadRow) else "",
                reason=refusal.reason,
                message=refusal.message,
            )
        )

    def advanced(self, summary: Summary, bytes_read: int) -> None:
        with transaction.atomic():
            ImportRefusal.objects.bulk_create(self._refusals, ignore_conflicts=True, batch_size=1_000)
            grown = {
                name: F(name) + getattr(summary, name) - getattr(self._told, name)
                for name in ("posted", "duplicates", "refused", "notices", "deliveries")
            }
            Import.objects.filter(pk=self._import.pk).update(
                last_line=summary.last_line, bytes_read=bytes_read, **grown
            )
        self._refusals = []
        self._told = Summary(
            posted=summary.posted,
            duplicates=summary.duplicates,
            refused=summary.refused,
            notices=summary.notices,
            deliveries=summary.deliveries,
        )

    def stopping(self) -> bool:
        self.cancelled = Import.objects.filter(pk=self._import.pk, cancel_asked=True).exists()
        return self.cancelled or self._stopping()
