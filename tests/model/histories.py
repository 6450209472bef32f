"""Random histories that seek the edges.

While a history is drawn it is played to a model, so that amounts can lead exactly to an edge of some rule, or just
past it, and so that reversals, duplicates and settled notices refer to what is there. Most of it happens to one
balance: spread evenly, too little would happen to each. Hypothesis shrinks what fails as usual.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from tests.model.ledger import Ledger
from tests.model.protocol import World
from tests.model.random_entries import Drawer, Scope, draw_subject
from tests.model.random_rules import rules, triggers
from tests.model.steps import ChangeLimits, Edit, History, Post, SetGroups, Settle, Step, Sweep, SwitchOff, SwitchOn
from tests.model.triggers import Mark
from tests.model.words import ZERO, Account, Entry, Rule, Service

START = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
_WAITS = st.sampled_from([timedelta(minutes=minutes) for minutes in (0, 0, 1, 30, 59, 60, 23 * 60, 24 * 60)])
_PERIODS = st.sampled_from([timedelta(minutes=minutes) for minutes in (0, 59, 60, 60, 24 * 60)])
_LIMITS = st.none() | st.sampled_from([Decimal(amount) for amount in ("0", "0.01", "5", "10", "100")])
_GROUPS = st.frozensets(st.sampled_from("AB"))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """One to three accounts, and two services with different units."""
    rearm_from = st.sampled_from([ZERO, ZERO, Decimal(10), Decimal(100)])
    units = {"ad": "min", "power": "kWh"}
    numbers = [f"10000{n}" for n in range(draw(st.integers(1, 3)))]
    return World(
        services=tuple(Service(code=code, unit=unit, rearm_from=draw(rearm_from)) for code, unit in units.items()),
        accounts=tuple(Account(number=number, groups=draw(_GROUPS)) for number in numbers),
    )


@st.composite
def histories(draw: st.DrawFn, *, snapshots: bool = False, packages: bool = False) -> History:
    """Histories of everything that can happen.

    Snapshots are entries only if wished; only with `packages` do top-ups grant them and rules measure by them.
    """
    draft = Draft(draw, Scope(snapshots=snapshots, packages=packages))
    for _ in range(draw(st.integers(1, 30))):
        draft.happen()
    return History(world=draft.world, steps=tuple(draft.steps))


@dataclass(frozen=True, kw_only=True)
class Load:
    """Many entries posted at one moment, after rules were switched on and limits set."""

    before: History
    entries: Sequence[Entry]
    now: datetime
    one_cut: frozenset[int]
    other_cut: frozenset[int]


@st.composite
def loads(draw: st.DrawFn, *, snapshots: bool = False, packages: bool = False) -> Load:
    """Loads of up to 40 entries, and two ways to cut each into batches."""
    draft = Draft(draw, Scope(snapshots=snapshots, packages=packages))
    for _ in range(draw(st.integers(0, 3))):
        draft.change_limits()
    before = History(world=draft.world, steps=tuple(draft.steps))
    entries = draft.entries(draw(st.integers(1, 40)))
    cuts = st.frozensets(st.integers(0, len(entries)), max_size=5)
    return Load(before=before, entries=entries, now=draft.now, one_cut=draw(cuts), other_cut=draw(cuts))


class Draft:
    """A history being drawn: a world with rules switched on, and what happens in it."""

    def __init__(self, draw: st.DrawFn, scope: Scope) -> None:
        self.world = draw(worlds())
        self.steps: list[Step] = []
        self.now = START
        self._draw = draw
        self._scope = scope
        self._marks = [mark for mark in Mark if scope.packages or mark is not Mark.PACKAGE]
        self._ledger = Ledger(self.world.services, self.world.accounts)
        self._seen: list[Entry] = []
        self._rules: dict[str, Rule] = {}
        self._off: set[str] = set()
        for n in range(1, draw(st.integers(1, 4)) + 1):
            # A rule that meets balances already below starts in silence.
            if draw(st.integers(1, 3)) == 1:
                self.post()
            self._switch_on(draw(rules(f"rule {n}", self._marks)))

    def happen(self) -> None:
        """One more step, at the moment of the last or later."""
        self.now += self._draw(_WAITS)
        often = [self.post] * 5 + [self.sweep] * 2
        if self._ledger.waiting:
            often += [self.settle] * 3
        seldom = [self.change_limits, self.change_limits, self.switch, self.edit, self.set_groups]
        self._draw(st.sampled_from([*often, *seldom]))()

    def post(self) -> None:
        entries = self.entries(self._draw(st.integers(1, 8)))
        self.steps.append(Post(entries=tuple(entries), now=self.now))

    def entries(self, count: int) -> Sequence[Entry]:
        """Entries posted at this moment; each was drawn knowing what those before it did."""
        drawer = self._drawer()
        start = len(self._seen)
        for _ in range(count):
            self._seen.append(drawer.entry(self.now, self._seen))
            self._ledger.post(self._seen[-1:], self.now)
        return self._seen[start:]

    def sweep(self) -> None:
        """One to three checks, with time to send between them: only a second repeat shows what it is counted from."""
        for _ in range(self._draw(st.integers(1, 3))):
            self.now += self._draw(_PERIODS)
            self._play(Sweep(at=self.now))
            if self._draw(st.booleans()):
                self.settle()

    def settle(self) -> None:
        if self._ledger.waiting:
            key = self._draw(st.sampled_from(self._ledger.waiting))
            self._play(Settle(key=key, sent=self._draw(st.booleans())))

    def change_limits(self) -> None:
        subject = draw_subject(self._draw, self._ledger.book)
        credit_limit, held = self._draw(_LIMITS), self._draw(_LIMITS)
        if self._draw(st.booleans()):
            held = self._drawer().hold(subject)
        self._play(ChangeLimits(subject=subject, now=self.now, credit_limit=credit_limit, held=held))

    def set_groups(self) -> None:
        account = self._draw(st.sampled_from(self.world.accounts)).number
        self._play(SetGroups(account=account, groups=self._draw(_GROUPS), now=self.now))

    def switch(self) -> None:
        """Switch a rule off, or one that is off on; or to or from shadow; or apply it as it is."""
        name = self._draw(st.sampled_from(sorted(self._off or self._rules)))
        if name in self._off or self._draw(st.booleans()):
            self._switch_on(replace(self._rules[name], shadow=self._draw(st.sampled_from([False, False, True]))))
        else:
            self._off.add(name)
            self._play(SwitchOff(name=name))

    def edit(self) -> None:
        rule = replace(self._rule(), trigger=self._draw(triggers(self._marks)))
        self._rules[rule.name] = rule
        self._play(Edit(name=rule.name, trigger=rule.trigger, now=self.now, notify_now=self._draw(st.booleans())))

    def _switch_on(self, rule: Rule) -> None:
        self._rules[rule.name] = rule
        self._off.discard(rule.name)
        notify_now = self._draw(st.sampled_from([False, False, True]))
        self._play(SwitchOn(rule=rule, now=self.now, notify_now=notify_now))

    def _drawer(self) -> Drawer:
        return Drawer(self._draw, self._ledger.book, self._rules.values(), self._scope)

    def _rule(self) -> Rule:
        return self._draw(st.sampled_from(list(self._rules.values())))

    def _play(self, step: Step) -> None:
        self.steps.append(step)
        step.apply(self._ledger)
