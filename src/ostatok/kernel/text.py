"""Numbers, dates and number forms as people of each language write them.

All output is for people: no-break spaces between a figure and its unit, a true minus (U+2212), the language's own
decimal mark. What machines read back (CSV, JSON) is written with `str(Decimal)` instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache, lru_cache

import babel
from babel import dates

LANGUAGES = ("en", "ru", "pl", "kk")
DEFAULT_LANGUAGE = "en"

NBSP = "\u00a0"
MINUS = "\u2212"

# A balance is the sum of many 20-digit entries: Python's default 28 digits would refuse to round a wide one.
EXACT = Context(prec=80, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class _Style:
    """How one language writes figures and dates; patterns are CLDR date patterns."""

    group: str
    decimal: str
    percent: str
    day: str
    day_and_time: str


_CYRILLIC_DAY = "d\u00a0MMMM y"
_STYLES = {
    "en": _Style(",", ".", "%", "d\u00a0MMMM y", "d\u00a0MMMM y, HH:mm"),
    "ru": _Style(NBSP, ",", f"{NBSP}%", _CYRILLIC_DAY, f"{_CYRILLIC_DAY}, HH:mm"),
    "pl": _Style(NBSP, ",", "%", "d\u00a0MMMM y", "d\u00a0MMMM y, HH:mm"),
    "kk": _Style(NBSP, ",", "%", "y\u00a0'ж'. d\u00a0MMMM", "y\u00a0'ж'. d\u00a0MMMM, HH:mm"),
}


def known_language(language: str) -> str:
    """The language a message is written in: `ru-RU` and `RU` are `ru`; one we do not speak is English."""
    code = language.replace("_", "-").partition("-")[0].lower()
    return code if code in _STYLES else DEFAULT_LANGUAGE


def number(value: Decimal | int, language: str, *, decimals: int = 0, fixed: bool = False) -> str:
    """A figure rounded half up to `decimals` places: `1 234,5`. `fixed` keeps trailing zeros, as money does."""
    style = _STYLES[known_language(language)]
    rounded = round_to(Decimal(value), decimals)
    digits = f"{rounded.copy_abs():,f}"
    whole, _, fraction = digits.partition(".")
    if not fixed:
        fraction = fraction.rstrip("0")
    sign = MINUS if rounded < 0 else ""
    return sign + whole.replace(",", style.group) + (style.decimal + fraction if fraction else "")


def round_to(value: Decimal, decimals: int) -> Decimal:
    """`value` rounded half up; never a negative zero."""
    rounded = EXACT.quantize(value, Decimal(1).scaleb(-decimals))
    return rounded or rounded.copy_abs()


def percent(value: Decimal, language: str) -> str:
    """`15 %` in Russian, `15%` elsewhere; one decimal where it tells something (`9,5 %`)."""
    return number(value, language, decimals=1) + _STYLES[known_language(language)].percent


@cache
def _locale(language: str) -> babel.Locale:
    return babel.Locale.parse(language)


@lru_cache(maxsize=4096)
def plural_category(value: Decimal, language: str) -> str:
    """The CLDR plural category (one, few, many, other) of a figure as shown: 1,5 is `other`, 1,0 is `one`."""
    shown = value.to_integral_value() if value == value.to_integral_value() else value.normalize(EXACT)
    return _locale(known_language(language)).plural_form(shown)


def plural(value: Decimal | int, language: str, forms: Mapping[str, str]) -> str:
    """The form of a word that goes with a figure; a category without a form takes `other`."""
    return forms.get(plural_category(Decimal(value), language)) or forms["other"]


def day(moment: datetime | date, language: str, zone: tzinfo | None = None) -> str:
    """`20 ноября 2026`: the date in the reader's zone. A datetime needs an offset, and `zone` to be shown in."""
    return _day(_local_date(moment, zone), known_language(language))


def day_and_time(moment: datetime, language: str, zone: tzinfo) -> str:
    """`22 ноября 2026, 11:00`, in the reader's zone."""
    return _day_and_time(moment.astimezone(zone).replace(second=0, microsecond=0), known_language(language))


def _local_date(moment: datetime | date, zone: tzinfo | None) -> date:
    if not isinstance(moment, datetime):
        return moment
    if zone is None:
        raise ValueError("a moment has a date only in a zone: pass zone")
    return moment.astimezone(zone).date()


@lru_cache(maxsize=4096)
def _day(value: date, language: str) -> str:
    return dates.format_date(value, _STYLES[language].day, locale=language)


@lru_cache(maxsize=4096)
def _day_and_time(value: datetime, language: str) -> str:
    return dates.format_datetime(value, _STYLES[language].day_and_time, locale=language)
