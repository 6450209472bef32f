"""Posting: entries become part of the ledger, set by set (post.sql, DESIGN §5).

`cut` makes sub-batches in which no row can refer to another, `write` posts one of them within the
caller's transaction and leaves what moved in the temporary tables `touched` and `look`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from operator import attrgetter

from django.db.backends.utils import CursorWrapper

from ostatok.kernel import sql, units
from ostatok.ledger.entries import KnownService, Reason, Refusal, Staged
from ostatok.ledger.models import EntryKind

BATCH = 10_000

_Context = dict[str, int | datetime]
#: The entry that has a row's ref: account, service, kind, amount in base units, time, unit.
_Other = tuple[str, str, int, Decimal, datetime, str]

_OPENING = int(EntryKind.OPENING)
_DEPENDENT = frozenset(map(int, (EntryKind.REVERSAL, EntryKind.OPENING)))

_SQL = sql.load("ostatok.ledger", "post.sql")
_STAGE = (
    "copy stage (pos, number, service_id, kind, amount, occurred_at, ref, reverses, memo, mark, mark_at) from stdin"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What became of one sub-batch: counts, each refusal with its reason, and how many `look` rows need the rules."""

    looks: int
    posted: int
    duplicates: int
    refused: tuple[Refusal, ...]


@dataclass(slots=True)
class SubBatch:
    """Rows none of which refers to another; `repeats` are exact copies of a row of the sub-batch."""

    rows: list[Staged] = field(default_factory=list)
    repeats: list[tuple[Staged, Staged]] = field(default_factory=list)
    _by_ref: dict[str, Staged] = field(default_factory=dict)
    _reversed: set[str] = field(default_factory=set)
    _balances: set[tuple[str, int]] = field(default_factory=set)

    def takes(self, row: Staged) -> bool:
        """Add the row unless it depends on a row already here; then the sub-batch is complete."""
        same_ref = self._by_ref.get(row.ref)
        if same_ref is not None:
            return self._takes_repeat(row, same_ref)
        if len(self.rows) >= BATCH or self._depends(row):
            return False
        self._add(row)
        return True

    def _takes_repeat(self, row: Staged, same_ref: Staged) -> bool:
        if row.reverses is not None or same_ref.content() != row.content():
            return False
        self.repeats.append((row, same_ref))
        return True

    def _depends(self, row: Staged) -> bool:
        if row.reverses is not None and (row.reverses in self._by_ref or row.reverses in self._reversed):
            return True
        return int(row.kind) == _OPENING and (row.account, row.service_id) in self._balances

    @property
    def depends_on_earlier(self) -> bool:
        """Whether some row has to be compared with what was posted before: a reversal, an opening."""
        return any(int(row.kind) in _DEPENDENT for row in self.rows)

    def _add(self, row: Staged) -> None:
        self.rows.append(row)
        self._by_ref[row.ref] = row
        self._balances.add((row.account, row.service_id))
        if row.reverses is not None:
            self._reversed.add(row.reverses)


def cut(rows: Iterable[Staged]) -> Iterator[SubBatch]:
    """Cut rows, in order, into sub-batches of at most BATCH; the notices do not depend on where."""
    batch = SubBatch()
    for row in rows:
        if not batch.takes(row):
            yield batch
            batch = SubBatch()
            batch.takes(row)
    if batch.rows:
        yield batch


def services_of(cursor: CursorWrapper, organization_id: int) -> Mapping[str, KnownService]:
    """The services that accounts of the organization may have, by code: its own before those above it."""
    cursor.execute(_SQL["services"], {"organization": organization_id})
    known: dict[str, KnownService] = {}
    for code, id_, unit, rearm_from in cursor.fetchall():
        known.setdefault(code, KnownService(id=id_, unit=unit, rearm_from=rearm_from))
    return known


def prepare(cursor: CursorWrapper) -> None:
    """Make this connection's temporary tables; whoever uses them finds them emptied (pipeline)."""
    cursor.execute(_SQL["prepare"])


def write(
    cursor: CursorWrapper, *, organization_id: int, batch: SubBatch, now: datetime, careful: bool = False
) -> Written:
    """Post one sub-batch. Raises IntegrityError or OperationalError where it met entries posted before or a
    concurrent posting: try again, carefully.
    """
    _copy(cursor, batch.rows)
    if careful or batch.depends_on_earlier:
        staged = write_staged(cursor, organization_id=organization_id, now=now)
    else:
        staged = _write_new(cursor, organization_id, batch, now)
    known = staged.posted + staged.duplicates
    refused = {} if known == len(batch.rows) else _refusals(cursor, organization_id, batch)
    return _with_repeats(staged, refused, batch)


def write_staged(cursor: CursorWrapper, *, organization_id: int, now: datetime) -> Written:
    """Post what is in `stage` the careful way, counting only; see `write`."""
    context: _Context = {"organization": organization_id, "now": now}
    for step in ("resolve", "move_balances", "insert_entries", "open_epochs", "close_epochs"):
        cursor.execute(_SQL[step], context)
    looks = _look(cursor, context)
    cursor.execute(_SQL["count"])
    posted, duplicates = cursor.fetchone()
    return Written(looks=looks, posted=posted, duplicates=duplicates, refused=())


