"""One organization with one account and two services, and a till through which entries are posted."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from types import TracebackType
from typing import Any

from django.db import transaction

from ostatok import pipeline
from ostatok.ledger.entries import NewEntry
from ostatok.ledger.models import Account, Balance, EntryKind, Service
from ostatok.ledger.snapshots import StatedBalance
from ostatok.notices.models import Notice
from ostatok.parties.models import Client, Organization
from ostatok.rules.changes import RuleChange
from ostatok.rules.models import Rule, RuleBand

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
_codes = count(1)


class Shop:
    """АД in minutes and money in tenge on account 100001; `now` is moved by hand."""

    def __init__(self, *, rearm_from: int = 0) -> None:
        code = f"shop{next(_codes)}"
        self.now = NOW
        self.organization = Organization.objects.create(code=code, name="Shop", email="ops@shop.test")
        self.client = Client.objects.create(
            organization=self.organization, code="c1", name="ООО «Ромашка»", email="c1@client.test"
        )
        self.account = Account.objects.create(organization=self.organization, number="100001", client=self.client)
        self.minutes = self._serve("ad", "min", 60 * rearm_from)
        self.money = self._serve("money", "KZT", 0)
        with self.changing() as effects:
            effects.accounts_changed([self.account.pk])
        self._refs = count(1)

    def _serve(self, code: str, unit: str, rearm_from: int) -> Balance:
        service = Service.objects.create(
            organization=self.organization, code=code, name=code, unit=unit, rearm_from=rearm_from
        )
        return Balance.objects.create(
            organization=self.organization, number="100001", service=service, account=self.account
        )

    def changing(self) -> "_Changing":
        return _Changing(self)

    def entry(self, kind: str, amount: str | None, **said: Any) -> NewEntry:
        """An entry of minutes with a ref of its own, unless said otherwise."""
        number = next(self._refs)
        stated: dict[str, Any] = {
            "account": "100001",
            "service": "ad",
            "occurred_at": NOW,
            "ref": f"r{number}",
            "position": number,
        }
        return NewEntry(
            kind=EntryKind[kind.upper()], amount=None if amount is None else Decimal(amount), **(stated | said)
        )

    def post(self, *new: NewEntry) -> pipeline.Outcome:
        return pipeline.post(organization_id=self.organization.pk, new=new, now=self.now)

    def state(self, balance: str, as_of: datetime, **said: Any) -> pipeline.Outcome:
        """Post a balance of minutes as another billing states it."""
        stated = StatedBalance(
            position=1, account="100001", service="ad", balance=Decimal(balance), as_of=as_of, **said
        )
        return pipeline.post_balances(organization_id=self.organization.pk, stated=[stated], now=self.now)

    def rule(self, kind: str, **fields: Any) -> Rule:
        """A rule that tells the client, switched on."""
        rule = Rule.objects.create(organization=self.organization, name=f"rule {next(_codes)}", kind=kind, **fields)
        rule.recipients.create(kind="client")
        if kind == "balance_band":
            for upper, lower in ((20, 10), (10, 5), (5, None)):
                RuleBand.objects.create(rule=rule, upper=upper, lower=lower)
        self.switch(rule, "active")
        return rule

    def switch(self, rule: Rule, state: str, *, notify_now: bool = False) -> pipeline.Effects:
        with self.changing() as effects:
            rule.state = state
            rule.save()
            is_on = state in ("active", "shadow")
            effects.rules_changed([RuleChange(rule_id=rule.pk, is_on=is_on, became_on=is_on, notify_now=notify_now)])
            return effects

    def wait(self, **duration: float) -> None:
        self.now += timedelta(**duration)

    def left(self) -> int:
        """Seconds left."""
        self.minutes.refresh_from_db()
        return int(self.minutes.amount)

    def told(self) -> list[str]:
        """All notices so far: bands by their edges, thresholds by their kind and step."""
        found = Notice.objects.filter(organization_id=self.organization.pk).select_related("band").order_by("pk")
        return [
            f"{one.band.upper:.0f}–{'' if one.band.lower is None else f'{one.band.lower:.0f}'}"
            if one.band
            else f"{one.kind.removeprefix('balance_')} {one.step}"
            for one in found
        ]


class _Changing:
    """A transaction that holds postings back while rules or accounts change."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._atomic = transaction.atomic()

    def __enter__(self) -> pipeline.Effects:
        self._atomic.__enter__()
        effects = pipeline.Effects(now=self._shop.now)
        effects.lock([self._shop.organization.pk])
        return effects

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._atomic.__exit__(kind, error, trace)
