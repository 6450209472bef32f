"""Durations as a description writes them: `24h`, `30m`, `7d`, `1h30m`."""

import re
from datetime import timedelta
from typing import Final

_SECONDS: Final = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PART: Final = re.compile(r"(\d{1,9})([wdhms])")
_WHOLE: Final = re.compile(r"(\d{1,9}[wdhms])+")
_LONGEST: Final = timedelta(days=36_500)


def parse(written: str) -> timedelta:
    """Read a duration. Raises ValueError with a text for its writer."""
    trimmed = written.replace(" ", "")
    if not _WHOLE.fullmatch(trimmed):
        raise ValueError(f"{written!r} is not a duration: write 30m, 24h, 7d or 1h30m")
    seconds = sum(int(count) * _SECONDS[unit] for count, unit in _PART.findall(trimmed))
    if not 0 < seconds <= _LONGEST.total_seconds():
        raise ValueError("a duration is longer than nothing and no longer than 36500d")
    return timedelta(seconds=seconds)


def write(duration: timedelta) -> str:
    """Write a duration of whole seconds, in the largest unit that it is a whole number of: `24h`, not `1d`."""
    seconds = int(duration.total_seconds())
    unit = next(unit for unit in ("h", "m", "s") if seconds % _SECONDS[unit] == 0)
    if unit == "h" and seconds % _SECONDS["d"] == 0 and seconds > _SECONDS["d"]:
        unit = "d"
    return f"{seconds // _SECONDS[unit]}{unit}"
