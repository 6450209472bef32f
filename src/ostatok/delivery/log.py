"""The log of deliveries: what was sent, waits, or was not sent, newest first; and one of them with all there is of it.

A page of the log is made by the caller (`web.paging.cut(log.rows(...), order=log.ORDER)`): this says which rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db.models import Q, QuerySet

from ostatok.delivery.history import ToldAttempt, told_attempt
from ostatok.delivery.models import Attempt, Delivery, DeliveryMessage
from ostatok.notices.models import Notice
from ostatok.parties.access import Actor, Permission, reach
from ostatok.parties.models import Contact, Organization, User
from ostatok.rules.models import Rule

ORDER: Final = ("-id",)
#: What is asked for where no provider was: what was never handed to one.
NO_PROVIDER: Final = "-"
_RELATED: Final = (
    "notice__rule",
    "notice__client",
    "notice__account",
    "notice__balance__service",
    "notice__band",
    "digest",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """Which deliveries; what is None or empty does not narrow. `since` ≤ made < `until`.

    `rule`, `client` and `organization` (which means those below it too) are ids; `address` is whole, in any case.
    `provider` is the last one, or NO_PROVIDER. `digests`: only run-out lists, which are of no rule.
    """

    states: Sequence[str] = ()
    reason: str = ""
    channel: str = ""
    provider: str = ""
    rule: int | None = None
    client: int | None = None
    organization: int | None = None
    address: str = ""
    since: datetime | None = None
    until: datetime | None = None
    digests: bool = False

    def apply(self, rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Those of the rows that are meant."""
        if self.states:
            rows = rows.filter(state__in=self.states)
        if self.organization is not None:
            rows = rows.filter(organization__path__contains=[self.organization])
        if self.address:
            # As written and in small letters: the two forms that addresses are stored in.
            rows = rows.filter(address__in={self.address.strip(), self.address.strip().lower()})
        if self.provider == NO_PROVIDER:
            rows = rows.filter(provider="")
        elif self.provider:
            rows = rows.filter(provider=self.provider)
        if self.digests:
            rows = rows.filter(notice=None)
        exact = {
            "reason": self.reason,
            "channel": self.channel,
            "notice__rule": self.rule,
            "notice__client": self.client,
            "created_at__gte": self.since,
            "created_at__lt": self.until,
        }
        return rows.filter(**{name: value for name, value in exact.items() if value not in ("", None)})


ALL: Final = Filters()


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """What was really sent; `headers` as a person reads them."""

    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """The notice that is told. Amounts are in base units of `unit`, as raised."""

    notice_id: int
    rule_id: int
    rule: str
    kind: str
    client_id: int
    client: str
    account_id: int
    account: str
    service: str
    unit: str
    amount: Decimal
    available: Decimal
    mark: Decimal | None
    percent: Decimal | None
    threshold: Decimal | None
    band_upper: Decimal | None
    band_lower: Decimal | None
    raised_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One delivery: about what, to whom, what became of it.

    It tells a notice (`about`), or is the run-out list of the day `digest`. `recipient` is a kind (client,
    organization, user, contact, address), `name` that of a user or contact.
    """

    id: int
    organization_id: int
    organization: str
    about: About | None
    digest: date | None
    channel: str
    provider: str
    recipient: str
    name: str
    address: str
    state: str
    reason: str
    detail: str
    created_at: datetime
    due_at: datetime
    settled_at: datetime | None
    tried: int
    message: Message | None
    attempts: tuple[ToldAttempt, ...]


def rows(actor: Actor, filters: Filters = ALL, permission: Permission | None = None) -> QuerySet[Delivery]:
    """Deliveries that the actor may see (or do what `permission` names with), with all that a line of the log shows."""
    found = filters.apply(Delivery.objects.visible_to(actor, permission))
    return found.select_related(*_RELATED, "organization")


def rules(actor: Actor) -> QuerySet[Rule]:
    """Rules that the log can be narrowed to: those the actor may see, and those above, which speak to its clients too.

    Of these nothing but the name is shown, as in the lines of the log.
    """
    roots = reach(actor)
    if roots is None:
        return Rule.objects.visible_to(actor)
    paths = Organization.objects.filter(pk__in=roots).values_list("path", flat=True)
    above = {at for path in paths for at in path}
    return Rule.objects.filter(Q(organization__path__overlap=list(roots)) | Q(organization__in=above))


def one(actor: Actor, delivery_id: int) -> Told | None:
    """All there is of one delivery, or None where the actor does not see it. A fixed number of queries."""
    row = rows(actor).filter(pk=delivery_id).first()
    return None if row is None else _told(row)


def _told(row: Delivery) -> Told:
    tries = Attempt.objects.filter(delivery=row).order_by("at", "pk")
    return Told(
        id=row.pk,
        organization_id=row.organization_id,
        organization=row.organization.name,
        about=_about(row.notice) if row.notice else None,
        digest=row.digest.day if row.digest else None,
        channel=row.channel,
        provider=row.provider,
        recipient=row.recipient.partition(":")[0],
        name=_name(row.recipient),
        address=row.address,
        state=row.state,
        reason=row.reason,
        detail=row.detail,
        created_at=row.created_at,
        due_at=row.due_at,
        settled_at=row.settled_at,
        tried=row.attempts,
        message=_message(row),
        attempts=tuple(told_attempt(each, number) for number, each in enumerate(tries, 1)),
    )


def _about(notice: Notice) -> About:
    service, band = notice.balance.service, notice.band
    return About(
        notice_id=notice.pk,
        rule_id=notice.rule_id,
        rule=notice.rule.name,
        kind=notice.kind,
        client_id=notice.client_id,
        client=notice.client.name,
        account_id=notice.account_id,
        account=notice.account.number,
        service=str(service),
        unit=service.unit,
        amount=notice.amount,
        available=notice.available,
        mark=notice.mark,
        percent=notice.percent,
        threshold=notice.threshold,
        band_upper=band.upper if band else None,
        band_lower=band.lower if band else None,
        raised_at=notice.raised_at,
    )


def _message(row: Delivery) -> Message | None:
    kept = DeliveryMessage.objects.filter(delivery=row).first()
    if kept is None:
        return None
    return Message(subject=kept.subject, text=kept.text, html=kept.html, headers=kept.headers)


def _name(recipient: str) -> str:
    """The name behind `user:5` or `contact:7`."""
    kind, _, number = recipient.partition(":")
    if kind == "user" and (user := User.objects.filter(pk=int(number)).first()):
        return user.name or user.email
    contact = Contact.objects.filter(pk=int(number)).first() if kind == "contact" else None
    return contact.name if contact else ""
