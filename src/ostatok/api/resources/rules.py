"""Rules: what is told, about whom, when, to whom."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Literal

from django.db.models import QuerySet
from ninja import Query, Router
from ninja.responses import Status
from pydantic import Field

from ostatok.api import addressing, etags, items, lists, writing
from ostatok.api.auth import require
from ostatok.api.fields import (
    DryRun,
    Listed,
    Name,
    Number,
    Organization,
    OwnOrganization,
    StatedAmount,
    Text,
    Told,
    Within,
    like,
)
from ostatok.api.resources import accounts
from ostatok.intake.description import exporting_rules
from ostatok.intake.description import writing as written
from ostatok.ledger.models import Balance
from ostatok.parties.access import Actor, Permission
from ostatok.rules import finding
from ostatok.rules.models import First, Mark, Rule, RuleState, SegmentRule, TriggerKind
from ostatok.web.requests import FaceRequest

router = Router(tags=["rules"])
of_account = Router(tags=["accounts"])


class TriggerTold(Told):
    """What it fires at: bands in per cent, an amount and its unit, or days."""

    kind: TriggerKind = Field(examples=["balance_band"])
    bands: list[list[str | None]] | None = Field(examples=[[["20", "10"], ["10", "5"], ["5", None]]])
    amount: StatedAmount | None = Field(examples=[None])
    days: int | None = Field(description="For fewer days than these it lasts.", examples=[None])
    unit: str | None = Field(examples=[None])


class ConditionsTold(Told):
    """Each asks for any of its values; all are to be met; an empty one asks for nothing."""

    service: list[str] = Field(examples=[["ad"]])
    group: list[str] = Field(examples=[[]])
    status: list[str] = Field(examples=[[]])
    billing: list[str] = Field(examples=[[]])
    tag: list[str] = Field(examples=[[]])


class AudienceTold(ConditionsTold):
    """About whom it is; `not` holds conditions none of which may be met."""

    none_of: ConditionsTold | None = Field(serialization_alias="not")


class RecipientTold(Told):
    """Who is told."""

    to: str = Field(
        description="client, organization, user, contact, or an address; unseen for those out of reach, who stay.",
        examples=["client"],
    )
    user: str | None = Field(examples=[None])
    contact: str | None = Field(examples=[None])
    channel: str = Field(examples=["email"])


class QuotaTold(Told):
    """How often."""

    max_qty: int | None = Field(examples=[3])
    period: str | None = Field(examples=["24h"])
    hysteresis: StatedAmount | None = Field(description="In the unit of the trigger, or in days.", examples=[None])
    cooldown: str | None = Field(examples=[None])
    first: First = Field(examples=["now"])


class RuleTold(Told):
    """A rule, as a description has it."""

    organization: str = Field(examples=["energo"])
    name: str = Field(examples=["Остаток минут"])
    trigger: TriggerTold
    audience: AudienceTold
    recipients: list[RecipientTold]
    quota: QuotaTold
    mark: Mark = Field(description="What counts as 100 %.", examples=["last_top_up"])
    keep_for: str | None = Field(description="How long a message is worth sending.", examples=[None])
    sort_order: int = Field(examples=[0])
    state: Literal["active", "shadow", "inactive"] = Field(examples=["active"])


class Wanted(Within):
    """Which rules."""

    search: Text | None = Field(
        default=None, description="Part of the name, or of a code in the audience.", json_schema_extra=like("минут")
    )
    state: Literal["active", "shadow", "inactive"] | None = None
    kind: TriggerKind | None = None


@router.get("", response=Listed[RuleTold], by_alias=True)
def list_rules(request: FaceRequest, at: Query[Wanted]) -> Listed[RuleTold]:
    """Rules within reach."""
    require(request.actor, Permission.SEE)
    rows = addressing.within(_alive(request), request.actor, at.organization)
    asked = {"state": at.state, "kind": at.kind}
    rows = rows.filter(**{name: value for name, value in asked.items() if value is not None})
    if at.search:
        rows = rows.filter(finding.rules(at.search))
    return lists.page(rows.select_related("organization"), order=("pk",), at=at, tell=partial(_tell, request.actor))


@router.get("{path:name}", response=RuleTold, by_alias=True)
@etags.of_one("rules")
def get_rule(request: FaceRequest, name: Name, organization: Organization = None) -> RuleTold:
    """One rule."""
    return next(iter(_tell(request.actor, [found(request, name, organization)])))


@router.put("{path:name}", response=writing.PUT, openapi_extra=items.body("rules"))
def put_rule(
    request: FaceRequest, name: Name, organization: OwnOrganization = None, dry_run: DryRun = False
) -> Status[writing.Change]:
    """Make or change a rule. What the body does not mention stays; a new rule is active unless its state says else."""
    place = addressing.home(request.actor, organization)
    return writing.put(request, "rules", {"organization": place.code, "name": name}, place=place, dry_run=dry_run)


@router.delete("{path:name}", response=writing.DELETED)
def delete_rule(
    request: FaceRequest, name: Name, organization: Organization = None, dry_run: DryRun = False
) -> writing.Change:
    """Retire a rule. What it told stays, and its name is free again."""
    place = found(request, name, organization).organization
    return writing.delete(request, "rules", {"organization": place.code, "name": name}, place=place, dry_run=dry_run)


@of_account.get("{path:number}/rules", response=list[RuleTold], by_alias=True)
def list_account_rules(request: FaceRequest, number: Number, organization: Organization = None) -> list[RuleTold]:
    """Rules that speak to balances of one account, and that are within reach."""
    account = accounts.found(request.actor, number, organization)
    segments = Balance.objects.filter(account=account).values("segment_id")
    speaking = SegmentRule.objects.filter(segment__in=segments).values("rule_id")
    rows = _alive(request).filter(pk__in=speaking).select_related("organization")
    return list(_tell(request.actor, list(rows.order_by("sort_order", "name", "pk"))))


def found(request: FaceRequest, name: str, organization: str | None) -> Rule:
    """The rule of that name. Raises Refused."""
    require(request.actor, Permission.SEE)
    return addressing.one(_alive(request), organization, name=name)


def _alive(request: FaceRequest) -> QuerySet[Rule]:
    return Rule.objects.visible_to(request.actor).exclude(state=RuleState.DELETED)


def _tell(actor: Actor, rows: Sequence[Rule]) -> Iterable[RuleTold]:
    for item in exporting_rules.described(actor, list(rows)):
        yield RuleTold(
            organization=item["organization"],
            name=item["name"],
            trigger=_trigger(item["trigger"]),
            audience=_audience(item.get("audience", {})),
            recipients=[_recipient(one) for one in item.get("recipients", ())],
            quota=_quota(item.get("quota", {})),
            mark=item.get("mark", Mark.LAST_TOP_UP),
            keep_for=item.get("keep_for"),
            sort_order=item.get("sort_order", 0),
            state=item["state"],
        )


def _trigger(trigger: dict[str, Any]) -> TriggerTold:
    bands = trigger.get("bands")
    edges = None if bands is None else [[_digits(edge) for edge in band] for band in bands]
    amount = _digits(trigger.get("amount"))
    days, unit = trigger.get("days"), trigger.get("unit")
    return TriggerTold(kind=trigger["kind"], bands=edges, amount=amount, days=days, unit=unit)


def _audience(audience: dict[str, Any]) -> AudienceTold:
    without = audience.get("not")
    return AudienceTold(**_lists(audience), none_of=None if without is None else ConditionsTold(**_lists(without)))


def _lists(conditions: dict[str, Any]) -> dict[str, list[str]]:
    asked = {name: conditions.get(name, []) for name in ConditionsTold.model_fields}
    return {name: values if isinstance(values, list) else [values] for name, values in asked.items()}


def _recipient(one: dict[str, str]) -> RecipientTold:
    return RecipientTold(to=one["to"], user=one.get("user"), contact=one.get("contact"), channel=one["channel"])


def _quota(quota: dict[str, Any]) -> QuotaTold:
    return QuotaTold(
        max_qty=quota.get("max_qty"),
        period=quota.get("period"),
        hysteresis=_digits(quota.get("hysteresis")),
        cooldown=quota.get("cooldown"),
        first=quota.get("first", First.NOW),
    )


def _digits(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else written.plain(value)
