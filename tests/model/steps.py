"""The steps a history is made of: each is one call that the model and the product take alike."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tests.model.protocol import Product, World
from tests.model.triggers import Trigger
from tests.model.words import Entry, NoticeKey, PostOutcome, Rule, Subject


@dataclass(frozen=True, kw_only=True)
class Post:
    entries: tuple[Entry, ...]
    now: datetime

    def apply(self, system: Product) -> PostOutcome:
        return system.post(self.entries, self.now)


@dataclass(frozen=True, kw_only=True)
class ChangeLimits:
    subject: Subject
    now: datetime
    credit_limit: Decimal | None
    held: Decimal | None

    def apply(self, system: Product) -> None:
        system.change_limits(self.subject, self.now, credit_limit=self.credit_limit, held=self.held)


@dataclass(frozen=True, kw_only=True)
class SwitchOn:
    rule: Rule
    now: datetime
    notify_now: bool

    def apply(self, system: Product) -> None:
        system.switch_on(self.rule, self.now, notify_now=self.notify_now)


@dataclass(frozen=True, kw_only=True)
class SwitchOff:
    name: str

    def apply(self, system: Product) -> None:
        system.switch_off(self.name)


@dataclass(frozen=True, kw_only=True)
class Edit:
    name: str
    trigger: Trigger
    now: datetime
    notify_now: bool

    def apply(self, system: Product) -> None:
        system.edit(self.name, self.trigger, self.now, notify_now=self.notify_now)


@dataclass(frozen=True, kw_only=True)
class SetGroups:
    account: str
    groups: frozenset[str]
    now: datetime

    def apply(self, system: Product) -> None:
        system.set_groups(self.account, self.groups, self.now)


@dataclass(frozen=True, kw_only=True)
class Sweep:
    at: datetime

    def apply(self, system: Product) -> None:
        system.sweep(self.at)


@dataclass(frozen=True, kw_only=True)
class Settle:
    key: NoticeKey
    sent: bool

    def apply(self, system: Product) -> None:
        system.settle(self.key, sent=self.sent)


Step = Post | ChangeLimits | SwitchOn | SwitchOff | Edit | SetGroups | Sweep | Settle


@dataclass(frozen=True, kw_only=True)
class History:
    """A world and what happens in it; no step goes back in time."""

    world: World
    steps: tuple[Step, ...]


def cut(entries: Sequence[Entry], points: Iterable[int]) -> Iterator[Sequence[Entry]]:
    """Cut a list of entries before each of these positions; pieces may be empty."""
    start = 0
    for point in sorted(points):
        yield entries[start:point]
        start = point
    yield entries[start:]
