"""How the reader of a page reads: their language, their zone, and the page's moment."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Final

from django.template import Context
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ostatok.kernel import moments, text, unit_words, units

#: What a page shows where there is no figure.
NOTHING: Final = "—"


def language() -> str:
    """The language this request is answered in."""
    return text.known_language(translation.get_language() or text.DEFAULT_LANGUAGE)


def zone() -> tzinfo:
    """The zone whose clock the reader looks at: the organization's, activated for the request."""
    return timezone.get_current_timezone()


def midnight(day: date) -> datetime:
    """When a day begins on the reader's clock."""
    return datetime.combine(day, time.min, zone())


def since(day: date | None) -> datetime | None:
    """When the first day of a period begins; None where it is open."""
    return midnight(day) if day else None


def until(day: date | None) -> datetime | None:
    """When the last day of a period, which is part of it, is over; None where it is open."""
    return midnight(day + timedelta(days=1)) if day else None


def posted_later(posted: datetime, occurred: datetime) -> datetime | None:
    """When an entry was posted, if on a later day of the reader's calendar than it is about."""
    return posted if posted.astimezone(zone()).date() > occurred.astimezone(zone()).date() else None


def now(context: Context | Mapping[str, object]) -> datetime:
    """The page's moment: `now` of its context, else the clock's."""
    given = context.get("now")
    return given if isinstance(given, datetime) else timezone.now()


def amount(value: Decimal | int | None, unit: str, *, long: bool = False, signed: bool = False) -> str:
    """An amount in bases of a unit as its reader writes it: `15 мин`; long: `15 минут`; signed: `+100 мин`."""
    if value is None:
        return NOTHING
    plus = "+" if signed and value > 0 else ""
    return plus + units.format_amount(Decimal(value), unit, language(), short=not long)


def left(value: Decimal, unit: str, *, long: bool = False) -> str:
    """An amount that is left, with the word that agrees with it: `осталась 1 минута`, `zostały 2 min`."""
    return units.left(value, unit, language(), short=not long)


def percent(value: Decimal | None) -> str:
    """`15 %`, `9,5 %`: a per cent with at most one decimal."""
    return NOTHING if value is None else text.percent(Decimal(value), language())


def number(value: Decimal | int | None, decimals: int = 0) -> str:
    """A plain figure with its thousands apart: `1 284`."""
    return NOTHING if value is None else text.number(value, language(), decimals=decimals)


def unit(code: str) -> str:
    """What a unit is called in short: `мин`, `кВт·ч`; a currency goes by its code."""
    known = units.get(code)
    return code if known.is_money else unit_words.word(Decimal(0), code, language(), short=True)


def moment(at: datetime | None, now: datetime, form: str = "near") -> SafeString | str:
    """A `<time>`: near `today at 11:46`, day `today`, until `11:46 today`, time `11:46`, full with year and time."""
    if at is None:
        return NOTHING
    return _time(at, _told(at, now, form))


def ago(at: datetime | None, now: datetime) -> SafeString | str:
    """A `<time>` that says how far from now it is: `47 minutes ago`, `in 3 days`."""
    return NOTHING if at is None else _time(at, moments.ago(at, now, language()))


def duration(length: timedelta | None, *, short: bool = False) -> str:
    """`2 hours 5 minutes`; short: `2 h 5 min`."""
    return NOTHING if length is None else moments.duration(length, language(), short=short)


def _told(at: datetime, now: datetime, form: str) -> str:
    match form:
        case "near":
            return moments.near(at, now, language(), zone())
        case "day":
            return moments.near_day(at, now, language(), zone())
        case "until":
            return moments.until(at, now, language(), zone())
        case "date":
            return text.day(at, language(), zone())
        case "full":
            return text.day_and_time(at, language(), zone())
        case "time":
            return f"{at.astimezone(zone()):%H:%M}"
        case "seconds":
            return f"{at.astimezone(zone()):%H:%M:%S}"
    raise ValueError(f"no form of a moment is called {form!r}")


def _time(at: datetime, told: str) -> SafeString:
    full = text.day_and_time(at, language(), zone())
    return format_html('<time datetime="{}" title="{}">{}</time>', at.astimezone(zone()).isoformat(), full, told)
