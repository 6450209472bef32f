"""Random entries that lead to the edges of rules, and those that posting must refuse."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from tests.model.book import Balance, Book
from tests.model.triggers import Above, Bands, Below, Forecast
from tests.model.words import ZERO, Declared, Entry, Kind, Rule, Subject

_GRAIN = Decimal("0.000001")
_NUDGES = st.sampled_from([ZERO, ZERO, _GRAIN, -_GRAIN, Decimal("0.01"), Decimal("-0.01")])
_AMOUNTS = st.sampled_from([Decimal(amount) for amount in ("0.000001", "0.01", "1", "7.5", "10", "33.3", "100", "250")])
_TOP_UPS = st.sampled_from([Decimal(amount) for amount in ("0.01", "9.99", "10", "99.999999", "100", "300")])
_AGES = st.integers(0, 5).map(lambda days: timedelta(days=days))
_DOWN = st.sampled_from([Kind.CHARGE, Kind.CHARGE, Kind.CHARGE, Kind.ADJUSTMENT, Kind.REFUND])
_UP = st.sampled_from([Kind.ADJUSTMENT, Kind.ADJUSTMENT, Kind.TOP_UP])


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What may be drawn beside the usual: snapshots among the entries, packages granted by top-ups."""

    snapshots: bool = False
    packages: bool = False


def draw_subject(draw: st.DrawFn, book: Book) -> Subject:
    """Any balance, but three times in four the same one."""
    accounts, services = sorted(book.accounts), sorted(book.services)
    if draw(st.integers(0, 3)):
        return Subject(accounts[0], services[0])
    return Subject(draw(st.sampled_from(accounts)), draw(st.sampled_from(services)))


