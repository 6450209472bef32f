"""Filters of templates: few, and each bounded in what it can produce."""

import decimal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

from liquid import Environment, RenderContext
from liquid.builtin.filters import misc, string
from liquid.exceptions import FilterArgumentError, ResourceLimitError
from liquid.filter import with_context

from ostatok.kernel import text, units
from ostatok.kernel.errors import OstatokError
from ostatok.notices import values

TEXT_LIMIT = 64_000
PATTERN_LIMIT = 64

# Figures in templates stay within what an amount can be; the bounds keep repeated multiplication from growing.
_FIGURES = decimal.Context(prec=40, rounding=decimal.ROUND_HALF_UP, Emax=40, Emin=-40)

Filter = Callable[..., object]


@with_context
def amount(value: object, form: object = "long", *, context: RenderContext) -> str:
    """`{{ left | amount: "short" }}` → `15 min`, `"h"` → in hours; a plain figure needs a unit: `90 | amount: "s"`."""
    if value is None:
        return ""
    with _told_where_it_stands():
        if isinstance(value, values.Amount):
            return _amount_as(value, str(form))
        return units.format_amount(units.to_base(_figure(value), str(form)), str(form), _language(context))


def _amount_as(value: values.Amount, form: str) -> str:
    if form == "short":
        return value.short
    if form == "long":
        return str(value)
    if not units.compatible(form, value.unit):
        raise FilterArgumentError(f"an amount in {value.unit} cannot be shown in {form}", token=None)
    return units.format_amount(value.base, form, value.language)


@with_context
def money(value: object, currency: object, *, context: RenderContext) -> str:
    """`{{ 12.5 | money: "KZT" }}` → `12,50 ₸`."""
    return "" if value is None else str(amount(_figure(value), currency, context=context))


@with_context
def number(value: object, decimals: object = 2, *, context: RenderContext) -> str:
    """`{{ mark | number }}` → `1 234,5`: the figure alone, in the language's way."""
    if value is None:
        return ""
    with _told_where_it_stands():
        return text.number(_figure(value), _language(context), decimals=_places(decimals))


def date(value: object, pattern: object = "day") -> str:
    """`day` → `20 ноября 2026`, `time` → with hours and minutes, else a CLDR pattern: `dd.MM.yyyy`."""
    if value is None:
        return ""
    if not isinstance(value, values.Moment):
        raise FilterArgumentError(f"a moment is needed, not {type(value).__name__}", token=None)
    if pattern == "day":
        return text.day(value.at, value.language, value.zone)
    if pattern == "time":
        return text.day_and_time(value.at, value.language, value.zone)
    with _told_where_it_stands():
        return text.moment(value.at, str(pattern)[:PATTERN_LIMIT], value.language, value.zone)


@with_context
def plural(value: object, *forms: object, context: RenderContext) -> str:
    """`{{ 5 | plural: "письмо", "письма", "писем" }}` → `писем`: the word that goes with a figure.

    Forms by language: en one, other; ru and pl one, few, many and, if given, that of fractions; kk has one form.
    """
    language = _language(context)
    categories = {"en": ("one", "other"), "kk": ("other",)}.get(language, ("one", "few", "many", "other"))
    if not 0 < len(forms) <= len(categories):
        raise FilterArgumentError(f"plural in '{language}' takes {len(categories)} forms, not {len(forms)}", token=None)
    by_category = {category: str(form) for category, form in zip(categories, forms, strict=False)}
    by_category.setdefault("other", by_category.get("few", str(forms[-1])))
    return text.plural(_figure(value), language, by_category)


def remains(value: object) -> str:
    """The word for "left" that agrees with the amount: `осталась` 1 минута, `осталось` 5 минут."""
    if not isinstance(value, values.Amount):
        raise FilterArgumentError(f"an amount is needed, not {type(value).__name__}", token=None)
    return units.remains(value.base, value.unit, value.language)


def replace(value: object, old: object, new: object = "") -> str:
    """The text with every `old` replaced, if the result is not too long to be made."""
    whole, seek, put = (str(part) for part in (value, old, new))
    if len(whole) + whole.count(seek) * len(put) > TEXT_LIMIT:
        raise ResourceLimitError(f"a text grew longer than {TEXT_LIMIT:,} characters", token=None)
    return str(string.replace(value, old, new))


def _calculating(operation: Callable[[Decimal, Decimal], Decimal]) -> Filter:
    def calculate(value: object, other: object) -> Decimal:
        with _told_where_it_stands():
            return operation(_figure(value), _figure(other))

    return calculate


def _round(value: object, decimals: object = 0) -> Decimal:
    with _told_where_it_stands():
        return _FIGURES.quantize(_figure(value), Decimal(1).scaleb(-_places(decimals)))


def _figure(value: object) -> Decimal:
    if isinstance(value, values.Amount | values.Percent):
        return value.__liquid__()
    if isinstance(value, int | float | Decimal | str) and not isinstance(value, bool):
        with _told_where_it_stands():
            return _FIGURES.create_decimal(str(value))
    raise FilterArgumentError(f"a figure is needed, not {type(value).__name__}", token=None)


def _places(decimals: object) -> int:
    return max(0, min(int(_figure(decimals)), 6))


def _language(context: RenderContext) -> str:
    return str(context.globals["language"])


@contextmanager
def _told_where_it_stands() -> Iterator[None]:
    """What cannot be calculated or shown is the template's fault, and is told with its line."""
    try:
        yield
    except ArithmeticError as error:
        raise FilterArgumentError("this cannot be calculated", token=None) from error
    except (LookupError, ValueError, OstatokError) as error:
        raise FilterArgumentError(str(error), token=None) from error


FILTERS: dict[str, Filter] = {
    "amount": amount,
    "money": money,
    "number": number,
    "date": date,
    "plural": plural,
    "remains": remains,
    "plus": _calculating(_FIGURES.add),
    "minus": _calculating(_FIGURES.subtract),
    "times": _calculating(_FIGURES.multiply),
    "divided_by": _calculating(_FIGURES.divide),
    "round": _round,
    "append": string.append,
    "prepend": string.prepend,
    "replace": replace,
    "upcase": string.upcase,
    "downcase": string.downcase,
    "capitalize": string.capitalize,
    "strip": string.strip,
    "truncate": string.truncate,
    "escape": string.escape,
    "url_encode": string.url_encode,
    "newline_to_br": string.newline_to_br,
    "size": misc.size,
    "default": misc.default,
}


def register(environment: Environment) -> None:
    """Give an environment these filters and no others."""
    for name, apply in FILTERS.items():
        environment.add_filter(name, apply)
