"""Why something was told of an account's balances, or was not."""

from zoneinfo import ZoneInfo

from ninja import P, Query, QueryEx, Router
from pydantic import Field

from ostatok.api.fields import Amount, Code, Number, Organization, Told, When, exact, percent
from ostatok.api.resources import accounts
from ostatok.delivery import history
from ostatok.delivery.history_text import Teller
from ostatok.parties.models import Language
from ostatok.web.requests import FaceRequest

router = Router(tags=["accounts"])


class AttemptWhy(Told):
    """One try to send."""

    number: int = Field(examples=[1])
    at: When
    outcome: str = Field(examples=["delivered"])
    reason: str = Field(examples=[""])
    detail: str = Field(examples=[""])
    explained: str = Field(examples=["attempt 1, 21 November 2026, 12:00: accepted"])


class DeliveryWhy(Told):
    """One message to one address."""

    id: int = Field(examples=[1])
    channel: str = Field(examples=["email"])
    recipient: str = Field(examples=["client"])
    name: str = Field(examples=[""])
    address: str = Field(examples=["c1@client.test"])
    state: str = Field(examples=["sent"])
    reason: str = Field(examples=[""])
    detail: str = Field(examples=[""])
    due_at: When
    settled_at: When | None
    explained: str = Field(examples=["E-mail, c1@client.test (client): sent, 21 November 2026, 12:00"])
    attempts: list[AttemptWhy]


class NoticeWhy(Told):
    """One occasion, with the figures at raising, in the balance's unit."""

    id: int = Field(examples=[1])
    rule: str = Field(examples=["Остаток минут"])
    kind: str = Field(examples=["balance_band"])
    band: list[Amount | None] | None = Field(description="Its edges in per cent.", examples=[["20", "10"]])
    amount: Amount = Field(examples=["15"])
    available: Amount = Field(examples=["15"])
    percent: Amount | None = Field(examples=["15"])
    raised_at: When
    state: str = Field(examples=["sent"])
    reason: str = Field(examples=[""])
    settled_at: When | None
    explained: str = Field(examples=["21 November 2026, 12:00, “Остаток минут”: 20–10 %, 15 minutes left (15 %)"])
    deliveries: list[DeliveryWhy]


class RuleWhy(Told):
    """How one rule stands to the balance."""

    rule: str = Field(examples=["Остаток минут"])
    kind: str = Field(examples=["balance_band"])
    state: str = Field(examples=["active"])
    speaks: bool = Field(description="Whether it speaks to this balance now.", examples=[True])
    firing: bool = Field(examples=[True])
    since: When | None
    reason: str = Field(description="Why it told something last, or did not.", examples=["raised"])
    reason_at: When | None
    raised: int = Field(description="Notices since the top-up the balance lives on.", examples=[1])
    max_qty: int | None = Field(examples=[None])
    next_repeat_at: When | None
    explained: str = Field(examples=["“Остаток минут”: told, 21 November 2026, 12:00"])


class BalanceWhy(Told):
    """All there is to tell of one balance."""

    service: str = Field(examples=["ad"])
    service_name: str = Field(examples=["АД"])
    unit: str = Field(examples=["min"])
    known: bool = Field(examples=[True])
    explained: str = Field(examples=["АД: 15 minutes left, 15 % of the last top-up (100 minutes)"])
    rules: list[RuleWhy]
    notices: list[NoticeWhy]


class Why(Told):
    """What became of an account's balances: which rules speak to them, what was sent to whom, what not, and why."""

    organization: str = Field(examples=["energo"])
    account: str = Field(examples=["100001"])
    client: str = Field(examples=["c1"])
    balances: list[BalanceWhy]


_Limit = QueryEx[int, P(ge=1, le=500, description="How many notices, newest first.")]


@router.get("{path:number}/why", response=Why)
def get_account_why(
    request: FaceRequest,
    number: Number,
    organization: Organization = None,
    service: Query[Code | None] = None,
    language: Query[Language] = Language.ENGLISH,
    limit: _Limit = 20,
) -> Why:
    """Why something was sent, or was not. Told in words too: `language` chooses which."""
    account = accounts.found(request.actor, number, organization)
    teller = Teller(language=language, zone=ZoneInfo(account.organization.timezone))
    balances = history.of_account(account, service=service, limit=limit)
    return Why(
        organization=account.organization.code,
        account=account.number,
        client=account.client.code,
        balances=[_why(balance, teller) for balance in balances],
    )


def _why(balance: history.ToldBalance, teller: Teller) -> BalanceWhy:
    return BalanceWhy(
        service=balance.service,
        service_name=balance.service_name,
        unit=balance.unit,
        known=balance.known,
        explained=teller.left(balance),
        rules=[_rule(rule, teller) for rule in balance.rules],
        notices=[_notice(notice, teller) for notice in balance.notices],
    )


def _rule(rule: history.ToldRule, teller: Teller) -> RuleWhy:
    return RuleWhy(
        rule=rule.rule,
        kind=rule.kind,
        state=rule.state,
        speaks=rule.speaks,
        firing=rule.firing,
        since=rule.since,
        reason=rule.reason,
        reason_at=rule.reason_at,
        raised=rule.raised,
        max_qty=rule.max_qty,
        next_repeat_at=rule.next_repeat_at,
        explained=teller.rule(rule),
    )


def _notice(notice: history.ToldNotice, teller: Teller) -> NoticeWhy:
    return NoticeWhy(
        id=notice.id,
        rule=notice.rule,
        kind=notice.kind,
        band=None if notice.band is None else [percent(edge) for edge in notice.band],
        amount=exact(notice.amount, notice.unit),
        available=exact(notice.available, notice.unit),
        percent=percent(notice.percent),
        raised_at=notice.raised_at,
        state=notice.state,
        reason=notice.reason,
        settled_at=notice.settled_at,
        explained=teller.notice(notice),
        deliveries=[_delivery(delivery, teller) for delivery in notice.deliveries],
    )


def _delivery(delivery: history.ToldDelivery, teller: Teller) -> DeliveryWhy:
    return DeliveryWhy(
        id=delivery.id,
        channel=delivery.channel,
        recipient=delivery.recipient,
        name=delivery.name,
        address=delivery.address,
        state=delivery.state,
        reason=delivery.reason,
        detail=delivery.detail,
        due_at=delivery.due_at,
        settled_at=delivery.settled_at,
        explained=teller.delivery(delivery),
        attempts=[
            AttemptWhy(
                number=attempt.number,
                at=attempt.at,
                outcome=attempt.outcome,
                reason=attempt.reason,
                detail=attempt.detail,
                explained=teller.attempt(attempt),
            )
            for attempt in delivery.attempts
        ],
    )
