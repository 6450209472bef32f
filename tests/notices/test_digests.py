"""When a subscriber's morning has come."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from ostatok.notices import digests
from ostatok.notices.digests import Timing

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
WEDNESDAY = date(2026, 11, 25)


def due(now: datetime, **fields: Any) -> date | None:
    timing = {"subscription": 1, "at": time(8), "working_days": False, "since": LONG_AGO, "zone": "Asia/Almaty"}
    return digests.day_due(Timing(**{**timing, **fields}), now)


@pytest.mark.parametrize(
    ("hour", "minute", "day"),
    [(2, 59, None), (3, 0, WEDNESDAY), (8, 59, WEDNESDAY), (9, 0, None)],
)
def test_it_comes_at_its_local_time_or_a_few_hours_late_but_no_later(hour: int, minute: int, day: date | None) -> None:
    assert due(datetime(2026, 11, 25, hour, minute, tzinfo=UTC)) == day


def test_after_midnight_the_evening_before_is_made_up_for() -> None:
    assert due(datetime(2026, 11, 25, 20, tzinfo=UTC), at=time(23)) == WEDNESDAY


def test_on_working_days_the_weekend_brings_nothing() -> None:
    saturday = datetime(2026, 11, 28, 3, tzinfo=UTC)
    assert due(saturday, working_days=True) is None
    assert due(saturday) == date(2026, 11, 28)
    assert due(saturday + timedelta(days=2), working_days=True) == date(2026, 11, 30)


def test_who_subscribes_after_the_time_waits_for_the_next_morning() -> None:
    now = datetime(2026, 11, 25, 4, tzinfo=UTC)
    assert due(now, since=now) is None
    assert due(now + timedelta(days=1), since=now) == date(2026, 11, 26)


def test_a_skipped_and_a_repeated_time_come_once() -> None:
    spring = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert due(spring - timedelta(minutes=1), at=time(2, 30), zone="Europe/Warsaw") is None
    assert due(spring, at=time(2, 30), zone="Europe/Warsaw") == date(2026, 3, 29)
    autumn = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert due(autumn, at=time(2, 30), zone="Europe/Warsaw") == date(2026, 10, 25)
    assert due(autumn + timedelta(hours=1), at=time(2, 30), zone="Europe/Warsaw") == date(2026, 10, 25)
