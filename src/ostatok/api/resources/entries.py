"""What was posted to an account, and how much was left day by day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain
from typing import Final, Literal
from zoneinfo import ZoneInfo

from django.db.models import Sum
from django.db.models.functions import TruncDate
from django.utils.timezone import now
from ninja import P, Query, QueryEx, Router
from pydantic import Field

from ostatok.api.fields import Amount, Code, Listed, Moment, Number, Organization, Paging, Told, When, exact, like
from ostatok.api.problems import Kind, Refused
from ostatok.api.resources import accounts
from ostatok.ledger import statements
from ostatok.ledger.models import Account, Balance, Entry, EntryKind
from ostatok.ledger.statements import Period
from ostatok.web import paging
from ostatok.web.requests import FaceRequest

router = Router(tags=["accounts"])

EntryKindName = Literal["top_up", "charge", "adjustment", "refund", "reversal", "opening", "snapshot"]
_NAMES: Final[Mapping[int, EntryKindName]] = {
    EntryKind.TOP_UP: "top_up",
    EntryKind.CHARGE: "charge",
    EntryKind.ADJUSTMENT: "adjustment",
    EntryKind.REFUND: "refund",
    EntryKind.REVERSAL: "reversal",
    EntryKind.OPENING: "opening",
    EntryKind.SNAPSHOT: "snapshot",
}


class EntryTold(Told):
    """One signed change of a balance, in `unit`."""

    service: str = Field(examples=["ad"])
    unit: str = Field(examples=["min"])
    kind: EntryKindName = Field(examples=["charge"])
    amount: Amount = Field(examples=["-85.5"])
    occurred_at: When
    posted_at: When
    ref: str = Field(examples=["2026-11-21-0002"])
    reverses: str | None = Field(description="Of a reversal: the ref of what it takes back.", examples=[None])
    memo: str = Field(examples=[""])


class BalanceDay(Told):
    """One day of a balance, in the organization's zone."""

    day: date = Field(examples=["2026-11-21"])
    left: Amount = Field(description="The balance when the day ended.", examples=["14.5"])
    change: Amount = Field(description="By how much it changed on that day.", examples=["-85.5"])


class HistoryTold(Told):
    """How much was left of one balance, day by day, the oldest first."""

    service: str = Field(examples=["ad"])
    unit: str = Field(examples=["min"])
    days: list[BalanceDay]


class Wanted(Paging):
    """Which entries."""

    service: Code | None = Field(default=None, description="Of this service only.", json_schema_extra=like("ad"))
    since: Moment | None = Field(default=None, description="Occurred then or later.")
    until: Moment | None = Field(default=None, description="Occurred before then.")


Service = QueryEx[Code, P(description="The code of a service of the account.", example="ad")]
Days = QueryEx[int, P(ge=1, le=366, description="How many days back.", example=30)]


@router.get("{path:number}/entries", response=Listed[EntryTold])
def list_account_entries(
    request: FaceRequest, number: Number, at: Query[Wanted], organization: Organization = None
) -> Listed[EntryTold]:
    """What was posted to an account, newest first: each service in the order of posting.

    What is posted while one reads is not in the pages that follow.
    """
    account = accounts.found(request.actor, number, organization)
    balances = [each for each in _balances(account) if at.service in (None, each.service.code)]
    # The primary key of entries leads with the organization.
    posted = Entry.objects.visible_to(request.actor).filter(organization=account.organization)
    every = Period(since=at.since, until=at.until).of(posted)
    found = statements.of_account(every, balances, below=_places(account, at.cursor), size=at.limit)
    return Listed(items=list(_tell(found.items)), next=_cursor(account, found.below))


@router.get("{path:number}/history", response=HistoryTold)
def get_account_history(
    request: FaceRequest, number: Number, service: Service, days: Days = 30, organization: Organization = None
) -> HistoryTold:
    """How much was left of one balance, day by day."""
    account = accounts.found(request.actor, number, organization)
    found = [each for each in _balances(account) if each.service.code == service]
    if not found:
        raise Refused(Kind.NOT_FOUND, f"The account has no service {service!r}.")
    return _history(found[0], ZoneInfo(account.organization.timezone), days)


def _balances(account: Account) -> Sequence[Balance]:
    return list(Balance.objects.filter(account=account).select_related("service"))


def _places(account: Account, cursor: str | None) -> statements.Places | None:
    """How far each balance was read. Raises BrokenCursor."""
    if not cursor:
        return None
    key = paging.decode(cursor, _order(account))
    return dict(zip(key[::2], key[1::2], strict=True))


def _cursor(account: Account, places: statements.Places | None) -> str | None:
    return None if places is None else paging.encode(_order(account), list(chain.from_iterable(places.items())))


def _order(account: Account) -> Sequence[str]:
    """The list that a cursor is good for: it holds the place in each balance of this account."""
    return (f"account {account.pk}", "balance_id", "seq")


def _history(balance: Balance, zone: ZoneInfo, days: int) -> HistoryTold:
    """Back from what is left now by what each day changed."""
    today = now().astimezone(zone).date()
    first = today - timedelta(days=days - 1)
    changes, left, unit = _changes(balance, zone, first), balance.amount, balance.service.unit
    # What occurs tomorrow by its own account is part of the balance already.
    left -= sum((change for day, change in changes.items() if day > today), Decimal(0))
    told = []
    for back in range(days):
        day = today - timedelta(days=back)
        change = changes.get(day, Decimal(0))
        told.append(BalanceDay(day=day, left=exact(left, unit), change=exact(change, unit)))
        left -= change
    return HistoryTold(service=balance.service.code, unit=unit, days=told[::-1])


def _changes(balance: Balance, zone: ZoneInfo, first: date) -> dict[date, Decimal]:
    begin = datetime.combine(first, datetime.min.time(), zone)
    rows = Entry.objects.filter(organization=balance.organization_id, balance=balance, occurred_at__gte=begin)
    by_day = rows.order_by().annotate(day=TruncDate("occurred_at", tzinfo=zone)).values("day")
    return dict(by_day.annotate(change=Sum("amount")).values_list("day", "change"))


def _tell(rows: Sequence[Entry]) -> Iterable[EntryTold]:
    for row in rows:
        unit = row.balance.service.unit
        yield EntryTold(
            service=row.balance.service.code,
            unit=unit,
            kind=_NAMES[row.kind],
            amount=exact(row.amount, unit),
            occurred_at=row.occurred_at,
            posted_at=row.posted_at,
            ref=row.ref,
            reverses=row.reverses,
            memo=row.memo,
        )
