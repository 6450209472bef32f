"""The operator's morning: how balances stand by band, who runs out next, what was not sent."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final, Literal

from django.db.models import Sum
from django.utils.timezone import now
from ninja import Query, Router
from pydantic import Field

from ostatok.api import addressing, lists
from ostatok.api.auth import require
from ostatok.api.fields import Amount, Code, Listed, Manager, Told, When, Within, exact, like, percent
from ostatok.delivery import today
from ostatok.ledger import feeds, run_out
from ostatok.ledger.models import BandCount, Outlook, OutlookPass
from ostatok.ledger.run_out import RunOut
from ostatok.ledger.standing import Band
from ostatok.parties.access import Permission
from ostatok.parties.models import CallNote
from ostatok.web.requests import FaceRequest

router = Router(tags=["overview"])

#: How long ago somebody may have run out, and how far ahead the list looks unless asked otherwise.
_BEHIND: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)
FEEDS: Final = 100


class ServiceBandsTold(Told):
    """How the balances of one service stand."""

    organization: str = Field(examples=["energo"])
    service: str = Field(examples=["ad"])
    bands: dict[str, int] = Field(
        description="How many stand in each band.", examples=[{"ok": 120, "low": 7, "lower": 2, "crit": 3, "none": 4}]
    )
    ran_out: int = Field(description="Ran out within the last seven days.", ge=0, examples=[1])
    within_day: int = Field(description="Will run out within a day.", ge=0, examples=[2])
    within_week: int = Field(description="Will run out within seven days.", ge=0, examples=[9])


class DeliveriesTold(Told):
    """What became of the deliveries made since `since`; `waiting` are all there are."""

    since: When
    sent: int = Field(ge=0, examples=[40])
    unknown: int = Field(ge=0, examples=[0])
    waiting: int = Field(ge=0, examples=[2])
    dropped: dict[str, int] = Field(description="By reason.", examples=[{"recovered": 3}])
    dead: dict[str, int] = Field(description="By reason.", examples=[{"rejected": 1}])
    oldest_due: When | None = Field(description="When the oldest of those that are late was due.")


class FeedTold(Told):
    """Whether data still comes for an organization."""

    organization: str = Field(examples=["energo"])
    posted_at: When = Field(description="When anything was last posted.")
    silent: bool = Field(description="Nothing has come for a day.", examples=[False])


class OverviewTold(Told):
    """The figures of the overview."""

    as_of: When | None = Field(description="When balances were last counted; null: not yet.")
    services: list[ServiceBandsTold]
    deliveries: DeliveriesTold
    feeds: list[FeedTold] = Field(
        description=f"Those that were silent longest first, at most {FEEDS}; not those that ended a month ago."
    )


class RunningOutTold(Told):
    """One balance that runs out, or did; amounts are in `unit`, as of the last count."""

    organization: str = Field(examples=["energo"])
    client: str = Field(examples=["c1"])
    client_name: str = Field(examples=["ООО «Ромашка»"])
    phone: str = Field(examples=["+7 921 000-00-01"])
    account: str = Field(examples=["100001"])
    service: str = Field(examples=["ad"])
    unit: str = Field(examples=["min"])
    left: Amount = Field(examples=["14.5"])
    percent: Amount | None = Field(examples=["14.5"])
    band: Band = Field(examples=["low"])
    daily_use: Amount = Field(examples=["12"])
    runs_out_at: When
    note: CallNote.Kind | None = Field(
        description="What came of the last call within seven days.", examples=["promised"]
    )
    noted_at: When | None
    promised_until: date | None = Field(examples=["2026-11-23"])


class Wanted(Within):
    """Who runs out."""

    service: Code | None = Field(default=None, description="Of this service only.", json_schema_extra=like("ad"))
    band: Band | None = None
    manager: Manager | None = Field(
        default=None,
        description="Of the clients that this user looks after, by e-mail; `me` for one's own.",
        json_schema_extra=like("olga@energo.test"),
    )
    called: Literal["no", "called", "promised"] | None = Field(
        default=None,
        description="What came of a call within the last seven days; `no`: nobody called.",
        examples=["no"],
    )
    days: int = Field(default=7, ge=1, le=366, description="How many days ahead to look.")


@router.get("overview", response=OverviewTold)
def get_overview(request: FaceRequest) -> OverviewTold:
    """How balances stand by service and band, the fate of the last day's deliveries, and whether data still comes."""
    require(request.actor, Permission.SEE)
    moment = now()
    day = today.of(request.actor, since=moment - _DAY, now=moment)
    return OverviewTold(
        as_of=OutlookPass.objects.values_list("at", flat=True).first(),
        services=list(_services(request)),
        deliveries=DeliveriesTold(
            since=day.since,
            sent=day.sent,
            unknown=day.unknown,
            waiting=day.waiting,
            dropped=dict(day.dropped),
            dead=dict(day.dead),
            oldest_due=day.oldest_due,
        ),
        feeds=[
            FeedTold(
                organization=feed.organization.code,
                posted_at=feed.posted_at,
                silent=feed.posted_at < moment - feeds.SILENT,
            )
            for feed in feeds.of(request.actor, now=moment, most=FEEDS)
        ],
    )


