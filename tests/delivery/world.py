"""An organization with clients, balances and notices in the outbox, written straight into the tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from ostatok.delivery.models import Attempt, Delivery, DeliveryState
from ostatok.ledger.models import Account, Balance, Entry, EntryKind, Epoch, Service
from ostatok.notices.models import Notice, NoticeState
from ostatok.parties.models import Client, Organization
from ostatok.rules.models import Alarm, AlarmEpoch, Rule, RuleBand, RuleState, TriggerKind

MINUTE = 60
_codes = count(1)


def _now() -> datetime:
    return datetime.now(UTC)


def notice_of(delivery: Delivery) -> Notice:
    """The notice of a delivery, which is no digest's."""
    assert delivery.notice
    return delivery.notice


@dataclass
class World:
    """Minutes of one service, with the bands of seed 000; every new balance was topped up by 100 and has 15 left."""

    organization: Organization = field(
        default_factory=lambda: Organization.objects.create(
            code=f"o{next(_codes)}",
            name="ООО «Энергосбыт»",
            email="ops@energo.test",
            timezone="Europe/Moscow",
            language="ru",
        )
    )
    name: str = "Остаток минут"
    kind: str = TriggerKind.BALANCE_BAND
    threshold: int | None = None
    days: int | None = None
    period: timedelta | None = None

    def __post_init__(self) -> None:
        self.service = Service.objects.create(
            organization=self.organization, code="ad", name="АД", full_name="Автоматический обзвон", unit="min"
        )
        self.rule = Rule.objects.create(
            organization=self.organization,
            name=self.name,
            kind=self.kind,
            state=RuleState.ACTIVE,
            unit="min",
            threshold=None if self.threshold is None else self.threshold * MINUTE,
            days=self.days,
            period=self.period,
        )
        self.bands = [
            RuleBand.objects.create(rule=self.rule, upper=upper, lower=lower)
            for upper, lower in ((20, 10), (10, 5), (5, None))
        ]

    def clients(self, number: int, **fields: Any) -> list[Balance]:
        """That many clients, each with one account and one balance."""
        start = Client.objects.filter(organization=self.organization).count()
        numbers = [f"{start + i + 1:06d}" for i in range(number)]
        clients = Client.objects.bulk_create(
            Client(
                organization=self.organization,
                **{"code": n, "name": f"Клиент {n}", "email": f"c{n}@client.test", **fields},
            )
            for n in numbers
        )
        accounts = Account.objects.bulk_create(
            Account(organization=self.organization, number=n, client=c) for n, c in zip(numbers, clients, strict=True)
        )
        balances = Balance.objects.bulk_create(
            Balance(organization=self.organization, number=a.number, service=self.service, account=a) for a in accounts
        )
        self.top_up(balances, 100)
        self.charge(balances, 85)
        return balances

    def client(self, **fields: Any) -> Balance:
        """One client's balance."""
        return self.clients(1, **fields)[0]

    def top_up(self, balances: Sequence[Balance], minutes: int) -> None:
        """Top up, and begin an epoch."""
        self._post(balances, EntryKind.TOP_UP, minutes)
        Epoch.objects.bulk_create(
            Epoch(
                organization=self.organization,
                balance=one,
                seq=one.seq,
                top_up=minutes * MINUTE,
                balance_after=one.amount,
                topped_up_at=_now(),
            )
            for one in balances
        )
        for one in balances:
            one.epoch = one.seq
        Balance.objects.bulk_update(balances, ["epoch"])

    def charge(self, balances: Sequence[Balance], minutes: int) -> None:
        """Take minutes off."""
        self._post(balances, EntryKind.CHARGE, -minutes)

    def correct(self, balances: Sequence[Balance], minutes: int) -> None:
        """Add minutes that were no top-up."""
        self._post(balances, EntryKind.ADJUSTMENT, minutes)

    def _post(self, balances: Sequence[Balance], kind: EntryKind, minutes: int) -> None:
        for one in balances:
            one.seq += 1
            one.amount += Decimal(minutes * MINUTE)
        Entry.objects.bulk_create(
            Entry(
                organization=self.organization,
                balance=one,
                seq=one.seq,
                kind=kind,
                amount=minutes * MINUTE,
                occurred_at=_now(),
                posted_at=_now(),
                ref=f"{one.pk}-{one.seq}",
            )
            for one in balances
        )
        Balance.objects.bulk_update(balances, ["seq", "amount"])

    def notices(
        self, balances: Sequence[Balance], *, band: int | None = 0, step: int = 1, raised_at: datetime | None = None
    ) -> list[Notice]:
        """A notice about each balance as it is now, without deliveries; counted, as the rules do."""
        at = raised_at or _now()
        for one in balances:
            place, _ = AlarmEpoch.objects.get_or_create(rule=self.rule, balance=one, epoch=one.epoch)
            place.raised += 1
            place.save()
        return Notice.objects.bulk_create(
            Notice(
                organization=self.organization,
                rule=self.rule,
                rule_version=1,
                kind=self.kind,
                balance=one,
                account_id=one.account_id,
                client_id=one.account.client_id,
                epoch=one.epoch,
                occasion=one.seq,
                step=step,
                band=None if band is None else self.bands[band],
                amount=one.amount,
                available=one.amount,
                mark=100 * MINUTE,
                percent=one.amount / MINUTE,
                raised_at=at,
            )
            for one in balances
        )

    def deliveries(self, notices: Sequence[Notice], **fields: Any) -> list[Delivery]:
        """A delivery of each notice to its client."""
        at = _now()
        return Delivery.objects.bulk_create(
            Delivery(
                organization_id=notice.organization_id,
                notice=notice,
                **{
                    "channel": "email",
                    "recipient": "client",
                    "address": notice.client.email,
                    "due_at": at,
                    "created_at": at,
                    **fields,
                },
            )
            for notice in notices
        )

    def waiting(self, number: int = 1, **fields: Any) -> list[Delivery]:
        """That many clients, each with a mail that is due."""
        return self.deliveries(self.notices(self.clients(number)), **fields)

    def alarm(self, balance: Balance, **fields: Any) -> Alarm:
        """A firing alarm of the rule on the balance."""
        return Alarm.objects.create(
            rule=self.rule,
            balance=balance,
            organization=self.organization,
            **{"firing": True, "reason": "raised", "reason_at": _now(), **fields},
        )

    def raised(self, balance: Balance) -> int:
        """What counts towards max qty in the balance's epoch."""
        return AlarmEpoch.objects.get(rule=self.rule, balance=balance, epoch=balance.epoch).raised


def states() -> dict[str, int]:
    """How many deliveries are in which state."""
    found: dict[str, int] = {}
    for state in Delivery.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def reasons(delivery: Delivery) -> list[str]:
    """The reasons of a delivery's attempts, in their order."""
    return list(Attempt.objects.filter(delivery=delivery).order_by("number").values_list("reason", flat=True))


def all_settled() -> bool:
    """Whether nothing waits and nothing is being sent."""
    return not Delivery.objects.filter(state__in=[DeliveryState.WAITING, DeliveryState.SENDING]).exists() and not (
        Notice.objects.filter(state=NoticeState.WAITING).exists()
    )
