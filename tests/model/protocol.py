"""What a system must be able to do to be compared with the model.

The model itself is one such system; the other is the product, behind an adapter. An adapter starts with an organization
that has the services and accounts of a `World` and nothing else: no entry, no rule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from tests.model.triggers import Trigger
from tests.model.words import Account, Entry, Notice, NoticeKey, PostOutcome, Reason, Rule, Service, Subject


@dataclass(frozen=True, kw_only=True)
class World:
    """What exists before anything happens; every account may hold every service."""

    services: tuple[Service, ...]
    accounts: tuple[Account, ...]


class AlarmKey(NamedTuple):
    """An alarm: one rule on one balance."""

    rule: str
    subject: Subject


@dataclass(frozen=True, kw_only=True)
class AlarmState:
    """A firing alarm, and why its last occasion became no notice; systems may tell that in other words."""

    silent: bool
    reason: Reason | None = field(default=None, compare=False)


class Product(Protocol):
    """A system that posts entries and raises notices. Every call is one committed transaction."""

    def post(self, entries: Sequence[Entry], now: datetime) -> PostOutcome:
        """Post a batch, in its order; all its entries share one `now`."""

    def change_limits(
        self,
        subject: Subject,
        now: datetime,
        *,
        credit_limit: Decimal | None = None,
        held: Decimal | None = None,
    ) -> None:
        """Set the credit limit, the amount held, or both at once, of one balance; None leaves it as it is.

        One look, with a number of its own, if anything changed and the balance was posted to.
        """

    def switch_on(self, rule: Rule, now: datetime, *, notify_now: bool = False) -> None:
        """Put a rule in force, active or in shadow, as described; the name may be known from before.

        Nothing happens when it is in force with this very description.
        """

    def switch_off(self, name: str) -> None:
        """Stop judging by this rule; its alarms, fired bands and counters are kept."""

    def edit(self, name: str, trigger: Trigger, now: datetime, *, notify_now: bool = False) -> None:
        """Give a rule, on or off, another trigger. The same trigger changes nothing."""

    def set_groups(self, account: str, groups: frozenset[str], now: datetime) -> None:
        """Make these the groups of the account's client; who so joins an audience joins it silently."""

    def sweep(self, at: datetime) -> None:
        """Look at how long things last, and repeat what is due."""

    def settle(self, key: NoticeKey, *, sent: bool) -> None:
        """Let all deliveries of a waiting notice end: at least one was sent, or none was."""

    @property
    def notices(self) -> Sequence[Notice]:
        """All notices ever raised; of one balance, in order of raising."""

    @property
    def balances(self) -> Mapping[Subject, Decimal]:
        """Every balance posted to, in its service's own unit."""

    @property
    def alarms(self) -> Mapping[AlarmKey, AlarmState]:
        """Firing alarms of the rules that are on, on balances they speak of."""