@router.get("run-out", response=Listed[RunningOutTold])
def list_run_out(request: FaceRequest, at: Query[Wanted]) -> Listed[RunningOutTold]:
    """Whose balance runs out first. Who ran out within the last seven days comes before them."""
    require(request.actor, Permission.SEE)
    moment = now()
    place = at.organization
    wanted = RunOut(
        since=moment - _BEHIND,
        until=moment + timedelta(days=at.days),
        organization=addressing.organization(request.actor, place).pk if place else None,
        service=at.service,
        band=at.band,
        manager=addressing.manager(request, at.manager),
        called=at.called,
        called_since=moment - run_out.CALLED_LATELY,
    )
    tell = partial(_tell, moment=moment)
    return lists.found(partial(run_out.outlooks, request.actor, wanted), order=run_out.ORDER, at=at, tell=tell)


def _services(request: FaceRequest) -> Iterable[ServiceBandsTold]:
    rows = BandCount.objects.visible_to(request.actor).order_by("organization__code", "service__code", "band")
    counted = rows.values_list("organization__code", "service__code", "band").annotate(
        Sum("balances"), Sum("ran_out"), Sum("within_day"), Sum("within_week")
    )
    found: defaultdict[tuple[str, str], dict[str, Sequence[int]]] = defaultdict(dict)
    for organization, service, band, *counts in counted:
        found[organization, service][band] = counts
    for (organization, service), bands in found.items():
        yield ServiceBandsTold(
            organization=organization,
            service=service,
            bands={band: counts[0] for band, counts in bands.items()},
            ran_out=sum(counts[1] for counts in bands.values()),
            within_day=sum(counts[2] for counts in bands.values()),
            within_week=sum(counts[3] for counts in bands.values()),
        )


def _tell(rows: Sequence[Outlook], moment: datetime) -> Iterable[RunningOutTold]:
    notes = run_out.last_notes({row.balance.account.client_id for row in rows}, moment)
    for row in rows:
        if row.runs_out_at is None:
            continue
        client, note = row.balance.account.client, notes.get(row.balance.account.client_id)
        yield RunningOutTold(
            organization=row.organization.code,
            client=client.code,
            client_name=client.name,
            phone=client.phone,
            account=row.balance.account.number,
            service=row.service.code,
            unit=row.service.unit,
            left=exact(row.amount - row.held, row.service.unit),
            percent=percent(row.percent),
            band=Band(row.band),
            daily_use=exact(row.daily_use, row.service.unit),
            runs_out_at=row.runs_out_at,
            **_noted(note),
        )


def _noted(note: CallNote | None) -> Mapping[str, Any]:
    return {
        "note": CallNote.Kind(note.kind) if note else None,
        "noted_at": note.at if note else None,
        "promised_until": note.promised_until if note else None,
    }
