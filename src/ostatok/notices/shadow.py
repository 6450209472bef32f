"""What a rule in the shadow would have sent: how much, by day, about whom, with which figures. It sends nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Final

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate

from ostatok.notices.models import Notice, NoticeState
from ostatok.rules.models import Rule, RuleRecipient

#: The columns of the report as a file; amounts are in base units of `unit`.
COLUMNS: Final = (
    *("raised_at", "client_code", "client", "account", "service", "unit"),
    *("left", "available", "percent", "band", "threshold", "step", "days", "lasts_until"),
)
_CHUNK: Final = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """What would have been told on one day of the organization's calendar: notices, and clients they are about."""

    day: date
    notices: int
    clients: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a rule would have sent from `since` until `until`: each notice goes to every one of `recipients`."""

    since: datetime
    until: datetime
    notices: int
    clients: int
    recipients: int
    by_day: tuple[Day, ...]

    @property
    def messages(self) -> int:
        """How many messages that would have been, had everybody an address of its own."""
        return self.notices * self.recipients


def rows(rule: Rule, *, since: datetime, until: datetime) -> QuerySet[Notice]:
    """The notices that would have been sent, with all that a line about one of them shows."""
    found = Notice.objects.filter(rule=rule, state=NoticeState.SHADOW, raised_at__gte=since, raised_at__lt=until)
    return found.select_related("client", "account", "balance__service", "band")


def report(rule: Rule, *, since: datetime, until: datetime, zone: tzinfo) -> Report:
    """How much a rule would have sent. The caller found the rule through its door."""
    found = rows(rule, since=since, until=until).select_related(None).order_by()
    counted = found.annotate(day=TruncDate("raised_at", tzinfo=zone)).values("day")
    days = counted.annotate(notices=Count("pk"), clients=Count("client", distinct=True)).order_by("-day")
    total = found.aggregate(notices=Count("pk"), clients=Count("client", distinct=True))
    return Report(
        since=since,
        until=until,
        notices=total["notices"],
        clients=total["clients"],
        recipients=RuleRecipient.objects.filter(rule=rule).count(),
        by_day=tuple(Day(day=one["day"], notices=one["notices"], clients=one["clients"]) for one in days),
    )


def lines(found: QuerySet[Notice]) -> Iterator[tuple[object, ...]]:
    """The report's rows for a file, oldest first, in the order of COLUMNS."""
    for one in found.order_by("raised_at", "pk").iterator(chunk_size=_CHUNK):
        service, band = one.balance.service, one.band
        yield (
            *(
                one.raised_at.isoformat(),
                one.client.code,
                one.client.name,
                one.account.number,
                service.code,
                service.unit,
            ),
            *(_plain(one.amount), _plain(one.available), _plain(one.percent)),
            f"{_written(band.upper)}..{_written(band.lower)}" if band else "",
            *(_plain(one.threshold), one.step, one.days or ""),
            one.lasts_until.isoformat() if one.lasts_until else "",
        )


def _plain(value: Decimal | None) -> Decimal | None:
    """Without zeros that say nothing."""
    return None if value is None else Decimal(f"{value.normalize():f}")


def _written(value: Decimal | None) -> str:
    return f"{_plain(value):f}" if value is not None else ""
