"""What became of the balances of an account: alarms, notices, deliveries, attempts. For whoever asks why.

A fixed number of queries, however much there is to tell.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import F, QuerySet

from ostatok.delivery.models import Attempt, Delivery
from ostatok.ledger.models import Account, Balance, Epoch
from ostatok.notices.models import Notice
from ostatok.parties.models import Contact, User
from ostatok.rules.models import Alarm, AlarmEpoch, Rule, SegmentRule


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldAttempt:
    """One try to send."""

    number: int
    at: datetime
    outcome: str
    reason: str
    detail: str
    provider: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldDelivery:
    """One message to one address; `name` is that of a user or contact, otherwise empty."""

    id: int
    channel: str
    recipient: str
    name: str
    address: str
    state: str
    reason: str
    detail: str
    due_at: datetime
    settled_at: datetime | None
    attempts: tuple[ToldAttempt, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldNotice:
    """One occasion, with the figures at raising; amounts in base units of `unit`, edges in per cent.

    `lasts_until` is only told by a rule about `days`.
    """

    id: int
    rule: str
    rule_version: int
    kind: str
    unit: str
    band: tuple[Decimal, Decimal | None] | None
    amount: Decimal
    available: Decimal
    percent: Decimal | None
    days: int | None
    lasts_until: datetime | None
    raised_at: datetime
    state: str
    reason: str
    settled_at: datetime | None
    deliveries: tuple[ToldDelivery, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldRule:
    """A rule that speaks, or spoke, to a balance; without `reason` nothing has happened yet.

    `raised` counts its notices since the top-up the balance lives on.
    """

    rule_id: int
    rule: str
    kind: str
    state: str
    speaks: bool
    firing: bool
    since: datetime | None
    reason: str
    reason_at: datetime | None
    raised: int
    max_qty: int | None
    next_repeat_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldBalance:
    """One balance of the account; amounts in base units of `unit`. `known`: anything was ever posted to it."""

    service: str
    service_name: str
    unit: str
    known: bool
    amount: Decimal
    held: Decimal
    available: Decimal
    top_up: Decimal | None
    topped_up_at: datetime | None
    rules: tuple[ToldRule, ...]
    notices: tuple[ToldNotice, ...]

    @property
    def percent(self) -> Decimal | None:
        """What is left, in per cent of the last top-up."""
        return (self.amount - self.held) * 100 / self.top_up if self.top_up else None


def of_account(account: Account, *, service: str | None = None, limit: int = 20) -> list[ToldBalance]:
    """All there is to tell of an account, or of one service of it: the newest `limit` notices of all its balances."""
    balances = Balance.objects.filter(account=account).select_related("service").order_by("service__code")
    if service is not None:
        balances = balances.filter(service__code=service)
    found = list(balances)
    epochs, rules, notices = _epochs(found), _rules(found), _notices(found, limit)
    return [
        _told(balance, epochs.get(balance.pk), rules.get(balance.pk, ()), notices.get(balance.pk, ()))
        for balance in found
    ]


def _told(
    balance: Balance, epoch: Epoch | None, rules: Iterable[ToldRule], notices: Iterable[ToldNotice]
) -> ToldBalance:
    return ToldBalance(
        service=balance.service.code,
        service_name=str(balance.service),
        unit=balance.service.unit,
        known=balance.seq > 0,
        amount=balance.amount,
        held=balance.held,
        available=balance.amount + balance.credit_limit - balance.held,
        top_up=epoch.top_up if epoch else None,
        topped_up_at=epoch.topped_up_at if epoch else None,
        rules=tuple(rules),
        notices=tuple(notices),
    )


def _epochs(balances: Sequence[Balance]) -> Mapping[int, Epoch]:
    """The epoch each balance lives on."""
    rows = Epoch.objects.filter(balance__in=balances, seq=F("balance__epoch"))
    return {row.balance_id: row for row in rows}


def _rules(balances: Sequence[Balance]) -> Mapping[int, Sequence[ToldRule]]:
    """For each balance, rules that speak to it and those that have an alarm of it."""
    alarms = {
        (alarm.balance_id, alarm.rule): alarm
        for alarm in Alarm.objects.filter(balance__in=balances).select_related("rule")
    }
    speaking = _speaking(balances)
    counted = AlarmEpoch.objects.filter(balance__in=balances, epoch=F("balance__epoch"))
    raised = {(row.balance_id, row.rule_id): row.raised for row in counted}
    found: defaultdict[int, list[ToldRule]] = defaultdict(list)
    for balance_id, rule in sorted(alarms.keys() | speaking, key=lambda pair: (pair[0], pair[1].name)):
        alarm = alarms.get((balance_id, rule))
        speaks = (balance_id, rule) in speaking
        count = raised.get((balance_id, rule.pk), 0)
        found[balance_id].append(_told_rule(rule, alarm, speaks=speaks, raised=count))
    return found


def _speaking(balances: Sequence[Balance]) -> set[tuple[int, Rule]]:
    by_segment: defaultdict[int, set[Rule]] = defaultdict(set)
    segments = {balance.segment_id for balance in balances}
    for row in SegmentRule.objects.filter(segment__in=segments).select_related("rule"):
        by_segment[row.segment_id].add(row.rule)
    return {(balance.pk, rule) for balance in balances for rule in by_segment[balance.segment_id or 0]}


def _told_rule(rule: Rule, alarm: Alarm | None, *, speaks: bool, raised: int) -> ToldRule:
    return ToldRule(
        rule_id=rule.pk,
        rule=rule.name,
        kind=rule.kind,
        state=rule.state,
        speaks=speaks,
        firing=alarm is not None and alarm.firing,
        since=alarm.since if alarm else None,
        reason=alarm.reason if alarm else "",
        reason_at=alarm.reason_at if alarm else None,
        raised=raised,
        max_qty=rule.max_qty,
        next_repeat_at=alarm.next_repeat_at if alarm else None,
    )


def _notices(balances: Sequence[Balance], limit: int) -> Mapping[int, Sequence[ToldNotice]]:
    """The newest notices of each balance, newest first; `limit` of all balances together."""
    rows = Notice.objects.filter(balance__in=balances).select_related("rule", "band").order_by("-raised_at", "-pk")
    newest = list(rows[:limit])
    units = {balance.pk: balance.service.unit for balance in balances}
    deliveries = _deliveries([notice.pk for notice in newest])
    found: defaultdict[int, list[ToldNotice]] = defaultdict(list)
    for notice in newest:
        unit = units[notice.balance_id]
        found[notice.balance_id].append(_told_notice(notice, unit, deliveries.get(notice.pk, ())))
    return found


def of_client(
    notices: QuerySet[Notice], client: int, *, before: int | None = None, limit: int = 20
) -> list[tuple[Notice, ToldNotice]]:
    """The newest notices about a client, among those that came through an access door, older than the id `before`.

    Each stands beside its row, which knows its balance and service. A fixed number of queries.
    """
    rows = notices.filter(client=client).select_related("rule", "band", "balance__service").order_by("-pk")
    newest = list((rows if before is None else rows.filter(pk__lt=before))[:limit])
    deliveries = _deliveries([notice.pk for notice in newest])
    return [
        (notice, _told_notice(notice, notice.balance.service.unit, deliveries.get(notice.pk, ()))) for notice in newest
    ]


def _told_notice(notice: Notice, unit: str, deliveries: Sequence[ToldDelivery]) -> ToldNotice:
    return ToldNotice(
        id=notice.pk,
        rule=notice.rule.name,
        rule_version=notice.rule_version,
        kind=notice.kind,
        unit=unit,
        band=(notice.band.upper, notice.band.lower) if notice.band else None,
        amount=notice.amount,
        available=notice.available,
        percent=notice.percent,
        days=notice.days,
        lasts_until=notice.lasts_until,
        raised_at=notice.raised_at,
        state=notice.state,
        reason=notice.reason,
        settled_at=notice.settled_at,
        deliveries=tuple(deliveries),
    )


def _deliveries(notices: Sequence[int]) -> Mapping[int | None, Sequence[ToldDelivery]]:
    rows = list(Delivery.objects.filter(notice__in=notices).order_by("pk"))
    attempts, names = _attempts([row.pk for row in rows]), _names({row.recipient for row in rows})
    found: defaultdict[int | None, list[ToldDelivery]] = defaultdict(list)
    for row in rows:
        kind, _, _ = row.recipient.partition(":")
        found[row.notice_id].append(
            ToldDelivery(
                id=row.pk,
                channel=row.channel,
                recipient=kind,
                name=names.get(row.recipient, ""),
                address=row.address,
                state=row.state,
                reason=row.reason,
                detail=row.detail,
                due_at=row.due_at,
                settled_at=row.settled_at,
                attempts=tuple(attempts.get(row.pk, ())),
            )
        )
    return found


def _attempts(deliveries: Sequence[int]) -> Mapping[int, Sequence[ToldAttempt]]:
    found: defaultdict[int, list[ToldAttempt]] = defaultdict(list)
    for row in Attempt.objects.filter(delivery__in=deliveries).order_by("at", "pk"):
        found[row.delivery_id].append(told_attempt(row, row.number))
    return found


def told_attempt(row: Attempt, number: int) -> ToldAttempt:
    """What there is of one try, the so-manieth of those that are told."""
    return ToldAttempt(
        number=number,
        at=row.at,
        outcome=row.outcome,
        reason=row.reason,
        detail=row.detail,
        provider=row.provider,
    )


def _names(recipients: Iterable[str]) -> Mapping[str, str]:
    """Names of the users and contacts that deliveries went to: `user:5` → Anna."""
    ids: defaultdict[str, set[int]] = defaultdict(set)
    for recipient in recipients:
        kind, _, number = recipient.partition(":")
        if number:
            ids[kind].add(int(number))
    users = User.objects.filter(pk__in=ids["user"]).values_list("pk", "name", "email")
    contacts = Contact.objects.filter(pk__in=ids["contact"]).values_list("pk", "name")
    named = {f"user:{pk}": name or email for pk, name, email in users}
    return named | {f"contact:{pk}": name for pk, name in contacts}
