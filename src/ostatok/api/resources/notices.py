"""Notices: the occasions worth telling, newest first."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from django.db import models
from ninja import Query, Router
from pydantic import Field

from ostatok.api import addressing, lists
from ostatok.api.auth import require
from ostatok.api.fields import (
    Amount,
    Code,
    Listed,
    Moment,
    Number,
    Organization,
    Paging,
    Text,
    Told,
    When,
    Within,
    amount,
    exact,
    like,
    percent,
)
from ostatok.api.resources import accounts
from ostatok.delivery import reasons
from ostatok.notices import finding
from ostatok.notices.models import Notice, NoticeState
from ostatok.parties.access import Actor, Permission
from ostatok.parties.models import Client, Language
from ostatok.rules.models import RuleBand, TriggerKind
from ostatok.web import paging
from ostatok.web.requests import FaceRequest

M = TypeVar("M", bound=models.Model)

router = Router(tags=["notices"])
of_account = Router(tags=["accounts"])

_ORDER = ("-id",)


class BandTold(Told):
    """A band in per cent of the mark; the last has no lower edge."""

    upper: Amount = Field(examples=["20"])
    lower: Amount | None = Field(examples=["10"])


class NoticeTold(Told):
    """One occasion, with the figures at raising; amounts are in `unit`."""

    id: int = Field(examples=[1])
    organization: str = Field(examples=["energo"])
    rule: str = Field(examples=["Остаток минут"])
    kind: TriggerKind = Field(examples=["balance_band"])
    client: str = Field(description="The code of the client it is about.", examples=["c1"])
    account: str = Field(examples=["100001"])
    service: str = Field(examples=["ad"])
    unit: str = Field(examples=["min"])
    band: BandTold | None
    amount: Amount = Field(examples=["15"])
    available: Amount = Field(examples=["15"])
    mark: Amount | None = Field(examples=["100"])
    percent: Amount | None = Field(examples=["15"])
    threshold: Amount | None = Field(examples=[None])
    days: int | None = Field(description="For fewer days than these it was to last.", examples=[None])
    lasts_until: When | None = Field(description="For a rule in days: until when it lasted.", examples=[None])
    raised_at: When
    state: NoticeState = Field(examples=["sent"])
    reason: str = Field(description="Why it was not sent; empty if it was, or waits.", examples=[""])
    explained: str = Field(description="The state and the reason in words.", examples=["sent"])
    settled_at: When | None


class InWords(Paging):
    """A list in which things are explained."""

    language: Language = Field(default=Language.ENGLISH, description="In which language things are explained.")


class Wanted(Within):
    """Which notices."""

    client: Code | None = Field(default=None, description="About this client, by code.", json_schema_extra=like("c1"))
    account: Code | None = Field(default=None, description="About this account.", json_schema_extra=like("100001"))
    rule: Text | None = Field(default=None, description="Raised by the rule of this name.")
    state: NoticeState | None = None
    since: Moment | None = Field(default=None, description="Raised then or later.")
    until: Moment | None = Field(default=None, description="Raised before then.")
    language: Language = Field(default=Language.ENGLISH, description="In which language things are explained.")


@router.get("", response=Listed[NoticeTold])
def list_notices(request: FaceRequest, at: Query[Wanted]) -> Listed[NoticeTold]:
    """Notices within reach, newest first."""
    require(request.actor, Permission.SEE)
    wanted = finding.Wanted(
        organization=addressing.organization(request.actor, at.organization).pk if at.organization else None,
        rule=at.rule,
        client=at.client,
        account=at.account,
        state=at.state,
        since=at.since,
        until=at.until,
    )
    after = tuple(paging.decode(at.cursor, finding.ORDER)) if at.cursor else None
    found = finding.notices(request.actor, wanted, after=after, size=at.limit)
    last = found.items[-1] if found.more else None
    following = paging.encode(finding.ORDER, (last.raised_at, last.pk)) if last else None
    return Listed(items=_teller(at.language)(found.items), next=following)


@of_account.get("{path:number}/notices", response=Listed[NoticeTold])
def list_account_notices(
    request: FaceRequest, number: Number, at: Query[InWords], organization: Organization = None
) -> Listed[NoticeTold]:
    """Notices about one account, newest first."""
    account = accounts.found(request.actor, number, organization)
    rows = Notice.objects.visible_to(request.actor).filter(client=account.client_id, account=account)
    return lists.page(rows.select_related(*finding.RELATED), order=_ORDER, at=at, tell=_teller(at.language))


def since(rows: models.QuerySet[M], name: str, begin: datetime | None, end: datetime | None) -> models.QuerySet[M]:
    """Rows of a time: from `begin` on, and before `end`."""
    bounds = {f"{name}__gte": begin, f"{name}__lt": end}
    return rows.filter(**{bound: moment for bound, moment in bounds.items() if moment is not None})


def clients_of(actor: Actor, code: str) -> list[int]:
    """Ids of the clients of that code within reach: few, for each organization has one at most."""
    return list(Client.objects.visible_to(actor).filter(code=code).values_list("pk", flat=True)[:1000])


def band_of(band: RuleBand | None) -> BandTold | None:
    """A band as the API tells it."""
    return None if band is None else BandTold(upper=percent(band.upper) or "", lower=percent(band.lower))


def _teller(language: str) -> Callable[[Sequence[Notice]], list[NoticeTold]]:
    return lambda rows: [_told(row, language) for row in rows]


def _told(row: Notice, language: str) -> NoticeTold:
    unit = row.balance.service.unit
    return NoticeTold(
        id=row.pk,
        organization=row.organization.code,
        rule=row.rule.name,
        kind=TriggerKind(row.kind),
        client=row.client.code,
        account=row.account.number,
        service=row.balance.service.code,
        unit=unit,
        band=band_of(row.band),
        amount=exact(row.amount, unit),
        available=exact(row.available, unit),
        mark=amount(row.mark, unit),
        percent=percent(row.percent),
        threshold=amount(row.threshold, unit),
        days=row.days,
        lasts_until=row.lasts_until,
        raised_at=row.raised_at,
        state=NoticeState(row.state),
        reason=row.reason,
        explained=reasons.explain(state=row.state, reason=row.reason, detail="", language=language),
        settled_at=row.settled_at,
    )
