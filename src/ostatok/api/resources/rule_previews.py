"""Before a rule is switched on or saved: who would be notified now, and why. And what one in the shadow would send."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.timezone import now
from ninja import Query, Router
from pydantic import Field

from ostatok.api import addressing, parsing
from ostatok.api.auth import require
from ostatok.api.fields import (
    Amount,
    Moment,
    Name,
    Organization,
    OwnOrganization,
    Paging,
    Told,
    When,
    amount,
    exact,
    percent,
)
from ostatok.api.items import body
from ostatok.api.problems import invalid
from ostatok.api.resources import rules
from ostatok.api.resources.notices import BandTold
from ostatok.notices import shadow
from ostatok.parties.access import Permission
from ostatok.rules import counting, preview
from ostatok.rules.preview import Fate, Place, Preview, Standing
from ostatok.web import counts, paging, previews
from ostatok.web.requests import FaceRequest

router = Router(tags=["rules"])
of_rule = Router(tags=["rules"])

_ORDER: Final = ("figure", "balance")
#: So long a request waits for a statement of a look, and whoever changes the same rule for the request.
_PATIENCE: Final = timedelta(seconds=10)
#: So long a piece of a count takes, or as long as so many balances.
_PIECE: Final = counting.PATIENCE
_CHUNK: Final = counting.CHUNK
_LOOKED_BACK: Final = timedelta(days=7)
_LONGEST: Final = timedelta(days=366)


class LettersTold(Told):
    """Messages that notifying now would make for one kind of recipient."""

    recipient: str = Field(examples=["client"])
    channel: str = Field(examples=["email"])
    count: int = Field(ge=0, examples=[12])
    without_address: int = Field(ge=0, examples=[1])


class StandingTold(Told):
    """One balance that is below now, with the figures that say so; amounts are in `unit`."""

    account: str = Field(examples=["100001"])
    client: str = Field(description="The name of the client.", examples=["ООО «Ромашка»"])
    service: str = Field(description="The name of the service.", examples=["АД"])
    unit: str = Field(examples=["min"])
    left: Amount = Field(examples=["15"])
    available: Amount = Field(examples=["15"])
    mark: Amount | None = Field(examples=["100"])
    percent: Amount | None = Field(examples=["15"])
    band: BandTold | None
    threshold: Amount | None = Field(examples=[None])
    days: int | None = Field(examples=[None])
    lasts_until: When | None = Field(description="For a rule in days: until when it lasts.", examples=[None])
    fate: Fate = Field(description="What notifying now would come to.", examples=["raised"])


class PreviewTold(Told):
    """Whom a rule speaks to, and who is below now, the most urgent first."""

    watched: int = Field(description="Balances that would join it.", ge=0, examples=[120])
    unmeasured: int = Field(description="Of those, how many have no mark.", ge=0, examples=[4])
    unknown: int = Field(description="Of those, how many were never posted to.", ge=0, examples=[2])
    below: int = Field(ge=0, examples=[12])
    clients: int = Field(description="How many clients those below are of.", ge=0, examples=[11])
    notified: int = Field(description="How many notices notifying now would raise.", ge=0, examples=[12])
    letters: list[LettersTold]
    items: list[StandingTold]
    next: str | None = Field(examples=[None])


class CountTold(Told):
    """What is known of a rule after some of the balances it speaks to were looked at."""

    watched: int = Field(description="Balances that would join it.", ge=0, examples=[1_000_000])
    looked: int = Field(description="So many of them were looked at.", ge=0, examples=[90_000])
    unmeasured: int = Field(description="Of those, how many have no mark.", ge=0, examples=[4])
    unknown: int = Field(description="Of those, how many were never posted to.", ge=0, examples=[2])
    below: int = Field(description="At least so many are below.", ge=0, examples=[12_000])
    notified: int = Field(description="At least so many notices would be raised.", ge=0, examples=[11_000])
    letters: list[LettersTold]
    items: list[StandingTold] = Field(description="The most urgent of those looked at.")
    next: str | None = Field(description="The cursor that counts on; null when all were looked at.", examples=[None])


class ShadowDay(Told):
    """What would have been told on one day of the organization's calendar."""

    day: date = Field(examples=["2026-11-21"])
    notices: int = Field(ge=0, examples=[7])
    clients: int = Field(ge=0, examples=[6])


class ShadowTold(Told):
    """What a rule would have sent while it stood in the shadow."""

    since: When
    until: When
    notices: int = Field(ge=0, examples=[7])
    clients: int = Field(ge=0, examples=[6])
    recipients: int = Field(description="How many each notice would go to.", ge=0, examples=[1])
    messages: int = Field(ge=0, examples=[7])
    by_day: list[ShadowDay]


