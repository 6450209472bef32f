"""Numbers, dates and number forms as people of each language write them.

All output is for people: no-break spaces between a figure and its unit, a true minus (U+2212), the language's own
decimal mark. What machines read back (CSV, JSON) is written with `str(Decimal)` instead.
"""

import re
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
    day: str = "d\u00a0MMMM y"


_STYLES = {
    "en": _Style(",", ".", "%"),
    "ru": _Style(NBSP, ",", f"{NBSP}%"),
    "pl": _Style(NBSP, ",", "%"),
    "kk": _Style(NBSP, ",", "%", day="y\u00a0'ж'. d\u00a0MMMM"),
}

_NEAR_DAY = "d\u00a0MMMM"

# What may not stand in a line of text: controls, line and paragraph separators, and marks that turn the direction of
# writing, with which a name could rearrange the letter around it.
_NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


@lru_cache(maxsize=256)
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


@lru_cache(maxsize=4096)
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


def one_line(value: str) -> str:
    """A name or an address as one line: controls and line breaks become a space, what turns writing around goes."""
    return _NOT_IN_A_LINE.sub(" ", value).strip() if _NOT_IN_A_LINE.search(value) else value.strip()


def day(moment: date, language: str, zone: tzinfo | None = None) -> str:
    """`20 ноября 2026`; of a moment with an offset, the date it has in the reader's zone."""
    if isinstance(moment, datetime):
        if zone is None:
            raise ValueError("a moment has a date only in a zone: pass zone")
        moment = moment.astimezone(zone).date()
    return _day(moment, known_language(language))


@lru_cache(maxsize=4096)
def day_and_time(moment: datetime, language: str, zone: tzinfo) -> str:
    """`22 ноября 2026, 11:00`, in the reader's zone."""
    local = moment.astimezone(zone)
    return f"{_day(local.date(), known_language(language))}, {local:%H:%M}"


@lru_cache(maxsize=4096)
def soon(moment: datetime, language: str, zone: tzinfo) -> str:
    """`22 ноября, 11:00`: a moment so near that its year goes without saying."""
    local = moment.astimezone(zone)
    return f"{dates.format_date(local, _NEAR_DAY, locale=known_language(language))}, {local:%H:%M}"


def moment(at: datetime, pattern: str, language: str, zone: tzinfo) -> str:
    """A moment in a CLDR pattern of the caller's own, such as `d.MM.yyyy`, in the reader's zone."""
    return dates.format_datetime(at.astimezone(zone), pattern, locale=known_language(language))


@lru_cache(maxsize=4096)
def _day(value: date, language: str) -> str:
    return dates.format_date(value, _STYLES[language].day, locale=language)
