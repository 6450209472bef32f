"""Balances stated by another billing: «what is left now» instead of what changed (snapshots.sql)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.backends.utils import CursorWrapper

from ostatok.kernel import sql, units
from ostatok.ledger.entries import FUTURE_TOLERANCE, KnownService, Reason, Refusal, RefusedError
from ostatok.ledger.limits import LimitChange

_SQL = sql.load("ostatok.ledger", "snapshots.sql")
_STATED = (
    "copy stated (pos, number, service_id, amount, as_of, credit_limit, top_up, topped_up_at, rearm_from) from stdin"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class StatedBalance:
    """What is left on one balance as of a moment; amounts are in the service's unit.

    A top-up is declared by its amount and its time; one later than the last known starts an epoch.
    """

    position: int
    account: str
    service: str
    balance: Decimal
    as_of: datetime
    credit_limit: Decimal | None = None
    last_top_up: Decimal | None = None
    last_top_up_at: datetime | None = None

    @property
    def ref(self) -> str:
        """A stated balance has no reference of its source's."""
        return ""


@dataclass(frozen=True, kw_only=True, slots=True)
class StagedBalance:
    """A stated balance in base units."""

    stated: StatedBalance
    service: KnownService
    amount: Decimal
    credit_limit: Decimal | None
    top_up: Decimal | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """What is not to be posted: rows known already and rows refused."""

    duplicates: int
    refused: tuple[Refusal, ...]


def prepare(cursor: CursorWrapper) -> None:
    cursor.execute(_SQL["prepare"])


def stage(stated: StatedBalance, services: Mapping[str, KnownService], now: datetime) -> StagedBalance:
    """Bring a stated balance to base units. Raises RefusedError."""
    service = services.get(stated.service)
    if service is None:
        raise RefusedError(Reason.UNKNOWN_SERVICE, f"there is no service {stated.service!r} in this organization")
    _check_times(stated, now)
    _check_amounts(stated)
    return StagedBalance(
        stated=stated,
        service=service,
        amount=_in_base(stated.balance, service),
        credit_limit=None if stated.credit_limit is None else _in_base(stated.credit_limit, service),
        top_up=None if stated.last_top_up is None else _in_base(stated.last_top_up, service),
    )


def _check_amounts(stated: StatedBalance) -> None:
    if stated.last_top_up is not None and stated.last_top_up <= 0:
        raise RefusedError(Reason.BAD_AMOUNT, "the last top-up must be above 0")
    if stated.credit_limit is not None and stated.credit_limit < 0:
        raise RefusedError(Reason.BAD_AMOUNT, "the credit limit must not be negative")


def _check_times(stated: StatedBalance, now: datetime) -> None:
    if (stated.last_top_up is None) != (stated.last_top_up_at is None):
        raise RefusedError(Reason.BAD_DATE, "a last top-up needs both its amount and its time")
    for time in (stated.as_of, stated.last_top_up_at):
        if time is not None and time.tzinfo is None:
            raise RefusedError(Reason.BAD_DATE, "the time must say its zone")
        if time is not None and time > now + FUTURE_TOLERANCE:
            raise RefusedError(Reason.IN_FUTURE, f"{time.isoformat()} is more than a day in the future")
    if stated.last_top_up_at is not None and stated.last_top_up_at > stated.as_of:
        raise RefusedError(Reason.BAD_DATE, "the last top-up is later than the balance it is part of")


def _in_base(amount: Decimal, service: KnownService) -> Decimal:
    if not amount.is_finite():
        raise RefusedError(Reason.BAD_AMOUNT, f"{amount} is not an amount")
    try:
        return units.to_base(amount, service.unit)
    except units.BadAmountError as error:
        raise RefusedError(Reason.BAD_AMOUNT, str(error)) from None


def compare(cursor: CursorWrapper, *, organization_id: int, rows: Sequence[StagedBalance]) -> Compared:
    """Lock the balances and stage the entries that bring them to what is stated; each balance at most once."""
    with cursor.copy(_STATED) as copy:
        for row in rows:
            copy.write_row(_values(row))
    context = {"organization": organization_id}
    for step in ("lock", "compare", "stage", "outcome"):
        cursor.execute(_SQL[step], context)
    found = cursor.fetchall()
    by_position = {row.stated.position: row.stated for row in rows}
    return Compared(
        duplicates=sum(verdict == "duplicate" for _, verdict, _ in found),
        refused=tuple(
            _refusal(by_position[pos], verdict, as_of) for pos, verdict, as_of in found if verdict != "duplicate"
        ),
    )


def set_as_of(cursor: CursorWrapper) -> list[LimitChange]:
    """Note how new each balance now is; returns the limits that change without an entry."""
    cursor.execute(_SQL["set_as_of"])
    cursor.execute(_SQL["limits_alone"])
    return [LimitChange(balance_id=balance, credit_limit=limit) for balance, limit in cursor.fetchall()]


def _values(row: StagedBalance) -> tuple[object, ...]:
    stated = row.stated
    return (
        stated.position,
        stated.account,
        row.service.id,
        row.amount,
        stated.as_of,
        row.credit_limit,
        row.top_up,
        stated.last_top_up_at,
        row.service.rearm_from,
    )


def _refusal(stated: StatedBalance, verdict: str, as_of: datetime | None) -> Refusal:
    reason, message = {
        "unknown_balance": (
            Reason.NO_SUCH_BALANCE,
            f"there is no account {stated.account!r} with the service {stated.service}",
        ),
        "older_snapshot": (Reason.OLDER_SNAPSHOT, f"the balance is already known as of {as_of and as_of.isoformat()}"),
        "conflict": (Reason.CONFLICT, "another balance was already stated as of the same moment"),
    }[verdict]
    return Refusal(position=stated.position, ref="", reason=reason, message=message)
