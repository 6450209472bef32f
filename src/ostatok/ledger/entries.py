"""Entries on their way in: what a caller states, and what the ledger refuses before it looks at the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from ostatok.kernel import units
from ostatok.kernel.errors import OstatokError
from ostatok.ledger.models import EntryKind

REF_LENGTH = 200
#: How the refs of entries begin that follow from stated balances (snapshots.sql).
OWN_REFS = ("snapshot:", "top-up:")
MEMO_LENGTH = 2000
FUTURE_TOLERANCE = timedelta(days=1)


class Reason(StrEnum):
    """Why an entry was refused. `MESSAGES` has each in words."""

    UNKNOWN_ACCOUNT = "unknown_account"
    UNKNOWN_SERVICE = "unknown_service"
    NO_SUCH_BALANCE = "no_such_balance"
    BAD_AMOUNT = "bad_amount"
    BAD_UNIT = "bad_unit"
    BAD_DATE = "bad_date"
    IN_FUTURE = "in_future"
    BAD_REF = "bad_ref"
    BAD_MEMO = "bad_memo"
    BAD_KIND = "bad_kind"
    BAD_ROW = "bad_row"
    CONFLICT = "conflict"
    REVERSES_MISSING = "reverses_missing"
    REVERSES_UNKNOWN = "reverses_unknown"
    REVERSES_REVERSAL = "reverses_reversal"
    REVERSES_ELSEWHERE = "reverses_elsewhere"
    REVERSES_OTHER_AMOUNT = "reverses_other_amount"
    ALREADY_REVERSED = "already_reversed"
    OPENING_NOT_FIRST = "opening_not_first"
    OLDER_SNAPSHOT = "older_snapshot"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewEntry:
    """One entry as a source states it.

    `position` is its place in the source (a line, an index) and comes back in refusals. `amount` is in
    `unit`, or in the service's unit where none is given; it is positive but for adjustments and
    openings, the kind gives the sign. A reversal may leave it out. An opening may declare the last
    top-up it contains, and so start an epoch.
    """

    position: int
    account: str
    service: str
    kind: EntryKind
    occurred_at: datetime
    ref: str
    amount: Decimal | None = None
    unit: str | None = None
    memo: str = ""
    reverses: str | None = None
    last_top_up: Decimal | None = None
    last_top_up_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    position: int
    ref: str
    reason: Reason
    message: str


class RefusedError(OstatokError):
    """An entry cannot be posted as it stands."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownService:
    """A service that accounts of an organization may have; `rearm_from` is in base units."""

    id: int
    unit: str
    rearm_from: Decimal


class Staged(NamedTuple):
    """A row of the stage: an entry signed and in base units. `mark` is set where it starts an epoch."""

    position: int
    account: str
    service: str
    service_id: int
    kind: EntryKind
    amount: Decimal | None
    occurred_at: datetime
    ref: str
    reverses: str | None
    memo: str
    mark: Decimal | None = None
    mark_at: datetime | None = None

    def content(self) -> tuple[object, ...]:
        """What must be equal for two entries of one ref to be the same."""
        return (self.account, self.service_id, self.kind, self.amount, self.occurred_at, self.reverses)


# Enumerations hash and compare slowly, and what follows runs for every entry: bare numbers here.
_TOP_UP, _REVERSAL, _OPENING, _SNAPSHOT = map(
    int, (EntryKind.TOP_UP, EntryKind.REVERSAL, EntryKind.OPENING, EntryKind.SNAPSHOT)
)
_EITHER_SIGN = frozenset(map(int, (EntryKind.ADJUSTMENT, EntryKind.OPENING)))
_NEGATIVE = frozenset(map(int, (EntryKind.CHARGE, EntryKind.REFUND)))
_MAY_BE_ZERO = frozenset(map(int, (EntryKind.CHARGE, EntryKind.REVERSAL, EntryKind.OPENING)))


