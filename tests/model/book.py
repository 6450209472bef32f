"""Entries change balances and epochs, or are refused.

This is posting without any rule: an entry is taken, found to be a duplicate, or refused, and a taken one makes a look.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from tests.model.triggers import Mark, Outlook
from tests.model.words import ZERO, Account, Entry, Kind, Refusal, Service, Subject


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """The top-up a balance lives on, known by the number of its entry."""

    seq: int
    ref: str
    top_up: Decimal
    balance_after: Decimal
    package: Decimal | None

    def mark(self, mark: Mark) -> Decimal | None:
        match mark:
            case Mark.LAST_TOP_UP:
                return self.top_up
            case Mark.BALANCE_AFTER:
                return self.balance_after
            case Mark.PACKAGE:
                return self.package


@dataclass(kw_only=True)
class Balance:
    """What is left on one account for one service.

    `seq` is the number of its last look: an entry, or a change of its limits. `epochs` are those not reversed, oldest
    first. `uses` say what was used on which day (of UTC).
    """

    subject: Subject
    amount: Decimal = ZERO
    credit_limit: Decimal = ZERO
    held: Decimal = ZERO
    seq: int = 0
    epochs: list[Epoch] = field(default_factory=list)
    uses: list[tuple[date, Decimal]] = field(default_factory=list)
    first_entry_at: datetime | None = None

    @property
    def is_posted(self) -> bool:
        """Only what was posted to is known, and only the known is looked at."""
        return self.seq > 0

    @property
    def left(self) -> Decimal:
        """What bands compare with the mark: a credit limit does not enter."""
        return self.amount - self.held

    @property
    def available(self) -> Decimal:
        """What thresholds are compared with."""
        return self.amount + self.credit_limit - self.held

    @property
    def epoch(self) -> int:
        """Number of the current epoch, 0 when there is none."""
        return self.epochs[-1].seq if self.epochs else 0

    def mark(self, mark: Mark) -> Decimal | None:
        """The 100 %; None when there is none, or none to take a percentage of."""
        amount = self.epochs[-1].mark(mark) if self.epochs else None
        return amount if amount is not None and amount > 0 else None

    def outlook(self, now: datetime) -> Outlook:
        """What was used since midnight seven days ago, or since the first entry, but within a day at least."""
        first_day = now.astimezone(UTC).date() - timedelta(days=7)
        start = datetime.combine(first_day, datetime.min.time(), UTC)
        start = max(start, self.first_entry_at or start)
        used = sum((use for day, use in self.uses if day >= first_day), ZERO)
        return Outlook(
            available=self.available,
            used=max(used, ZERO),
            seconds=max(now - start, timedelta(days=1)) // timedelta(seconds=1),
        )

    def next_seq(self) -> int:
        self.seq += 1
        return self.seq


@dataclass(frozen=True, kw_only=True)
class Look:
    """A moment at which the rules look at a balance.

    `downward`: something was taken, so a band may be entered. `rearming`: a top-up that starts an epoch. `silent`: an
    opening.
    """

    balance: Balance
    seq: int
    now: datetime
    downward: bool
    rearming: bool = False
    silent: bool = False


class Duplicate:
    """The same entry was posted before."""


class Book:
    """All balances of one organization and all entries ever posted to them."""

    def __init__(self, services: Iterable[Service], accounts: Iterable[Account]) -> None:
        self.services = {service.code: service for service in services}
        self.accounts = {account.number: account for account in accounts}
        self.balances: dict[Subject, Balance] = {}
        self.entries: dict[str, Entry] = {}
        self.reversed: set[str] = set()
        self.used: dict[str, tuple[date, Decimal]] = {}

    def balance(self, subject: Subject) -> Balance:
        return self.balances.setdefault(subject, Balance(subject=subject))

    def post(self, entry: Entry, now: datetime) -> Look | Duplicate | Refusal:
        """Take one entry. A refused one leaves no trace: its ref may come again."""
        if entry.account not in self.accounts:
            return Refusal.UNKNOWN_ACCOUNT
        if entry.service not in self.services:
            return Refusal.UNKNOWN_SERVICE
        known = self.entries.get(entry.ref)
        if known is not None:
            return Duplicate() if known.content == entry.content else Refusal.OTHER_CONTENT
        if entry.kind is Kind.OPENING and self.balance(entry.subject).is_posted:
            return Refusal.OPENING_NOT_FIRST
        refusal = self._refuse_reversal(entry)
        return self._take(entry, now) if refusal is None else refusal

    def _refuse_reversal(self, entry: Entry) -> Refusal | None:
        if entry.reverses is None:
            return None
        original = self.entries.get(entry.reverses)
        if original is None:
            return Refusal.UNKNOWN_ORIGINAL
        if original.subject != entry.subject:
            return Refusal.OTHER_BALANCE
        if original.kind is Kind.REVERSAL:
            return Refusal.REVERSES_A_REVERSAL
        if original.ref in self.reversed:
            return Refusal.ALREADY_REVERSED
        return None if entry.amount == -original.amount else Refusal.NOT_OPPOSITE

    def _take(self, entry: Entry, now: datetime) -> Look:
        balance = self.balance(entry.subject)
        self.entries[entry.ref] = entry
        balance.amount += entry.amount
        balance.first_entry_at = min(balance.first_entry_at or entry.occurred_at, entry.occurred_at)
        self._use(balance, entry, now)
        seq = balance.next_seq()
        starts_epoch = self._start_epoch(balance, entry, seq)
        if entry.reverses is not None:
            self._reverse(balance, entry.reverses)
        silent = entry.kind is Kind.OPENING
        return Look(
            balance=balance,
            seq=seq,
            now=now,
            downward=entry.amount < 0 and not starts_epoch and not silent,
            rearming=starts_epoch and not silent,
            silent=silent,
        )

    def _use(self, balance: Balance, entry: Entry, now: datetime) -> None:
        """A charge, or a statement of less, is use of its day; reversing it takes the use back from there."""
        if entry.kind is Kind.CHARGE or (entry.kind is Kind.SNAPSHOT and entry.amount < 0):
            self.used[entry.ref] = (min(entry.occurred_at, now).astimezone(UTC).date(), -entry.amount)
            balance.uses.append(self.used[entry.ref])
        if entry.reverses in self.used:
            balance.uses.remove(self.used[entry.reverses])

    def _start_epoch(self, balance: Balance, entry: Entry, seq: int) -> bool:
        top_up = entry.told_top_up
        if top_up is None or top_up < self.services[entry.service].rearm_from:
            return False
        balance.epochs.append(
            Epoch(seq=seq, ref=entry.ref, top_up=top_up, balance_after=balance.amount, package=entry.package)
        )
        return True

    def _reverse(self, balance: Balance, ref: str) -> None:
        """What was reversed is reversed for good; if it started an epoch, that one never was."""
        self.reversed.add(ref)
        balance.epochs = [epoch for epoch in balance.epochs if epoch.ref != ref]
