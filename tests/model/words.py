"""The words of the model: what is posted, what rules say, what is raised.

Amounts are `Decimal` in the service's own unit and signed: what leaves a balance is negative. Times are aware
datetimes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from tests.model.triggers import Band, Trigger

ZERO = Decimal(0)


class Subject(NamedTuple):
    """One balance: what is left on one account for one service."""

    account: str
    service: str


class Kind(StrEnum):
    """Kinds of entry."""

    TOP_UP = "top_up"
    CHARGE = "charge"
    ADJUSTMENT = "adjustment"
    REFUND = "refund"
    REVERSAL = "reversal"
    OPENING = "opening"
    SNAPSHOT = "snapshot"


class First(StrEnum):
    """When the first notice of an alarm comes."""

    NOW = "now"
    NEXT_CHECK = "next_check"


class Reason(StrEnum):
    """Why an alarm that fired raised no notice."""

    COOLDOWN = "cooldown"
    MAX_QTY = "max_qty"
    NEXT_CHECK = "next_check"
    SILENT = "silent"


class Refusal(StrEnum):
    """Why an entry was not posted; of several, the first of this list is told."""

    UNKNOWN_ACCOUNT = "unknown_account"
    UNKNOWN_SERVICE = "unknown_service"
    OTHER_CONTENT = "other_content"
    OPENING_NOT_FIRST = "opening_not_first"
    UNKNOWN_ORIGINAL = "unknown_original"
    OTHER_BALANCE = "other_balance"
    REVERSES_A_REVERSAL = "reverses_a_reversal"
    ALREADY_REVERSED = "already_reversed"
    NOT_OPPOSITE = "not_opposite"


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service and its unit; a top-up smaller than `rearm_from` starts no epoch."""

    code: str
    unit: str
    rearm_from: Decimal = ZERO


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account and its client's groups; it may hold a balance of every service."""

    number: str
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Declared:
    """The last top-up as another billing tells it beside a stated balance."""

    amount: Decimal
    at: datetime


_SIGNS: Mapping[Kind, tuple[int, ...]] = {
    Kind.TOP_UP: (1,),
    Kind.CHARGE: (-1, 0),
    Kind.ADJUSTMENT: (-1, 1),
    Kind.REFUND: (-1,),
    Kind.REVERSAL: (-1, 0, 1),
    Kind.OPENING: (-1, 0, 1),
    Kind.SNAPSHOT: (-1, 0, 1),
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One signed change of a balance.

    `reverses` names the ref a reversal takes back. `declared` is the top-up that an opening or a snapshot tells of,
    `package` what was granted by the top-up, posted or declared. An entry of the wrong shape is a ValueError: it never
    reaches posting.
    """

    ref: str
    account: str
    service: str
    kind: Kind
    amount: Decimal
    occurred_at: datetime
    reverses: str | None = None
    declared: Declared | None = None
    package: Decimal | None = None

    def __post_init__(self) -> None:
        sign = (self.amount > 0) - (self.amount < 0)
        if sign not in _SIGNS[self.kind]:
            raise ValueError(f"{self.kind} of {self.amount}")
        if (self.kind is Kind.REVERSAL) != (self.reverses is not None):
            raise ValueError("a reversal, and nothing else, names what it reverses")
        if self.declared is not None and self.kind not in (Kind.OPENING, Kind.SNAPSHOT):
            raise ValueError(f"{self.kind} declares no top-up")

    @property
    def subject(self) -> Subject:
        return Subject(self.account, self.service)

    @property
    def content(self) -> tuple[str, str, Kind, Decimal, datetime]:
        """What makes two entries with one ref the same entry."""
        return (self.account, self.service, self.kind, self.amount, self.occurred_at)

    @property
    def told_top_up(self) -> Decimal | None:
        """Size of the top-up this entry is, or tells of; None when it is none."""
        if self.kind is Kind.TOP_UP:
            return self.amount
        return self.declared.amount if self.declared is not None else None


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Where in its batch a refused entry stood, from 0, and why."""

    position: int
    reason: Refusal


@dataclass(frozen=True, kw_only=True)
class PostOutcome:
    """What became of a batch."""

    posted: int
    duplicates: int
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Quota:
    """How much a rule may say."""

    max_qty: int | None = None
    period: timedelta | None = None
    hysteresis: Decimal = ZERO
    cooldown: timedelta | None = None
    first: First = First.NOW

    def __post_init__(self) -> None:
        if self.first is First.NEXT_CHECK and self.period is None:
            raise ValueError("without a period there is no next check")


@dataclass(frozen=True, kw_only=True)
class Audience:
    """Whom a rule speaks about: services and, any of them, groups; None is all."""

    services: frozenset[str] | None = None
    groups: frozenset[str] | None = None

    def takes_in(self, account: Account, service: Service) -> bool:
        served = self.services is None or service.code in self.services
        return served and (self.groups is None or bool(self.groups & account.groups))


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule, known by its name; a shadow rule decides the same and sends nothing."""

    name: str
    trigger: Trigger
    audience: Audience = Audience()
    quota: Quota = Quota()
    shadow: bool = False

    def speaks_of(self, account: Account, service: Service) -> bool:
        return self.audience.takes_in(account, service) and self.trigger.speaks_to(service.unit)


@dataclass(frozen=True, kw_only=True)
class NoticeKey:
    """What makes a notice one: the same occasion is never raised twice.

    `band` is None for thresholds; `epoch` is the number of the top-up entry the balance lives on, 0 when there is none;
    `occasion` the number of the look that fired; `step` counts the notices of that firing from 1.
    """

    rule: str
    account: str
    service: str
    kind: str
    band: Band | None
    epoch: int
    occasion: int
    step: int

    @property
    def subject(self) -> Subject:
        return Subject(self.account, self.service)


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One occasion worth telling, raised at `raised_at`."""

    key: NoticeKey
    raised_at: datetime
    shadow: bool = False
