"""A provider that fails is left alone, and found again."""

from datetime import UTC, datetime, timedelta

import pytest

from ostatok.delivery import circuit
from ostatok.delivery.channels.base import Delivered, Outcome, Permanent, Temporary, Unknown
from ostatok.delivery.circuit import THRESHOLD, Circuit, Sign
from ostatok.delivery.reasons import ALL, PermanentReason, TemporaryReason, UnknownReason

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SCHEDULE = [timedelta(0), timedelta(seconds=5), timedelta(hours=2)]
CLOSED = Circuit(provider="email x:25")
DOWN = Temporary(reason=TemporaryReason.UNREACHABLE, detail="refused")


def play(start: Circuit, *outcomes: Outcome, probe: bool = False, now: datetime = NOW) -> Circuit:
    for outcome in outcomes:
        start = circuit.after(start, outcome, probe=probe, now=now, schedule=SCHEDULE)
    return start


OPEN = play(CLOSED, *[DOWN] * THRESHOLD)


def test_failures_in_a_row_open_it_for_the_schedules_first_wait() -> None:
    assert not play(CLOSED, *[DOWN] * (THRESHOLD - 1)).is_open
    assert OPEN.is_open
    assert OPEN.opened_at == NOW
    assert OPEN.retry_at == NOW + timedelta(seconds=5)
    assert OPEN.detail == "unreachable refused"


@pytest.mark.parametrize(
    "alive",
    [
        Delivered(),
        Permanent(reason=PermanentReason.ADDRESS_REFUSED),
        Temporary(reason=TemporaryReason.TRY_LATER),
    ],
)
def test_any_answer_of_the_provider_closes_it_and_forgets_its_failures(alive: Outcome) -> None:
    assert play(CLOSED, *[DOWN] * (THRESHOLD - 1), alive) == CLOSED
    assert play(OPEN, alive) == CLOSED


def test_what_was_under_way_when_it_opened_changes_nothing() -> None:
    assert play(OPEN, DOWN, DOWN) == OPEN


def test_each_failed_probe_doubles_the_wait_up_to_five_minutes() -> None:
    waits, state, now = [], OPEN, NOW
    for _ in range(8):
        assert state.retry_at is not None
        now = state.retry_at
        state = play(state, DOWN, probe=True, now=now)
        assert state.retry_at is not None
        waits.append((state.retry_at - now).total_seconds())
    assert waits == [10, 20, 40, 80, 160, 300, 300, 300]
    assert state.opened_at == NOW


def test_it_never_waits_longer_than_the_schedule_nor_less_than_a_second() -> None:
    short = [timedelta(0), timedelta(seconds=1), timedelta(seconds=2)]
    state = Circuit(provider="x", failures=20, opened_at=NOW, retry_at=NOW)
    after = circuit.after(state, DOWN, probe=True, now=NOW, schedule=short)
    assert after.retry_at == NOW + timedelta(seconds=2)
    after = circuit.after(state, DOWN, probe=True, now=NOW, schedule=[timedelta(0)] * 3)
    assert after.retry_at == NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    "silent",
    [
        Temporary(reason=TemporaryReason.INTERNAL_ERROR),
        Permanent(reason=PermanentReason.UNSENDABLE),
        Unknown(reason=UnknownReason.INTERRUPTED),
    ],
)
def test_what_never_reached_the_provider_says_nothing_of_it(silent: Outcome) -> None:
    assert play(OPEN, silent, probe=True) == OPEN
    assert play(CLOSED, silent) == CLOSED


def test_every_reason_of_an_attempt_has_its_sign() -> None:
    failing = {
        reason
        for reason in ALL
        if isinstance(reason, TemporaryReason) and circuit.sign(Temporary(reason=reason)) is Sign.FAILING
    }
    assert failing == {
        TemporaryReason.UNREACHABLE,
        TemporaryReason.TIMED_OUT,
        TemporaryReason.CONNECTION_CLOSED,
        TemporaryReason.AUTHENTICATION,
        TemporaryReason.TLS,
    }


def test_it_may_be_probed_when_its_time_has_come() -> None:
    assert not OPEN.is_due(NOW)
    assert OPEN.is_due(NOW + timedelta(seconds=5))
    assert not CLOSED.is_due(NOW)