def _write_new(cursor: CursorWrapper, organization_id: int, batch: SubBatch, now: datetime) -> Written:
    context: _Context = {"organization": organization_id, "now": now}
    cursor.execute(_SQL["post_new"], context)
    (posted,) = cursor.fetchone()
    if posted < len(batch.rows):
        cursor.execute(_SQL["find_unknown"], context)
    cursor.execute(_SQL["open_epochs"], context)
    return Written(looks=_look(cursor, context), posted=posted, duplicates=0, refused=())


def _look(cursor: CursorWrapper, context: _Context) -> int:
    cursor.execute(_SQL["turn_epochs"], context)
    cursor.execute(_SQL["look_at_entries"], context)
    return int(cursor.rowcount)


def settle(cursor: CursorWrapper) -> None:
    """Write the epochs and tripwires of the balances that met the rules, once these have left theirs in `tripwire`."""
    cursor.execute(_SQL["settle"])


def _with_repeats(staged: Written, refused: Mapping[int, Refusal], batch: SubBatch) -> Written:
    """A copy shares the fate of its original: posted once makes it a duplicate, refused refuses it too."""
    again = [
        Refusal(position=copy.position, ref=copy.ref, reason=why.reason, message=why.message)
        for copy, original in batch.repeats
        if (why := refused.get(original.position)) is not None
    ]
    return Written(
        looks=staged.looks,
        posted=staged.posted,
        duplicates=staged.duplicates + len(batch.repeats) - len(again),
        refused=tuple(sorted((*refused.values(), *again), key=lambda refusal: refusal.position)),
    )


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NULL = "\\N"


def _copy(cursor: CursorWrapper, rows: Sequence[Staged]) -> None:
    with cursor.copy(_STAGE) as copy:
        copy.write("".join(map(_line, sorted(rows, key=_BY_ACCOUNT))))


#: Looked up in the order of the index, neighbours share its pages; `pos` keeps the order of posting.
_BY_ACCOUNT = attrgetter("account")


def _line(row: Staged) -> str:
    """One line of COPY's text format. Written out because it runs for every entry."""
    return "\t".join(
        (
            str(row.position),
            _text(row.account),
            str(row.service_id),
            str(int(row.kind)),
            _NULL if row.amount is None else format(row.amount, "f"),
            row.occurred_at.isoformat(),
            _text(row.ref),
            _NULL if row.reverses is None else _text(row.reverses),
            _text(row.memo) if row.memo else "",
            _NULL if row.mark is None else format(row.mark, "f"),
            f"{_NULL if row.mark_at is None else row.mark_at.isoformat()}\n",
        )
    )


def _text(value: str) -> str:
    return value if value.isalnum() else value.translate(_ESCAPES)


def _refusals(cursor: CursorWrapper, organization_id: int, batch: SubBatch) -> dict[int, Refusal]:
    cursor.execute(_SQL["refused"], {"organization": organization_id})
    found = cursor.fetchall()
    rows = {row.position: row for row in batch.rows}
    missing = [rows[pos].account for pos, verdict, *_ in found if verdict == "unknown_balance"]
    cursor.execute(_SQL["which_balances_exist"], {"organization": organization_id, "numbers": missing})
    accounts = {number for (number,) in cursor.fetchall()}
    return {pos: _refusal(rows[pos], verdict, clash, accounts, other) for pos, verdict, _, clash, *other in found}


def _refusal(row: Staged, verdict: str, clash: str, accounts: set[str], other: _Other) -> Refusal:
    reason, message = _explain(row, verdict, clash, accounts, other)
    return Refusal(position=row.position, ref=row.ref, reason=reason, message=message)


def _explain(row: Staged, verdict: str, clash: str, accounts: set[str], other: _Other) -> tuple[Reason, str]:
    if verdict == "unknown_balance":
        if row.account not in accounts:
            return Reason.UNKNOWN_ACCOUNT, f"there is no account {row.account!r} in this organization"
        return Reason.NO_SUCH_BALANCE, f"account {row.account} does not have the service {row.service}"
    if verdict == "conflict":
        return Reason.CONFLICT, _conflict(row, other)
    return Reason(verdict), _SIMPLE[verdict].format(ref=row.ref, reverses=row.reverses, clash=clash)


def _conflict(row: Staged, other: _Other) -> str:
    number, service, kind, amount, occurred_at, unit = other
    was = f"{EntryKind(kind).label} of {units.from_base(abs(amount), unit).normalize():f} {unit}"
    stated = "" if row.amount is None else f" of {units.from_base(abs(row.amount), unit).normalize():f} {unit}"
    return (
        f"ref {row.ref} is already a {was} on account {number}, service {service}, at {occurred_at.isoformat()};"
        f" this one is a {row.kind.label}{stated} on account {row.account}, service {row.service},"
        f" at {row.occurred_at.isoformat()}"
    )


_SIMPLE = {
    "opening_not_first": "an opening must be the first entry of its balance",
    "reverses_unknown": "there is no entry {reverses} to reverse",
    "reverses_reversal": "{reverses} is itself a reversal: post the entry anew instead",
    "reverses_elsewhere": "{reverses} is an entry of another account or service",
    "reverses_other_amount": "a reversal takes the whole amount of {reverses}",
    "already_reversed": "{reverses} was already reversed by {clash}",
}
