"""Sending again what was given up: one delivery, or a range of them after a dry run."""

from collections.abc import Mapping

from django.utils.timezone import now
from ninja import P, QueryEx, Router
from pydantic import Field

from ostatok.api import addressing
from ostatok.api.auth import needs, require
from ostatok.api.fields import Asked, Code, DryRun, Id, Moment, Text, Told
from ostatok.api.problems import Kind, Refused, invalid
from ostatok.delivery import log, reasons, replaying
from ostatok.delivery.channels import registry
from ostatok.delivery.models import Delivery, DeliveryState
from ostatok.delivery.replaying import Fate, MoreThanAgreed, NotReplayable, Plan
from ostatok.parties.access import Actor, Permission
from ostatok.parties.models import Client
from ostatok.rules.models import Rule
from ostatok.web import requests
from ostatok.web.requests import FaceRequest

router = Router(tags=["deliveries"])

ThoughSent = QueryEx[bool, P(description="Also if it was sent: it arrives twice then.")]


class Retried(Told):
    """What trying one delivery again came to, or would come to."""

    id: int = Field(examples=[1])
    goes: bool = Field(description="Whether it waits to be sent now.", examples=[True])
    reason: str = Field(description="Why not.", examples=[""])
    explained: str = Field(examples=["waiting"])
    dry_run: bool = Field(examples=[False])


class Range(Asked):
    """Which deliveries are to be sent again; what is left out does not narrow."""

    states: list[DeliveryState] = Field(
        default_factory=list,
        description="Of dead, unknown and dropped; dead and unknown where it is empty.",
        examples=[["dead"]],
    )
    reason: Code | None = Field(default=None, examples=["mailbox_full"])
    channel: Code | None = Field(default=None, examples=["email"])
    provider: Text | None = Field(
        default=None, description="Last over this provider; `-`: over none.", examples=["smtp:mail.example:25"]
    )
    run_out_lists: bool = Field(default=False, description="Only run-out lists by mail.", examples=[False])
    organization: Code | None = Field(default=None, examples=["energo"])
    client: Code | None = Field(
        default=None, description="The code of a client; name its organization too.", examples=[None]
    )
    rule: Text | None = Field(
        default=None, description="The name of a rule; name its organization too.", examples=[None]
    )
    address: Text | None = Field(default=None, examples=[None])
    since: Moment | None = Field(default=None, examples=["2026-11-21T00:00:00Z"])
    until: Moment | None = Field(default=None, examples=[None])
    dry_run: bool = Field(default=True, description="Say what would happen. Then send the same with false.")
    at_most: int | None = Field(
        default=None, ge=0, description="`would_send` of the dry run: more than that is refused.", examples=[None]
    )


class Replayed(Told):
    """What replaying a range came to, or would come to."""

    dry_run: bool = Field(examples=[True])
    would_send: int = Field(ge=0, examples=[3])
    maybe_twice: int = Field(description="Of those, how many may have arrived already.", ge=0, examples=[0])
    sent_again: int = Field(description="How many wait to be sent now.", ge=0, examples=[0])
    by_reason: dict[str, int] = Field(description="Those that go, by why they were not sent.")
    staying: dict[str, int] = Field(description="Those that stay as they are, by what objects.", examples=[{}])
    more: bool = Field(description="There is more than can be looked at in one go.", examples=[False])


@router.post("{int:id}/retry", response=Retried)
def retry_delivery(
    request: FaceRequest,
    id: Id,  # noqa: A002
    though_sent: ThoughSent = False,
    dry_run: DryRun = False,
) -> Retried:
    """Let one delivery that was given up wait to be sent again. It is looked at first, as before any sending."""
    actor = request.actor
    row = addressing.by_id(Delivery.objects.visible_to(actor).select_related("organization"), id)
    require(actor, Permission.RESEND, row.organization)
    channels = registry.available()
    if dry_run:
        return _told(replaying.fate_of(id, now=now(), channels=channels), dry_run=True)
    try:
        origin = requests.origin(request)
        replaying.retry(actor, id, now=now(), channels=channels, origin=origin, though_sent=though_sent)
    except NotReplayable as error:
        raise Refused(Kind.CONFLICT, _why_not(row, error)) from None
    return Retried(id=id, goes=True, reason="", explained=_explained("waiting", "", ""), dry_run=False)


@router.post("replay", response=Replayed)
@needs(Permission.RESEND)
def replay_deliveries(request: FaceRequest, wanted: Range) -> Replayed:
    """Let a range of deliveries that were given up wait to be sent again. First dry, then with `at_most`."""
    require(request.actor, Permission.RESEND)
    filters, at_most = _filters(request.actor, wanted), _agreed(wanted)
    plan = replaying.plan(request.actor, filters, now=now(), channels=registry.available())
    sent_again = 0 if at_most is None else _replay(request, plan, at_most)
    return Replayed(
        dry_run=wanted.dry_run,
        would_send=len(plan.going),
        maybe_twice=plan.maybe_twice,
        sent_again=sent_again,
        by_reason=_counted(plan.by_reason),
        staying=_counted(plan.staying),
        more=plan.more,
    )


def _agreed(wanted: Range) -> int | None:
    """How many may be sent; None: a dry run."""
    if wanted.dry_run:
        return None
    if wanted.at_most is None:
        raise invalid("body.at_most", "is missing: send `would_send` of the dry run")
    return wanted.at_most


def _replay(request: FaceRequest, plan: Plan, at_most: int) -> int:
    try:
        return replaying.replay(request.actor, plan, at_most=at_most, now=now(), origin=requests.origin(request))
    except MoreThanAgreed as error:
        raise Refused(Kind.CONFLICT, str(error)) from None


def _filters(actor: Actor, wanted: Range) -> log.Filters:
    place, client, rule = wanted.organization, wanted.client, wanted.rule
    return log.Filters(
        states=[state.value for state in wanted.states],
        reason=wanted.reason or "",
        channel=wanted.channel or "",
        provider=wanted.provider or "",
        digests=wanted.run_out_lists,
        address=wanted.address or "",
        organization=addressing.organization(actor, place).pk if place else None,
        client=addressing.one(Client.objects.visible_to(actor), place, code=client).pk if client else None,
        rule=addressing.one(Rule.objects.visible_to(actor), place, name=rule).pk if rule else None,
        since=wanted.since,
        until=wanted.until,
    )


def _counted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _told(fate: Fate, *, dry_run: bool) -> Retried:
    state = "waiting" if fate.goes else "dropped"
    explained = _explained(state, fate.reason, fate.detail)
    return Retried(id=fate.id, goes=fate.goes, reason=fate.reason, explained=explained, dry_run=dry_run)


def _why_not(row: Delivery, error: NotReplayable) -> str:
    if error.reason:
        return f"{_explained('dropped', error.reason, error.detail)}."
    return f"It is {row.state}: only what was given up is sent again."


def _explained(state: str, reason: str, detail: str) -> str:
    return reasons.explain(state=state, reason=reason, detail=detail, language="en")
