"""A provider that keeps failing is left alone for a while: its deliveries wait and use up no attempts.

Closed, failures in a row are counted; THRESHOLD of them open the circuit until `retry_at`. Then one delivery, the
probe, finds out: it closes the circuit, or opens it for twice as long.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from ostatok.delivery.channels.base import Delivered, Outcome
from ostatok.delivery.reasons import PermanentReason, TemporaryReason, UnknownReason

THRESHOLD = 5
SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(minutes=5)
# How long the others wait for whoever probes, since it may have died.
PROBE_PATIENCE = timedelta(minutes=2)


class Sign(Enum):
    """What an outcome tells of the provider."""

    ALIVE = "it answered, if only to refuse one message"
    FAILING = "it would have failed with any message"
    NONE = "it was not asked"


_FAILING = {
    TemporaryReason.UNREACHABLE,
    TemporaryReason.TIMED_OUT,
    TemporaryReason.CONNECTION_CLOSED,
    TemporaryReason.AUTHENTICATION,
    TemporaryReason.TLS,
    UnknownReason.NO_REPLY,
}
_NOT_ASKED = {
    TemporaryReason.INTERNAL_ERROR,
    PermanentReason.UNSENDABLE,
    UnknownReason.WORKER_DIED,
    UnknownReason.INTERRUPTED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Circuit:
    """The state of one provider, as in the table; `detail` is what it failed with last."""

    provider: str
    failures: int = 0
    opened_at: datetime | None = None
    retry_at: datetime | None = None
    detail: str = ""

    @property
    def is_open(self) -> bool:
        """Whether its deliveries wait."""
        return self.opened_at is not None

    def is_due(self, now: datetime) -> bool:
        """Whether the provider may be probed."""
        return self.retry_at is not None and self.retry_at <= now


def sign(outcome: Outcome) -> Sign:
    """What the outcome tells of the provider."""
    if isinstance(outcome, Delivered):
        return Sign.ALIVE
    return Sign.FAILING if outcome.reason in _FAILING else Sign.NONE if outcome.reason in _NOT_ASKED else Sign.ALIVE


def after(circuit: Circuit, outcome: Outcome, *, probe: bool, now: datetime, schedule: Sequence[timedelta]) -> Circuit:
    """The circuit after one more outcome; `probe` tells whether the message was sent to find out."""
    match sign(outcome):
        case Sign.ALIVE:
            return Circuit(provider=circuit.provider)
        case Sign.FAILING if probe or not circuit.is_open:
            return _failed(circuit, _detail(outcome), now, schedule)
        case _:
            return circuit


def _failed(circuit: Circuit, detail: str, now: datetime, schedule: Sequence[timedelta]) -> Circuit:
    failures = circuit.failures + 1
    if failures < THRESHOLD and not circuit.is_open:
        return replace(circuit, failures=failures, detail=detail)
    retry_at = now + _pause(failures, schedule)
    return replace(circuit, failures=failures, detail=detail, opened_at=circuit.opened_at or now, retry_at=retry_at)


def _pause(failures: int, schedule: Sequence[timedelta]) -> timedelta:
    """The schedule's first wait, doubled with each failed probe: 5 s, 10 s, … 5 min."""
    waits = [wait for wait in schedule if wait]
    first, last = (waits[0], max(waits)) if waits else (SHORTEST, SHORTEST)
    doublings = min(max(failures - THRESHOLD, 0), 16)
    doubled = first * (1 << doublings)
    return max(SHORTEST, min(doubled, last, LONGEST))


def _detail(outcome: Outcome) -> str:
    return "" if isinstance(outcome, Delivered) else f"{outcome.reason} {outcome.detail}".strip()