class Drawer:
    """Draws entries that fit a book as it stands, or are at odds with it in one way.

    Refs are not in the order of posting, nor are the times at which things occurred.
    """

    def __init__(self, draw: st.DrawFn, book: Book, rules: Iterable[Rule], scope: Scope) -> None:
        self._draw = draw
        self._book = book
        self._rules = list(rules)
        self._scope = scope

    def entry(self, now: datetime, seen: Sequence[Entry]) -> Entry:
        """One more entry; `seen` are those drawn before it, posted or refused."""
        if seen and self._draw(st.integers(1, 10)) == 1:
            return self._again(self._draw(st.sampled_from(seen)))
        deeds: list[Callable[[Entry], Entry]] = [self._move] * 6
        deeds += [self._top_up, self._top_up, self._state, self._reverse, self._reverse]
        return self._draw(st.sampled_from(deeds))(self._fresh(now, len(seen)))

    def hold(self, subject: Subject) -> Decimal:
        """An amount to hold that leads to an edge of some rule or just past it, if there is one to be led to."""
        balance = self._book.balance(subject)
        holds = [balance.held + balance.amount - edge for edge in self._edges(balance)]
        return max(self._draw(st.sampled_from(holds or [ZERO])) + self._draw(_NUDGES), ZERO)

    def _fresh(self, now: datetime, count: int) -> Entry:
        """A charge of nothing, to be made into something."""
        account, service = draw_subject(self._draw, self._book)
        return Entry(
            ref=f"{self._draw(st.sampled_from('amz'))}{count}",
            account=account,
            service=service,
            kind=Kind.CHARGE,
            amount=ZERO,
            occurred_at=now - self._draw(_AGES),
        )

    def _move(self, fresh: Entry) -> Entry:
        """Lead the balance to an edge of some rule or just past it, or anywhere."""
        balance = self._book.balance(fresh.subject)
        edges = self._edges(balance)
        if edges and self._draw(st.integers(1, 4)) > 1:
            amount = self._draw(st.sampled_from(edges)) + self._draw(_NUDGES) - balance.amount
        else:
            amount = self._draw(_AMOUNTS) * self._draw(st.sampled_from([-1, -1, 1]))
        if amount == 0:
            return fresh
        return self._granting(replace(fresh, kind=self._draw(_DOWN if amount < 0 else _UP), amount=amount))

    def _top_up(self, fresh: Entry) -> Entry:
        return self._granting(replace(fresh, kind=Kind.TOP_UP, amount=self._draw(_TOP_UPS)))

    def _state(self, fresh: Entry) -> Entry:
        """Tell what is left and perhaps the last top-up; an opening of a balance posted to must be refused."""
        kinds = [Kind.OPENING]
        if self._book.balance(fresh.subject).is_posted and self._scope.snapshots:
            kinds += [Kind.SNAPSHOT] * 3
        amount = self._draw(_AMOUNTS | _AMOUNTS.map(lambda amount: -amount) | st.just(ZERO))
        top_up = self._draw(st.none() | _TOP_UPS)
        declared = None if top_up is None else Declared(amount=top_up, at=fresh.occurred_at)
        return self._granting(replace(fresh, kind=self._draw(st.sampled_from(kinds)), amount=amount, declared=declared))

    def _granting(self, entry: Entry) -> Entry:
        if entry.told_top_up is None or not self._scope.packages:
            return entry
        return replace(entry, package=self._draw(st.none() | _TOP_UPS))

    def _reverse(self, fresh: Entry) -> Entry:
        """Reverse an entry, half the time a top-up if there is one; one time in three so that it must be refused."""
        posted = list(self._book.entries.values())
        if not posted or self._draw(st.integers(1, 3)) == 1:
            return self._reverse_wrongly(fresh, posted)
        standing = [one for one in posted if not self._is_settled(one)]
        top_ups = [one for one in standing if one.told_top_up is not None]
        prefers_top_up = self._draw(st.booleans())
        choice = top_ups if top_ups and prefers_top_up else standing
        return _reversal(fresh, self._draw(st.sampled_from(choice or posted)))

    def _is_settled(self, entry: Entry) -> bool:
        """Can this entry not be reversed any more?"""
        return entry.kind is Kind.REVERSAL or entry.ref in self._book.reversed

    def _reverse_wrongly(self, fresh: Entry, posted: Sequence[Entry]) -> Entry:
        if not posted or self._draw(st.integers(1, 4)) == 1:
            return replace(fresh, kind=Kind.REVERSAL, amount=self._draw(_AMOUNTS), reverses="never posted")
        settled = [one for one in posted if self._is_settled(one)]
        takes_settled, changes_amount = self._draw(st.booleans()), self._draw(st.booleans())
        if settled and takes_settled:
            return _reversal(fresh, self._draw(st.sampled_from(settled)))
        reversal = _reversal(fresh, self._draw(st.sampled_from(posted)))
        if changes_amount:
            return replace(reversal, amount=reversal.amount + _GRAIN)
        return replace(reversal, account=fresh.account, service=fresh.service)

    def _again(self, entry: Entry) -> Entry:
        """The same entry once more, or another with its ref."""
        others = [entry, entry, replace(entry, occurred_at=entry.occurred_at + timedelta(seconds=1))]
        others += [replace(entry, service=code) for code in sorted(self._book.services)]
        if entry.amount:
            others.append(replace(entry, amount=entry.amount * 2))
        if entry.amount < 0 and entry.kind is Kind.CHARGE:
            others.append(replace(entry, kind=Kind.REFUND))
        return self._draw(st.sampled_from(others))

    def _edges(self, balance: Balance) -> list[Decimal]:
        """The amounts of this balance at which some rule changes its mind."""
        account, service = balance.subject
        account_of, service_of = self._book.accounts[account], self._book.services[service]
        rules = [rule for rule in self._rules if rule.speaks_of(account_of, service_of)]
        return [edge.quantize(_GRAIN) for rule in rules for edge in _edges_of(rule, balance)]


def _edges_of(rule: Rule, balance: Balance) -> Iterable[Decimal]:
    hysteresis, not_ours = rule.quota.hysteresis, balance.held - balance.credit_limit
    match rule.trigger:
        case Bands(bands=bands, mark=mark):
            base = balance.mark(mark)
            return [] if base is None else [band.upper * base / 100 + balance.held for band in bands]
        case Below(amount=amount):
            return [amount + not_ours, amount + hysteresis + not_ours]
        case Above(amount=amount):
            return [amount + not_ours, amount - hysteresis + not_ours]
        case Forecast():
            # Where it lies depends on the moment and on the entry itself.
            return [not_ours]
        case _:
            return [not_ours, hysteresis + not_ours]


def _reversal(fresh: Entry, original: Entry) -> Entry:
    account, service = original.subject
    # Subtracted, because the opposite of a charge of 0 would be -0.
    opposite = ZERO - original.amount
    return replace(fresh, account=account, service=service, kind=Kind.REVERSAL, amount=opposite, reverses=original.ref)
