"""When it is a time of day somewhere, though clocks there skip an hour in spring and show one twice in autumn."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

_MINUTE: Final = timedelta(minutes=1)


def moment_of(day: date, at: time, zone: tzinfo) -> datetime:
    """The moment, in UTC: of a time that is skipped, that of the next one shown; of a repeated one, the first."""
    local = datetime.combine(day, at)
    while not _is_shown(local, zone):
        local += _MINUTE
    return local.replace(tzinfo=zone).astimezone(UTC)


def _is_shown(local: datetime, zone: tzinfo) -> bool:
    return local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local
