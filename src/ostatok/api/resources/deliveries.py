"""Deliveries: what was sent to whom, what was not, and why; what was given up is sent again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.timezone import now
from ninja import P, Query, QueryEx, Router
from pydantic import Field

from ostatok.api import addressing, lists
from ostatok.api.auth import require
from ostatok.api.fields import Code, Id, Listed, Moment, Number, Organization, Text, Told, When, Within, like
from ostatok.api.problems import Kind, Refused
from ostatok.api.resources import accounts
from ostatok.api.resources.notices import InWords, clients_of, since
from ostatok.delivery import log, reasons
from ostatok.delivery.models import AttemptOutcome, Delivery, DeliveryState
from ostatok.notices.models import Notice
from ostatok.parties import audit
from ostatok.parties.access import Permission
from ostatok.parties.models import Language
from ostatok.web import requests
from ostatok.web.requests import FaceRequest

router = Router(tags=["deliveries"])
of_account = Router(tags=["accounts"])

InLanguage = QueryEx[Language, P(description="In which language things are explained.")]


class DeliveryTold(Told):
    """One message to one address."""

    id: int = Field(examples=[1])
    organization: str = Field(examples=["energo"])
    notice: int | None = Field(
        description="The notice it tells; null, as the next four, of a run-out list.", examples=[1]
    )
    rule: str | None = Field(examples=["Остаток минут"])
    client: str | None = Field(description="The code of the client it is about.", examples=["c1"])
    account: str | None = Field(examples=["100001"])
    service: str | None = Field(examples=["ad"])
    run_out_list: date | None = Field(description="The day whose run-out list it is.", examples=[None])
    channel: str = Field(examples=["email"])
    provider: str = Field(
        description="Which it went over last; empty before it was handed to one.", examples=["smtp:mail.example:25"]
    )
    recipient: str = Field(description="client, organization, user, contact or address.", examples=["client"])
    address: str = Field(examples=["c1@client.test"])
    state: DeliveryState = Field(examples=["sent"])
    reason: str = Field(description="Why it was not sent, or waits.", examples=[""])
    explained: str = Field(description="The state and the reason in words.", examples=["sent"])
    created_at: When
    due_at: When
    settled_at: When | None
    attempts: int = Field(description="How often it was tried.", ge=0, examples=[1])


class AttemptTold(Told):
    """One try to send."""

    number: int = Field(ge=1, examples=[1])
    at: When
    outcome: AttemptOutcome = Field(examples=["delivered"])
    reason: str = Field(examples=[""])
    detail: str = Field(examples=[""])
    explained: str = Field(examples=[""])
    provider: str = Field(
        description="Which it went over; empty: none was asked, or nobody knows.",
        examples=["smtp:mail.example:25"],
    )


class MessageTold(Told):
    """What was really sent."""

    subject: str = Field(examples=["АД: 15 мин"])
    text: str = Field(examples=["ООО «Ромашка», осталось 15 мин."])
    html: str = Field(examples=["<p>ООО «Ромашка», осталось 15 мин.</p>"])
    headers: dict[str, str] = Field(examples=[{"Message-ID": "<1@ostatok>"}])


class Wanted(Within):
    """Which deliveries."""

    client: Code | None = Field(default=None, description="About this client, by code.", json_schema_extra=like("c1"))
    rule: Text | None = Field(default=None, description="Of the rule of this name.")
    state: DeliveryState | None = None
    reason: Code | None = Field(default=None, description="Not sent for this reason.")
    channel: Code | None = None
    provider: Text | None = Field(default=None, description="Last over this provider; `-`: over none.")
    run_out_lists: bool = Field(default=False, description="Only run-out lists by mail.")
    address: Text | None = Field(default=None, description="To this address.")
    since: Moment | None = Field(default=None, description="Made then or later.")
    until: Moment | None = Field(default=None, description="Made before then.")
    language: Language = Field(default=Language.ENGLISH, description="In which language things are explained.")


@router.get("", response=Listed[DeliveryTold])
def list_deliveries(request: FaceRequest, at: Query[Wanted]) -> Listed[DeliveryTold]:
    """Deliveries within reach, newest first."""
    require(request.actor, Permission.SEE)
    filters = log.Filters(
        states=[at.state] if at.state else (),
        reason=at.reason or "",
        channel=at.channel or "",
        provider=at.provider or "",
        digests=at.run_out_lists,
        address=at.address or "",
        organization=addressing.organization(request.actor, at.organization).pk if at.organization else None,
    )
    rows = since(log.rows(request.actor, filters), "created_at", at.since, at.until)
    if at.client is not None:
        rows = rows.filter(notice__client__in=clients_of(request.actor, at.client))
    if at.rule is not None:
        rows = rows.filter(notice__rule__name=at.rule)
    return lists.page(rows, order=log.ORDER, at=at, tell=_teller(at.language))


@of_account.get("{path:number}/deliveries", response=Listed[DeliveryTold])
def list_account_deliveries(
    request: FaceRequest, number: Number, at: Query[InWords], organization: Organization = None
) -> Listed[DeliveryTold]:
    """Deliveries of notices about one account, newest first."""
    account = accounts.found(request.actor, number, organization)
    rows = log.rows(request.actor).filter(notice__client=account.client_id, notice__account=account)
    return lists.page(rows, order=log.ORDER, at=at, tell=_teller(at.language))


@router.get("{int:id}", response=DeliveryTold)
def get_delivery(request: FaceRequest, id: Id, language: InLanguage = Language.ENGLISH) -> DeliveryTold:  # noqa: A002
    """One delivery."""
    require(request.actor, Permission.SEE)
    return _told(addressing.by_id(log.rows(request.actor), id), language)


@router.get("{int:id}/attempts", response=list[AttemptTold])
def list_delivery_attempts(
    request: FaceRequest,
    id: Id,  # noqa: A002
    language: InLanguage = Language.ENGLISH,
) -> list[AttemptTold]:
    """Every try to send one delivery, in their order."""
    require(request.actor, Permission.SEE)
    found = _all_of(request, id)
    return [
        AttemptTold(
            number=number,
            at=each.at,
            outcome=AttemptOutcome(each.outcome),
            reason=each.reason,
            detail=each.detail,
            explained=reasons.words(each.reason, each.detail, language) if each.reason else "",
            provider=each.provider,
        )
        for number, each in enumerate(found.attempts, 1)
    ]


@router.get("{int:id}/message", response=MessageTold)
def get_delivery_message(request: FaceRequest, id: Id) -> MessageTold:  # noqa: A002
    """The message of one delivery as it was sent. That it was read is audited; 404 while nothing was sent."""
    require(request.actor, Permission.SEE)
    row = addressing.by_id(log.rows(request.actor), id)
    message = _all_of(request, id).message
    if message is None:
        raise Refused(Kind.NOT_FOUND, "Nothing was sent of it yet.")
    origin = requests.origin(request)
    audit.saw(request.actor, f"delivery {id}", row.organization, origin, now())
    return MessageTold(subject=message.subject, text=message.text, html=message.html, headers=dict(message.headers))


def _all_of(request: FaceRequest, id_: int) -> log.Told:
    found = log.one(request.actor, id_)
    if found is None:
        raise Refused(Kind.NOT_FOUND)
    return found


def _teller(language: str) -> Callable[[Sequence[Delivery]], Iterable[DeliveryTold]]:
    return lambda rows: [_told(row, language) for row in rows]


def _told(row: Delivery, language: str) -> DeliveryTold:
    return DeliveryTold(
        id=row.pk,
        organization=row.organization.code,
        **_about(row.notice),
        run_out_list=row.digest.day if row.digest else None,
        channel=row.channel,
        provider=row.provider,
        recipient=row.recipient.partition(":")[0],
        address=row.address,
        state=DeliveryState(row.state),
        reason=row.reason,
        explained=reasons.explain(state=row.state, reason=row.reason, detail=row.detail, language=language),
        created_at=row.created_at,
        due_at=row.due_at,
        settled_at=row.settled_at,
        attempts=row.attempts,
    )


def _about(notice: Notice | None) -> Mapping[str, Any]:
    return {
        "notice": notice and notice.pk,
        "rule": notice and notice.rule.name,
        "client": notice and notice.client.code,
        "account": notice and notice.account.number,
        "service": notice and notice.balance.service.code,
    }
