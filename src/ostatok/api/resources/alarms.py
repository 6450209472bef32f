"""Alarms: whom a rule holds below now, and since when."""

from collections.abc import Sequence

from ninja import Query, Router
from pydantic import Field

from ostatok.api import lists
from ostatok.api.fields import Amount, Listed, Name, Organization, Told, When, exact
from ostatok.api.resources import rules
from ostatok.api.resources.notices import InWords
from ostatok.rules import reason_words
from ostatok.rules.models import Alarm
from ostatok.web.requests import FaceRequest

of_rule = Router(tags=["rules"])

_ORDER = ("balance_id",)


class AlarmTold(Told):
    """One balance that is below by the rule, until it is topped up or has recovered; amounts are in `unit`."""

    client: str = Field(description="The code of the client.", examples=["c1"])
    account: str = Field(examples=["100001"])
    service: str = Field(examples=["ad"])
    unit: str = Field(examples=["min"])
    left: Amount = Field(description="What is left now.", examples=["15"])
    since: When | None = Field(description="When it came so far.")
    silent: bool = Field(description="Whether it was passed over without a notice.", examples=[False])
    last_raised_at: When | None = Field(description="When the last notice was raised.")
    next_repeat_at: When | None = Field(description="When it is told again; null where it is not.", examples=[None])
    reason: str = Field(description="What the last occasion came to.", examples=["raised"])
    explained: str = Field(description="The reason in words.", examples=["raised a notice"])


@of_rule.get("{path:name}/alarms", response=Listed[AlarmTold])
def list_alarms(
    request: FaceRequest, name: Name, at: Query[InWords], organization: Organization = None
) -> Listed[AlarmTold]:
    """Whom a rule that is on holds below now."""
    rule = rules.found(request, name, organization)
    rows = Alarm.objects.visible_to(request.actor).filter(rule=rule, firing=True)

    def tell(found: Sequence[Alarm]) -> list[AlarmTold]:
        return [_told(alarm, at.language) for alarm in found]

    return lists.page(
        rows.select_related("balance__account__client", "balance__service"), order=_ORDER, at=at, tell=tell
    )


def _told(alarm: Alarm, language: str) -> AlarmTold:
    balance = alarm.balance
    return AlarmTold(
        client=balance.account.client.code,
        account=balance.account.number,
        service=balance.service.code,
        unit=balance.service.unit,
        left=exact(balance.amount - balance.held, balance.service.unit),
        since=alarm.since,
        silent=alarm.silent,
        last_raised_at=alarm.last_raised_at,
        next_repeat_at=alarm.next_repeat_at,
        reason=alarm.reason,
        explained=reason_words.explain(alarm.reason, language),
    )