def stage(entry: NewEntry, services: Mapping[str, KnownService], now: datetime) -> Staged:
    """Sign an entry and bring it to base units. Raises RefusedError with the reason and a message."""
    service = services.get(entry.service)
    if service is None:
        raise RefusedError(Reason.UNKNOWN_SERVICE, f"there is no service {entry.service!r} in this organization")
    kind = int(entry.kind)
    _check_words(entry, kind)
    _check_time(entry.occurred_at, now)
    amount = _signed(entry, kind, service)
    mark = _mark(entry, kind, amount, service)
    return Staged(
        entry.position,
        entry.account,
        entry.service,
        service.id,
        entry.kind,
        amount,
        entry.occurred_at,
        entry.ref,
        entry.reverses,
        entry.memo,
        mark,
        entry.last_top_up_at if mark is not None else None,
    )


def _mark(entry: NewEntry, kind: int, amount: Decimal | None, service: KnownService) -> Decimal | None:
    """The 100 % of the epoch that the entry starts, in base units; None when it starts none."""
    if kind == _OPENING and entry.last_top_up is not None:
        amount = _in_base(entry.last_top_up, entry.unit or service.unit, service.unit)
    elif kind != _TOP_UP:
        return None
    return amount if amount is not None and amount >= service.rearm_from else None


def _check_words(entry: NewEntry, kind: int) -> None:
    if not (0 < len(entry.ref) <= REF_LENGTH and _storable(entry.ref)):
        raise RefusedError(Reason.BAD_REF, f"a ref has 1 to {REF_LENGTH} characters, and no NUL among them")
    if entry.ref.startswith(OWN_REFS):
        raise RefusedError(Reason.BAD_REF, f"{entry.ref!r} is taken: such refs are those of imported balances")
    if entry.memo and not (len(entry.memo) <= MEMO_LENGTH and _storable(entry.memo)):
        raise RefusedError(Reason.BAD_MEMO, f"a memo has at most {MEMO_LENGTH} characters, and no NUL among them")
    if not _storable(entry.account):
        raise RefusedError(Reason.UNKNOWN_ACCOUNT, f"there is no account {entry.account!r}")
    if (kind == _REVERSAL) != bool(entry.reverses) or not _storable(entry.reverses or ""):
        raise RefusedError(Reason.REVERSES_MISSING, "a reversal, and only a reversal, names the ref it reverses")
    if kind == _SNAPSHOT:
        raise RefusedError(Reason.BAD_KIND, "snapshots are imported as balances, not as entries")


def _storable(text: str) -> bool:
    """Whether the database can keep the text: no NUL, no half of a surrogate pair."""
    if "\0" in text:
        return False
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _check_time(occurred_at: datetime, now: datetime) -> None:
    if occurred_at.tzinfo is None:
        raise RefusedError(Reason.BAD_DATE, "the time must say its zone")
    if occurred_at > now and occurred_at > now + FUTURE_TOLERANCE:
        raise RefusedError(Reason.IN_FUTURE, f"{occurred_at.isoformat()} is more than a day in the future")


def _signed(entry: NewEntry, kind: int, service: KnownService) -> Decimal | None:
    if entry.amount is None:
        if kind == _REVERSAL:
            return None
        raise RefusedError(Reason.BAD_AMOUNT, "the amount is missing")
    amount = _in_base(entry.amount, entry.unit or service.unit, service.unit)
    if not amount and kind not in _MAY_BE_ZERO:
        raise RefusedError(Reason.BAD_AMOUNT, f"{entry.kind.label} of 0 changes nothing")
    if kind in _EITHER_SIGN:
        return amount
    if amount < 0:
        raise RefusedError(Reason.BAD_AMOUNT, "the amount must not be negative: the kind gives the sign")
    return -amount if kind in _NEGATIVE else amount


def _in_base(amount: Decimal, unit: str, service_unit: str) -> Decimal:
    if not amount.is_finite():
        raise RefusedError(Reason.BAD_AMOUNT, f"{amount} is not an amount")
    try:
        if unit != service_unit and not units.compatible(unit, service_unit):
            raise RefusedError(Reason.BAD_UNIT, f"the service is kept in {service_unit}, not in {unit}")
        return units.to_base(amount, unit)
    except units.UnknownUnitError as error:
        raise RefusedError(Reason.BAD_UNIT, str(error)) from None
    except units.BadAmountError as error:
        raise RefusedError(Reason.BAD_AMOUNT, str(error)) from None
