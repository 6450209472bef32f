"""Moments as people speak of them beside a clock: today at 11:46, yesterday, two hours ago."""

from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

from babel import dates

from ostatok.kernel import text

_DAYS = {
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow"},
    "ru": {-1: "вчера", 0: "сегодня", 1: "завтра"},
    "pl": {-1: "wczoraj", 0: "dziś", 1: "jutro"},
    "kk": {-1: "кеше", 0: "бүгін", 1: "ертең"},
}
_DAY_AT = {"en": "{day} at {time}", "ru": "{day} в {time}", "pl": "{day} o {time}", "kk": "{day} сағат {time}"}

# As it reads after "until", where a language declines the day.
_UNTIL_DAYS = {**_DAYS, "pl": {-1: "wczoraj", 0: "dziś", 1: "jutra"}}
_UNTIL_AT = {"en": "{time} {day}", "ru": "{time} {day}", "pl": "{time} {day}", "kk": "{day} сағат {time}"}
#: An hour is told only within a day: what was used lately does not foretell it any better.
_TO_THE_HOUR = timedelta(days=1)

_JUST_NOW = {"en": "just now", "ru": "только что", "pl": "przed chwilą", "kk": "жаңа ғана"}
_A_BREATH = timedelta(seconds=1)

# From the largest: a duration is told in at most two neighbouring steps, 2 hours 5 minutes but not 3 days 4 seconds.
_STEPS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def near(moment: datetime, now: datetime, language: str, zone: tzinfo) -> str:
    """`today at 11:46`, `20 November, 10:02`, and with the year where it is not this one; in the reader's zone."""
    language = text.known_language(language)
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    word = _DAYS[language].get((local.date() - today).days)
    if word:
        return _DAY_AT[language].format(day=word.replace(" ", text.NBSP), time=f"{local:%H:%M}")
    return f"{_date(local.date(), today.year, language)}, {local:%H:%M}"


def near_day(moment: date, now: datetime, language: str, zone: tzinfo) -> str:
    """`today`, `20 November`, `20 November 2025`; a moment is looked at in the reader's zone."""
    language = text.known_language(language)
    day = moment.astimezone(zone).date() if isinstance(moment, datetime) else moment
    today = now.astimezone(zone).date()
    return _DAYS[language].get((day - today).days) or _date(day, today.year, language)


def until(moment: datetime, now: datetime, language: str, zone: tzinfo) -> str:
    """How it reads after "until": `10:22 today`, more than a day away `tomorrow`, `30 November`."""
    language = text.known_language(language)
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    away = (local.date() - today).days
    word = _DAYS[language].get(away)
    if word and abs(moment - now) < _TO_THE_HOUR:
        return _UNTIL_AT[language].format(day=word, time=f"{local:%H:%M}").replace(" ", text.NBSP)
    return _UNTIL_DAYS[language].get(away) or _date(local.date(), today.year, language)


@lru_cache(maxsize=4096)
def _date(day: date, this_year: int, language: str) -> str:
    if day.year != this_year:
        return text.day(day, language)
    return dates.format_date(day, "d\u00a0MMMM", locale=language)


def ago(moment: datetime, now: datetime, language: str) -> str:
    """`47 minutes ago`, `in 3 days`: how far a moment is, in one rounded unit."""
    language = text.known_language(language)
    if abs(moment - now) < _A_BREATH:
        return _JUST_NOW[language]
    return dates.format_timedelta(moment - now, add_direction=True, threshold=0.95, locale=language)


def duration(length: timedelta, language: str, *, short: bool = False) -> str:
    """`2 hours 5 minutes`, `12 seconds`; short: `2 h 5 min`. Rounded down to two neighbouring units; never negative."""
    language = text.known_language(language)
    seconds = max(0, int(length.total_seconds()))
    first = next((index for index, (_, size) in enumerate(_STEPS) if seconds >= size), len(_STEPS) - 1)
    parts: list[str] = []
    for unit, size in _STEPS[first : first + 2]:
        count, seconds = divmod(seconds, size)
        if count or not parts:
            parts.append(_counted(count, unit, language, short=short))
    return " ".join(parts)


def _counted(count: int, unit: str, language: str, *, short: bool) -> str:
    size = dict(_STEPS)[unit]
    told = dates.format_timedelta(
        timedelta(seconds=count * size),
        granularity=unit,  # type: ignore[arg-type]
        threshold=10**9,
        format="short" if short else "long",
        locale=language,
    )
    return told.replace(" ", text.NBSP)
