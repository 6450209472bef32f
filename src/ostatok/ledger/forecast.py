"""How long what is left will last, from what was used lately. Pure and exact; `now` is passed in.

The rate of use is what was charged since the midnight (UTC) seven days ago, divided by the time since then. For a
balance younger than that it is the time since its first entry, but a day at least: an hour of use foretells nothing.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Final

from ostatok.kernel import text

DAYS: Final = 7
SHORTEST: Final = timedelta(days=1)
#: What would last longer has no date: a week tells nothing about the year after next.
HORIZON: Final = timedelta(days=366)

_DAY: Final = Decimal(86_400)
_GRAIN: Final = Decimal("0.000001")


def first_day(now: datetime) -> date:
    """The first day whose use counts, a day being one of UTC."""
    return now.astimezone(UTC).date() - timedelta(days=DAYS)


def span(first_entry_at: datetime | None, now: datetime) -> timedelta:
    """The time that use is divided by, in whole seconds."""
    start = datetime.combine(first_day(now), datetime.min.time(), UTC)
    if first_entry_at is not None:
        start = max(start, first_entry_at)
    return timedelta(seconds=max(now - start, SHORTEST) // timedelta(seconds=1))


def daily_use(used: Decimal, over: timedelta) -> Decimal:
    """What a day takes of what was `used` within `over`, in the same unit; rounded down to six places."""
    return text.EXACT.divide(text.EXACT.multiply(used, _DAY), _seconds(over)).quantize(_GRAIN, ROUND_FLOOR, text.EXACT)


def lasts_until(available: Decimal, used: Decimal, over: timedelta, now: datetime) -> datetime | None:
    """When `available` is used up if use goes on as it did; None if it is already, never, or beyond HORIZON."""
    seconds = lasts(available, used, over)
    if available <= 0 or seconds is None or seconds > _seconds(HORIZON):
        return None
    return now + timedelta(seconds=int(seconds))


def lasts(available: Decimal, used: Decimal, over: timedelta) -> Decimal | None:
    """For how many whole seconds `available` lasts if use goes on as it did, below 0 where it is less than nothing.

    None where nothing was used lately: nobody can tell.
    """
    if used <= 0:
        return None
    return text.EXACT.divide_int(text.EXACT.multiply(available, _seconds(over)), used)


def is_below(seconds: Decimal | None, days: int) -> bool:
    """Whether that is less than so many days; what nobody can tell is not."""
    return seconds is not None and seconds < days * _DAY


def _seconds(duration: timedelta) -> Decimal:
    return Decimal(duration // timedelta(seconds=1))
