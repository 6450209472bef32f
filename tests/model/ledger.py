"""The whole model: what the product must do, done in plain loops."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from tests.model.book import Balance, Book, Duplicate, Look
from tests.model.protocol import AlarmKey, AlarmState
from tests.model.quotas import Alarm, Fate, Notices
from tests.model.triggers import Trigger
from tests.model.watch import Watch
from tests.model.words import Account, Entry, Notice, NoticeKey, PostOutcome, Refusal, Refused, Rule, Service, Subject


class Ledger:
    """One organization: its balances, rules, alarms and notices. See `protocol.Product` for what each method means."""

    def __init__(self, services: Iterable[Service], accounts: Iterable[Account]) -> None:
        self.book = Book(services, accounts)
        self._notices = Notices()
        self._rules: dict[str, Rule] = {}
        self._on: set[str] = set()
        self._alarms: dict[AlarmKey, Alarm] = {}

    @property
    def notices(self) -> Sequence[Notice]:
        return self._notices.raised

    @property
    def balances(self) -> Mapping[Subject, Decimal]:
        return {subject: balance.amount for subject, balance in self.book.balances.items() if balance.is_posted}

    @property
    def alarms(self) -> Mapping[AlarmKey, AlarmState]:
        """Those firing of the rules that are on, as far as these speak of the balance."""
        return {
            AlarmKey(watch.rule.name, watch.balance.subject): AlarmState(
                silent=watch.alarm.silent, reason=watch.alarm.reason
            )
            for watch in self.watches()
            if watch.alarm.firing
        }

    @property
    def waiting(self) -> Sequence[NoticeKey]:
        """Notices not settled yet, oldest first."""
        return self._notices.waiting()

    def post(self, entries: Sequence[Entry], now: datetime) -> PostOutcome:
        posted, duplicates, refused = 0, 0, []
        for position, entry in enumerate(entries):
            match self.book.post(entry, now):
                case Look() as look:
                    posted += 1
                    self._look(look)
                case Duplicate():
                    duplicates += 1
                case Refusal() as reason:
                    refused.append(Refused(position=position, reason=reason))
        return PostOutcome(posted=posted, duplicates=duplicates, refused=tuple(refused))

    def change_limits(
        self,
        subject: Subject,
        now: datetime,
        *,
        credit_limit: Decimal | None = None,
        held: Decimal | None = None,
    ) -> None:
        balance = self.book.balance(subject)
        before = (balance.credit_limit, balance.held)
        balance.credit_limit = balance.credit_limit if credit_limit is None else credit_limit
        balance.held = balance.held if held is None else held
        if balance.is_posted and (balance.credit_limit, balance.held) != before:
            self._look(Look(balance=balance, seq=balance.next_seq(), now=now, downward=balance.held > before[1]))

    def switch_on(self, rule: Rule, now: datetime, *, notify_now: bool = False) -> None:
        if rule.name in self._on and self._rules[rule.name] == rule:
            return
        self._rules[rule.name] = rule
        self._on.add(rule.name)
        self._switch(rule, now, notify_now=notify_now)

    def switch_off(self, name: str) -> None:
        self._on.discard(name)

    def edit(self, name: str, trigger: Trigger, now: datetime, *, notify_now: bool = False) -> None:
        if self._rules[name].trigger == trigger:
            return
        self._rules[name] = replace(self._rules[name], trigger=trigger)
        if name in self._on:
            self._switch(self._rules[name], now, notify_now=notify_now)

    def set_groups(self, account: str, groups: frozenset[str], now: datetime) -> None:
        # Only who joins is looked at: who was in the audience before may be below unseen until the schedule comes.
        before = {(watch.rule.name, watch.balance.subject) for watch in self.watches()}
        self.book.accounts[account] = replace(self.book.accounts[account], groups=groups)
        for watch in self.watches():
            if (watch.rule.name, watch.balance.subject) not in before:
                watch.switch(now, notify_now=False)

    def sweep(self, at: datetime) -> None:
        self._look_ahead(at)
        for watch in self.watches():
            watch.repeat(at)

    def _look_ahead(self, at: datetime) -> None:
        """Whatever fires of one balance has one place among its looks."""
        seqs: dict[Subject, int] = {}
        for watch in [watch for watch in self.watches() if watch.look_ahead(at)]:
            subject = watch.balance.subject
            seqs[subject] = seqs.get(subject) or watch.balance.next_seq()
            watch.fire_ahead(seqs[subject], at)

    def settle(self, key: NoticeKey, *, sent: bool) -> None:
        self._notices.settle(key, sent=sent)

    def is_given_back(self, key: NoticeKey) -> bool:
        """Did this notice reach nobody?"""
        return self._notices.fates[key] is Fate.GIVEN_BACK

    def watches(self) -> Iterator[Watch]:
        """Every rule that is on, with every balance posted to that it speaks of."""
        for name, rule in self._rules.items():
            for balance in self.book.balances.values():
                if name in self._on and balance.is_posted and self._speaks_of(rule, balance):
                    alarm = self._alarms.setdefault(AlarmKey(name, balance.subject), Alarm())
                    yield Watch(rule=rule, balance=balance, alarm=alarm, notices=self._notices)

    def _look(self, look: Look) -> None:
        for watch in self.watches():
            if watch.balance is look.balance:
                watch.look(look)

    def _switch(self, rule: Rule, now: datetime, *, notify_now: bool) -> None:
        for watch in self.watches():
            if watch.rule is rule:
                watch.switch(now, notify_now=notify_now)

    def _speaks_of(self, rule: Rule, balance: Balance) -> bool:
        account, service = balance.subject
        return rule.speaks_of(self.book.accounts[account], self.book.services[service])
