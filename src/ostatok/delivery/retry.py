"""When a failed delivery is tried again, and when no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from ostatok.delivery.channels.base import Permanent, Temporary, Unknown

JITTER = 0.1
LONGEST_WAIT = timedelta(hours=24)

Failure = Temporary | Permanent | Unknown


@dataclass(frozen=True, slots=True)
class Retry:
    """Again at that time."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Dead:
    """Never again by itself."""


def decide(
    *, attempt_number: int, outcome: Failure, now: datetime, schedule: Sequence[timedelta], random: Random
) -> Retry | Dead:
    """What follows attempt `attempt_number` (the first is 1) that ended with `outcome`.

    `schedule` holds the waits before each attempt, so its length is the number of attempts. A wait is moved by up to
    a tenth either way, lest everything that failed together comes back together. A provider may ask for a longer one,
    up to a day.
    """
    if isinstance(outcome, Permanent) or attempt_number >= len(schedule):
        return Dead()
    wait = schedule[attempt_number] * random.uniform(1 - JITTER, 1 + JITTER)
    asked = outcome.retry_after if isinstance(outcome, Temporary) else None
    return Retry(now + max(wait, min(asked or timedelta(0), LONGEST_WAIT)))
