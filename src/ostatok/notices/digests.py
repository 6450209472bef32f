"""Whose morning it is: subscribers to the run-out list whose time has come get a digest each (digests.sql).

A time that clocks skip is the next one they show, a repeated one counts once. What was missed is made up for once, if
it is not older than STALE. However often and by however many this is asked, a subscriber has one digest a day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.backends.utils import CursorWrapper

from ostatok.kernel import local_times, sql

#: A list of the morning that comes later than this is of no use.
STALE: Final = timedelta(hours=6)

_SQL = sql.load("ostatok.notices", "digests.sql")
_FRIDAY: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """A subscription whose time of a day, by the clocks of its organization, has come."""

    subscription: int
    day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """When a subscription is due: at a time of its organization's zone, not before `since`."""

    subscription: int
    at: time
    working_days: bool
    since: datetime
    zone: str


def due(cursor: CursorWrapper, *, at: datetime) -> list[Due]:
    """All that is due at a moment, told already or not: one query, of one row for each subscriber."""
    cursor.execute(_SQL["timings"])
    names = [column[0] for column in cursor.description]
    timings = [Timing(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
    return [
        Due(subscription=timing.subscription, day=day) for timing in timings if (day := day_due(timing, at)) is not None
    ]


def day_due(timing: Timing, now: datetime) -> date | None:
    """The day whose list is due: a few hours after midnight it may be that of the day before."""
    return next((day for day, moment in _moments(timing, now) if moment <= now < moment + STALE), None)


def _moments(timing: Timing, now: datetime) -> Iterator[tuple[date, datetime]]:
    zone = ZoneInfo(timing.zone)
    today = now.astimezone(zone).date()
    for day in (today, today - timedelta(days=1)):
        moment = local_times.moment_of(day, timing.at, zone)
        if moment >= timing.since and not (timing.working_days and day.isoweekday() > _FRIDAY):
            yield day, moment


def raise_all(cursor: CursorWrapper, wanted: Sequence[Due], *, now: datetime) -> list[int]:
    """Raise the digests that are not there yet, within the caller's transaction; returns their ids."""
    parameters: dict[str, Any] = {
        "subscriptions": [one.subscription for one in wanted],
        "days": [one.day for one in wanted],
        "now": now,
    }
    cursor.execute(_SQL["raise"], parameters)
    return [id_ for (id_,) in cursor.fetchall()]
