"""Units: what an amount is counted in, how it is kept and how it is shown.

A unit has a base and a factor. Amounts are kept in the base (seconds, watt-hours, megabytes) and typed and shown in the
unit (minutes, kWh, GB), so 6,000 one-second charges take exactly 100 minutes. A currency is its own base.
"""

import difflib
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from ostatok.kernel import text, unit_words
from ostatok.kernel.errors import OstatokError

# An amount is PostgreSQL's numeric(20,6).
WHOLE_DIGITS = 14
DECIMALS = 6
LARGEST = Decimal(10) ** WHOLE_DIGITS - Decimal(1).scaleb(-DECIMALS)
_GRAIN = Decimal(1).scaleb(-DECIMALS)
# Where the word for "left" stands before the amount.
_LEFT_FIRST = frozenset({"ru", "pl"})


class UnknownUnitError(OstatokError):
    """No unit has this code."""


class BadAmountError(OstatokError):
    """What was written is not an amount that can be kept; the message tells its writer why."""


@dataclass(frozen=True, slots=True)
class Unit:
    """`factor` bases make one unit; `decimals` is the most that is shown, and always shown for money."""

    code: str
    base: str
    factor: int
    decimals: int
    is_money: bool = False


# Alphabetic codes of ISO 4217 in use; a code once listed stays, since balances may be kept in it.
_CURRENCIES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY
COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR
IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR
MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD
SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD
XCG XOF XPF YER ZAR ZMW ZWG
"""

# Minor units of ISO 4217 where they are not two.
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_CURRENCY_DECIMALS = dict.fromkeys(_NO_DECIMALS.split(), 0) | dict.fromkeys(_THREE_DECIMALS.split(), 3)

_QUANTITIES = (
    Unit("s", base="s", factor=1, decimals=0),
    Unit("min", base="s", factor=60, decimals=1),
    Unit("h", base="s", factor=3600, decimals=1),
    Unit("Wh", base="Wh", factor=1, decimals=0),
    Unit("kWh", base="Wh", factor=1000, decimals=2),
    Unit("MB", base="MB", factor=1, decimals=1),
    Unit("GB", base="MB", factor=1000, decimals=2),
    Unit("pcs", base="pcs", factor=1, decimals=3),
    Unit("sms", base="sms", factor=1, decimals=0),
)

_QUANTITY_CODES = tuple(unit.code for unit in _QUANTITIES)

_REGISTRY = {unit.code: unit for unit in _QUANTITIES} | {
    code: Unit(code, base=code, factor=1, decimals=_CURRENCY_DECIMALS.get(code, 2), is_money=True)
    for code in _CURRENCIES.split()
}

# A remainder below one of the unit reads better in the next smaller one: 20 seconds, not 0.3 minutes.
_SMALLER = {"h": "min", "min": "s", "GB": "MB"}


def get(code: str) -> Unit:
    """The unit of that code. Codes are case-sensitive, as the units themselves are: kWh, GB, min, KZT."""
    try:
        return _REGISTRY[code]
    except KeyError:
        raise UnknownUnitError(_unknown(code)) from None


def codes() -> tuple[str, ...]:
    """All codes: quantities first, then currencies in alphabetical order."""
    return tuple(_REGISTRY)


def compatible(a: str, b: str) -> bool:
    """Whether amounts of both units can be compared without a rate: minutes with seconds, not with money."""
    return get(a).base == get(b).base


def to_base(amount: Decimal, unit: str) -> Decimal:
    """An amount in units as one in bases: 1.5 min is 90 s. `BadAmountError` if that no longer fits numeric(20,6)."""
    factor = get(unit).factor
    in_bases = amount if factor == 1 else text.EXACT.multiply(amount, Decimal(factor))
    # The usual case at once: this runs for every entry posted.
    if _fits(in_bases):
        return in_bases
    return _fitting(in_bases, f"{_quoted(str(amount))} {unit}")


def from_base(amount: Decimal, unit: str) -> Decimal:
    """An amount in bases as an amount in units; not rounded beyond 80 digits, so round what you show."""
    return text.EXACT.divide(amount, Decimal(get(unit).factor))


def parse_amount(written: str) -> Decimal:
    """The amount a person or a file wrote: digits, one dot, at most 14 digits before it and 6 after, a sign allowed.

    Refused with `BadAmountError` and a reason: NaN, Infinity, exponents, commas, spaces between digits.
    """
    trimmed = written.strip()
    if len(trimmed) > 64 or not _PLAIN.fullmatch(trimmed):
        raise BadAmountError(f"{_quoted(trimmed)} is not an amount: {_complaint(trimmed)}")
    return _fitting(Decimal(trimmed), _quoted(trimmed))


_PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_COMPLAINTS = (
    (re.compile(r"\s*"), "it is empty"),
    (re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE), "it must be a number"),
    (re.compile(r"[+-]?[0-9.]+e[+-]?[0-9]+", re.IGNORECASE), "write it out without an exponent"),
    (re.compile(r"[+-]?[0-9]+,[0-9]+"), "write a dot before the decimals, not a comma"),
    (re.compile(r"[+-]?[0-9]+([\s,.][0-9]+)+"), "write it without separators between thousands"),
)


def _complaint(written: str) -> str:
    if len(written) > 64:
        return f"it is {len(written)} characters long"
    found = (message for pattern, message in _COMPLAINTS if pattern.fullmatch(written))
    return next(found, "write digits with a dot before the decimals, such as 12.50")


def _fits(amount: Decimal) -> bool:
    return -LARGEST <= amount <= LARGEST and amount.quantize(_GRAIN) == amount


def _fitting(amount: Decimal, shown: str) -> Decimal:
    if abs(amount) > LARGEST:
        raise BadAmountError(f"{shown} is too large: at most {WHOLE_DIGITS} digits before the dot")
    rounded = text.round_to(amount, DECIMALS)
    if rounded != amount:
        raise BadAmountError(f"{shown} is too fine: at most {DECIMALS} digits after the dot")
    return rounded


def _quoted(written: str) -> str:
    return repr(written if len(written) <= 40 else written[:40] + "…")


def _unknown(code: str) -> str:
    by_folded = {known.casefold(): known for known in _REGISTRY}
    near = difflib.get_close_matches(code.casefold()[:40], by_folded, n=1, cutoff=0.75)
    hint = f"did you mean {by_folded[near[0]]!r}?" if near else f"use {', '.join(_QUANTITY_CODES)} or an ISO currency"
    return f"unknown unit {_quoted(code)}: {hint}"


@lru_cache(maxsize=16384)
def format_amount(base_amount: Decimal, unit: str, language: str, *, short: bool = False) -> str:
    """An amount in bases as people read it: `14,5 минуты`, `−1 234,50 ₸`, `3,2 кВт·ч`; short: `14,5 мин`.

    Rounded half up to what the unit shows; less than one minute, hour or GB is shown in the next smaller unit.
    """
    known, shown = _as_shown(base_amount, get(unit))
    language = text.known_language(language)
    if known.is_money:
        return unit_words.money(shown, known.code, known.decimals, language)
    word = unit_words.word(shown, known.code, language, short=short)
    return text.number(shown, language, decimals=known.decimals) + text.NBSP + word


@lru_cache(maxsize=16384)
def remains(base_amount: Decimal, unit: str, language: str) -> str:
    """The word for "left" that agrees with the amount as shown: `осталась` 1 минута, `осталось` 5 минут."""
    known, shown = _as_shown(base_amount, get(unit))
    language = text.known_language(language)
    return unit_words.remains(shown, "" if known.is_money else known.code, language)


@lru_cache(maxsize=16384)
def left(base_amount: Decimal, unit: str, language: str, *, short: bool = False) -> str:
    """An amount and its word for "left", in the order of the language: `осталась 1 минута`, `1 minute left`."""
    amount = format_amount(base_amount, unit, language, short=short)
    word = remains(base_amount, unit, language)
    return f"{word} {amount}" if text.known_language(language) in _LEFT_FIRST else f"{amount} {word}"


def _as_shown(base_amount: Decimal, unit: Unit) -> tuple[Unit, Decimal]:
    """The unit people read this amount in, and the figure rounded to it."""
    while base_amount and base_amount.copy_abs() < unit.factor and unit.code in _SMALLER:
        unit = _REGISTRY[_SMALLER[unit.code]]
    return unit, text.round_to(from_base(base_amount, unit.code), unit.decimals)
