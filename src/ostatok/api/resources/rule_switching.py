"""A rule is switched: at once where it speaks to few, by a worker where it speaks to many."""

from typing import Literal, cast

from django.utils.timezone import now
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from ostatok.api import writing
from ostatok.api.auth import needs, require
from ostatok.api.fields import Asked, DryRun, Name, Organization, Told, When
from ostatok.api.problems import Kind, Refused, invalid
from ostatok.api.resources import rules
from ostatok.parties.access import Key, Member, Permission
from ostatok.rules.models import Rule, Switching
from ostatok.web import requests, switching
from ostatok.web.requests import FaceRequest

router = Router(tags=["rules"])

State = Literal["active", "shadow", "inactive"]


class Switch(Asked):
    """Whether a rule speaks. In the shadow it does everything but send."""

    state: State = Field(examples=["active"])
    notify_now: bool = Field(
        default=False, description="Tell those who are below already. Look at the preview first.", examples=[False]
    )


class SwitchingTold(Told):
    """A rule that a worker switches, or has."""

    rule: str = Field(examples=["Остаток минут"])
    state: State = Field(description="What it is switched to.", examples=["active"])
    notify_now: bool = Field(examples=[False])
    balances: int = Field(description="To so many it speaks.", ge=0, examples=[400_000])
    asked_at: When
    started_at: When | None
    finished_at: When | None = Field(description="null until it was done, or could not be.")
    problem: str = Field(description="Why it was not done; empty where it was, or is not over.", examples=[""])


@router.put("{path:name}/state", response={200: writing.Change, 202: SwitchingTold})
@needs(Permission.CHANGE_RULES)
def switch_rule(
    request: FaceRequest, name: Name, switch: Switch, organization: Organization = None, dry_run: DryRun = False
) -> Status[writing.Change] | Status[SwitchingTold]:
    """Switch a rule on or off, or into the shadow. Who is below already hears nothing, unless `notify_now` is true.

    Where it speaks to many balances the answer is 202 and a worker does it; `GET …/switching` tells when it is done.
    """
    rule = rules.found(request, name, organization)
    require(request.actor, Permission.CHANGE_RULES, rule.organization)
    if asked := _left_to_worker(request, rule, switch, dry_run=dry_run):
        return Status(202, _told(rule, asked))
    item = switching.described(rule, switch.state, notify_now=switch.notify_now)
    return Status(200, writing.make(request, "rules", item, place=rule.organization, dry_run=dry_run))


@router.get("{path:name}/switching", response=SwitchingTold)
def get_switching(request: FaceRequest, name: Name, organization: Organization = None) -> SwitchingTold:
    """How far a worker is that was to switch the rule last."""
    rule = rules.found(request, name, organization)
    latest = Switching.objects.visible_to(request.actor).filter(rule=rule).order_by("-pk").first()
    if latest is None:
        raise Refused(Kind.NOT_FOUND, "No worker was asked to switch this rule.")
    return _told(rule, latest)


def _left_to_worker(request: FaceRequest, rule: Rule, switch: Switch, *, dry_run: bool) -> Switching | None:
    actor = request.actor
    if dry_run:
        if switching.speaks_to_many(rule):
            raise invalid("query.dry_run", "the rule speaks to too many balances: ask for its preview")
        return None
    if not isinstance(actor, Key | Member):
        return None
    asked = switching.by_worker(
        actor, rule, switch.state, notify_now=switch.notify_now, now=now(), origin=requests.origin(request)
    )
    if asked and not asked.is_to(switch.state, notify_now=switch.notify_now):
        raise Refused(Kind.CONFLICT, "The rule is being switched as was asked before: wait, and send this again.")
    return asked


def _told(rule: Rule, one: Switching) -> SwitchingTold:
    return SwitchingTold(
        rule=rule.name,
        state=cast(State, one.state),
        notify_now=one.notify_now,
        balances=one.balances,
        asked_at=one.asked_at,
        started_at=one.started_at,
        finished_at=one.finished_at,
        problem=one.problem,
    )
