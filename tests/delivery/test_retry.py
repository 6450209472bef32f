"""When a failed delivery is tried again."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.conf import settings

from ostatok.delivery import retry
from ostatok.delivery.channels.base import Permanent, Temporary, Unknown
from ostatok.delivery.reasons import PermanentReason, TemporaryReason, UnknownReason
from ostatok.delivery.retry import Dead, Failure, Retry

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LATER = Temporary(reason=TemporaryReason.TRY_LATER)
LOST = Unknown(reason=UnknownReason.NO_REPLY)
NEVER = Permanent(reason=PermanentReason.ADDRESS_REFUSED)
MINUTES = [timedelta(0), timedelta(minutes=10), timedelta(minutes=100)]


def wait(attempt: int, outcome: Failure, schedule: list[timedelta] = MINUTES, seed: int = 1) -> timedelta | None:
    decision = retry.decide(attempt_number=attempt, outcome=outcome, now=NOW, schedule=schedule, random=Random(seed))
    return decision.at - NOW if isinstance(decision, Retry) else None


@pytest.mark.parametrize("outcome", [LATER, LOST])
@pytest.mark.parametrize(("attempt", "minutes"), [(1, 10), (2, 100)])
def test_each_attempt_waits_as_the_schedule_says_give_or_take_a_tenth(
    outcome: Failure, attempt: int, minutes: int
) -> None:
    waits = {wait(attempt, outcome, seed=seed) for seed in range(50)}
    assert len(waits) > 1
    assert all(one and 0.9 <= one / timedelta(minutes=minutes) <= 1.1 for one in waits)


@pytest.mark.parametrize("outcome", [LATER, LOST])
def test_after_the_last_attempt_it_is_dead(outcome: Failure) -> None:
    decision = retry.decide(attempt_number=3, outcome=outcome, now=NOW, schedule=MINUTES, random=Random(1))
    assert decision == Dead()


def test_what_can_never_succeed_is_dead_at_once() -> None:
    assert wait(1, NEVER) is None


@pytest.mark.parametrize(("asked", "given"), [(60, 60), (60 * 48, 60 * 24)])
def test_a_provider_may_ask_for_a_longer_wait_up_to_a_day(asked: int, given: int) -> None:
    outcome = Temporary(reason=TemporaryReason.TRY_LATER, retry_after=timedelta(minutes=asked))
    assert wait(1, outcome) == timedelta(minutes=given)


def test_a_provider_cannot_ask_for_a_shorter_wait() -> None:
    outcome = Temporary(reason=TemporaryReason.TRY_LATER, retry_after=timedelta(seconds=1))
    waited = wait(1, outcome)
    assert waited is not None
    assert waited >= timedelta(minutes=9)


def test_by_default_the_attempts_span_three_days() -> None:
    schedule = settings.OSTATOK_RETRY_SCHEDULE
    assert schedule[:3] == (timedelta(0), timedelta(seconds=5), timedelta(minutes=5))
    assert len(schedule) == 10
    assert timedelta(days=3) < sum(schedule, timedelta(0)) < timedelta(days=4)
