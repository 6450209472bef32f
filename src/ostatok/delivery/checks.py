"""What is looked at before a delivery is sent, in this order: the first check that objects decides (DESIGN §7).

Holds, preferences and consent, quiet hours and rates take their places in CHECKS as they come.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from ostatok.delivery.reasons import DropReason, WaitReason
from ostatok.ledger import forecast
from ostatok.rules.models import TriggerKind

KEEP_FOR = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is so at sending. Amounts are in the service's base units; `address` is the recipient's current one.

    `mark` is the rule's 100 % as of now, `epoch_raised` and `epoch` are those of the notice and of the balance,
    `topped_up_at` is when the top-up that began the latter was posted. `raised_at` is the rules' time, which may be
    another than the real one; `queued_at` is real. `lasts` is for how many seconds what is available lasts, None where
    nobody can tell, and `days` what a rule about that asks for.
    """

    channel_open: bool
    client_active: bool
    recipient_active: bool
    rule_active: bool
    kind: str
    raised_at: datetime
    queued_at: datetime
    keep_for: timedelta | None
    epoch_raised: int
    epoch: int
    topped_up_at: datetime | None
    amount: Decimal
    available: Decimal
    held: Decimal
    mark: Decimal | None
    threshold: Decimal | None
    days: int | None
    lasts: Decimal | None
    band_upper: Decimal | None
    superseded: bool
    address: str
    address_valid: bool
    address_taken: bool


@dataclass(frozen=True, slots=True)
class Go:
    """Nothing objects."""


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Not now; look again at `when`."""

    when: datetime
    reason: WaitReason


@dataclass(frozen=True, slots=True)
class Drop:
    """Never; `detail` as in reasons."""

    reason: DropReason
    detail: str = ""


Verdict = Go | WaitUntil | Drop
Check = Callable[[Facts, datetime], Verdict]

GO = Go()


def recipient_active(facts: Facts, _now: datetime) -> Verdict:
    """A closed client is told nothing, nor is anybody told about it; nor a user who may not sign in."""
    if not facts.client_active:
        return Drop(DropReason.CLIENT_CLOSED)
    return GO if facts.recipient_active else Drop(DropReason.RECIPIENT_INACTIVE)


def channel_enabled(facts: Facts, _now: datetime) -> Verdict:
    """The installation has the channel."""
    return GO if facts.channel_open else Drop(DropReason.CHANNEL_OFF)


def rule_on(facts: Facts, _now: datetime) -> Verdict:
    """The rule was not switched off, deleted or turned into a shadow since."""
    return GO if facts.rule_active else Drop(DropReason.RULE_OFF)


def still_true(facts: Facts, _now: datetime) -> Verdict:
    """The balance lives on the same top-up, and is where the notice says it is. More is no cure for too much."""
    if facts.epoch < facts.epoch_raised and facts.kind == TriggerKind.BALANCE_BAND:
        return Drop(DropReason.TOP_UP_REVERSED)
    if facts.epoch > facts.epoch_raised and facts.kind != TriggerKind.BALANCE_ABOVE:
        return Drop(DropReason.RECOVERED, _seconds_to_top_up(facts))
    if facts.kind == TriggerKind.BALANCE_BAND and (facts.mark is None or facts.mark <= 0):
        return Drop(DropReason.NO_MARK)
    return GO if _holds(facts) else Drop(DropReason.RECOVERED)


def _holds(facts: Facts) -> bool:
    match facts.kind:
        case TriggerKind.BALANCE_BAND:
            level, mark, upper = facts.amount - facts.held, facts.mark, facts.band_upper
            return mark is not None and upper is not None and level * 100 < upper * mark
        case TriggerKind.BALANCE_BELOW:
            return facts.threshold is not None and facts.available < facts.threshold
        case TriggerKind.BALANCE_ABOVE:
            return facts.threshold is not None and facts.available > facts.threshold
        case TriggerKind.BALANCE_EXHAUSTED:
            return facts.available <= 0
        case TriggerKind.FORECAST_BELOW:
            return facts.days is not None and forecast.is_below(facts.lasts, facts.days)
        case _:
            return True


def _seconds_to_top_up(facts: Facts) -> str:
    if facts.topped_up_at is None or facts.topped_up_at < facts.raised_at:
        return ""
    return str(max(1, round((facts.topped_up_at - facts.raised_at).total_seconds())))


def not_superseded(facts: Facts, _now: datetime) -> Verdict:
    """No later notice of the same rule and balance that is true itself: a lower band, a repeat, another occasion."""
    return Drop(DropReason.SUPERSEDED) if facts.superseded else GO


def not_too_old(facts: Facts, now: datetime) -> Verdict:
    """Still worth reading: younger than a day, or than the rule's own limit."""
    keep_for = KEEP_FOR if facts.keep_for is None else facts.keep_for
    return Drop(DropReason.EXPIRED) if now - facts.queued_at >= keep_for else GO


def address_usable(facts: Facts, _now: datetime) -> Verdict:
    """There is an address, and it can be one."""
    if not facts.address:
        return Drop(DropReason.NO_ADDRESS)
    return GO if facts.address_valid else Drop(DropReason.BAD_ADDRESS)


def address_not_taken(facts: Facts, _now: datetime) -> Verdict:
    """One address gets one notice once over one channel, whoever it belongs to."""
    return Drop(DropReason.SAME_ADDRESS) if facts.address_taken else GO


CHECKS: tuple[Check, ...] = (
    recipient_active,
    channel_enabled,
    rule_on,
    still_true,
    not_superseded,
    not_too_old,
    address_usable,
    address_not_taken,
)


def decide(facts: Facts, now: datetime) -> Verdict:
    """The first objection in the order of CHECKS, or Go."""
    verdicts = (check(facts, now) for check in CHECKS)
    return next((verdict for verdict in verdicts if verdict != GO), GO)