class Period(Paging):
    """Which time; the last seven days where it is left out."""

    since: Moment | None = None
    until: Moment | None = None


@of_rule.get("{path:name}/preview", response=PreviewTold)
def preview_saved_rule(
    request: FaceRequest, name: Name, at: Query[Paging], organization: Organization = None
) -> PreviewTold:
    """Who would be notified now, and why, if this rule were switched on. Nothing is sent or kept."""
    rule = rules.found(request, name, organization)
    return _told(preview.of_rule(rule, now=now(), after=_place(at.cursor), size=at.limit, patience=_PATIENCE))


@of_rule.get("{path:name}/count", response=CountTold)
def count_saved_rule(
    request: FaceRequest, name: Name, at: Query[Paging], organization: Organization = None
) -> CountTold:
    """The preview of a rule that speaks to very many, counted in pieces: each answer has what was found so far.

    A call takes a second or two and says with `next` where the following one counts on, for an hour. Where the rule was
    changed meanwhile the count begins anew.
    """
    rule = rules.found(request, name, organization)
    so_far = counts.decode(at.cursor) if at.cursor else None
    found = counting.of_rule(rule, now=now(), so_far=so_far, size=at.limit, patience=_PIECE, chunk=_CHUNK)
    seen = found.preview
    return CountTold(
        watched=seen.watched,
        looked=found.looked,
        unmeasured=seen.unmeasured,
        unknown=seen.unknown,
        below=seen.below,
        notified=seen.notified,
        letters=_letters(seen),
        items=[_standing(one) for one in seen.items],
        next=counts.encode(found) or None,
    )


@router.post("", response=PreviewTold, openapi_extra=body("rules"))
def preview_rule(request: FaceRequest, at: Query[Paging], organization: OwnOrganization = None) -> PreviewTold:
    """Who would be notified now, and why, if this rule were saved so. The body is that of a PUT, with its `name`."""
    place = addressing.home(request.actor, organization)
    require(request.actor, Permission.CHANGE_RULES, place)
    item = {**parsing.object_of(request), "organization": place.code}
    item.setdefault("name", "…")
    tried = previews.of_described(
        request.actor, item, now=now(), after=_place(at.cursor), size=at.limit, patience=_PATIENCE
    )
    return _told(tried.preview or preview.NOBODY)


@of_rule.get("{path:name}/shadow-report", response=ShadowTold)
def report_shadow(request: FaceRequest, name: Name, at: Query[Period], organization: Organization = None) -> ShadowTold:
    """What a rule in the shadow would have sent, day by day."""
    rule = rules.found(request, name, organization)
    until = at.until or now()
    since = at.since or until - _LOOKED_BACK
    if not timedelta(0) <= until - since <= _LONGEST:
        raise invalid("query.since", f"is before `until`, by at most {_LONGEST.days} days")
    report = shadow.report(rule, since=since, until=until, zone=ZoneInfo(rule.organization.timezone))
    return ShadowTold(
        since=report.since,
        until=report.until,
        notices=report.notices,
        clients=report.clients,
        recipients=report.recipients,
        messages=report.messages,
        by_day=[ShadowDay(day=day.day, notices=day.notices, clients=day.clients) for day in report.by_day],
    )


def _place(cursor: str | None) -> Place | None:
    if not cursor:
        return None
    figure, balance = paging.decode(cursor, _ORDER)
    return Place(figure=Decimal(figure), balance_id=balance)


def _told(found: Preview) -> PreviewTold:
    following = found.next
    return PreviewTold(
        watched=found.watched,
        unmeasured=found.unmeasured,
        unknown=found.unknown,
        below=found.below,
        clients=found.clients or 0,
        notified=found.notified,
        letters=_letters(found),
        items=[_standing(one) for one in found.items],
        next=None if following is None else paging.encode(_ORDER, (following.figure, following.balance_id)),
    )


def _letters(found: Preview) -> list[LettersTold]:
    return [
        LettersTold(recipient=one.recipient, channel=one.channel, count=one.count, without_address=one.without_address)
        for one in found.letters
    ]


def _standing(one: Standing) -> StandingTold:
    upper = percent(one.band_upper)
    return StandingTold(
        account=one.account,
        client=one.client,
        service=one.service,
        unit=one.unit,
        left=exact(one.left, one.unit),
        available=exact(one.available, one.unit),
        mark=amount(one.mark, one.unit),
        percent=percent(one.percent),
        band=None if upper is None else BandTold(upper=upper, lower=percent(one.band_lower)),
        threshold=amount(one.threshold, one.unit),
        days=one.days,
        lasts_until=one.lasts_until,
        fate=one.fate,
    )
