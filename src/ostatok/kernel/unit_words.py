"""What units and currencies are called in each language, by CLDR plural category."""

from collections.abc import Mapping
from decimal import Decimal

from ostatok.kernel import text

_Forms = Mapping[str, str]


def _same(word: str) -> _Forms:
    return {"other": word}


def _en(one: str, other: str) -> _Forms:
    return {"one": one, "other": other}


def _slavic(one: str, few: str, many: str, other: str) -> _Forms:
    return {"one": one, "few": few, "many": many, "other": other}


_LONG: Mapping[str, Mapping[str, _Forms]] = {
    "en": {
        "s": _en("second", "seconds"),
        "min": _en("minute", "minutes"),
        "h": _en("hour", "hours"),
        "Wh": _same("Wh"),
        "kWh": _same("kWh"),
        "MB": _same("MB"),
        "GB": _same("GB"),
        "pcs": _en("piece", "pieces"),
        "sms": _same("SMS"),
    },
    "ru": {
        "s": _slavic("секунда", "секунды", "секунд", "секунды"),
        "min": _slavic("минута", "минуты", "минут", "минуты"),
        "h": _slavic("час", "часа", "часов", "часа"),
        "Wh": _same("Вт·ч"),
        "kWh": _same("кВт·ч"),
        "MB": _same("МБ"),
        "GB": _same("ГБ"),
        "pcs": _slavic("штука", "штуки", "штук", "штуки"),
        "sms": _same("SMS"),
    },
    "pl": {
        "s": _slavic("sekunda", "sekundy", "sekund", "sekundy"),
        "min": _slavic("minuta", "minuty", "minut", "minuty"),
        "h": _slavic("godzina", "godziny", "godzin", "godziny"),
        "Wh": _same("Wh"),
        "kWh": _same("kWh"),
        "MB": _same("MB"),
        "GB": _same("GB"),
        "pcs": _slavic("sztuka", "sztuki", "sztuk", "sztuki"),
        "sms": _same("SMS"),
    },
    "kk": {
        "s": _same("секунд"),
        "min": _same("минут"),
        "h": _same("сағат"),
        "Wh": _same("Вт·сағ"),
        "kWh": _same("кВт·сағ"),
        "MB": _same("МБ"),
        "GB": _same("ГБ"),
        "pcs": _same("дана"),
        "sms": _same("SMS"),
    },
}

# "Left" agrees with the noun's gender and number; it is neuter singular for figures that end in several or a fraction.
# Feminine and masculine forms by plural category, and the nouns that are feminine.
_REMAINS: Mapping[str, Mapping[str, _Forms]] = {
    "en": {"f": _same("left"), "m": _same("left")},
    "ru": {
        "f": {"one": "осталась", "other": "осталось"},
        "m": {"one": "остался", "other": "осталось"},
    },
    "pl": {
        "f": {"one": "została", "few": "zostały", "other": "zostało"},
        "m": {"one": "został", "few": "zostały", "other": "zostało"},
    },
    "kk": {"f": _same("қалды"), "m": _same("қалды")},
}
_FEMININE = {"ru": {"s", "min", "pcs"}, "pl": {"s", "min", "h", "Wh", "kWh", "pcs"}}

# Only what differs from the long word.
_SHORT: Mapping[str, Mapping[str, str]] = {
    "en": {"s": "s", "min": "min", "h": "h", "pcs": "pcs"},
    "ru": {"s": "с", "min": "мин", "h": "ч", "pcs": "шт."},
    "pl": {"s": "s", "min": "min", "h": "godz.", "pcs": "szt."},
    "kk": {"s": "с", "min": "мин", "h": "сағ"},
}

# Symbols that readers of all four languages know, and that mean one currency only. The rest go by their ISO code.
_SYMBOLS = {
    "AMD": "֏",
    "AZN": "₼",
    "BYN": "Br",
    "EUR": "€",
    "GBP": "£",
    "GEL": "₾",
    "KZT": "₸",
    "PLN": "zł",
    "RUB": "₽",
    "TRY": "₺",
    "UAH": "₴",
    "USD": "$",
}


def word(shown: Decimal, unit: str, language: str, *, short: bool) -> str:
    """The name of a quantity's unit in the form that goes with the figure shown."""
    if short and unit in _SHORT[language]:
        return _SHORT[language][unit]
    return text.plural(shown, language, _LONG[language][unit])


def remains(shown: Decimal, unit: str, language: str) -> str:
    """The word for "left" with that figure and unit; money (an empty unit), shown with decimals, is neuter."""
    if not unit:
        return _REMAINS[language]["m"]["other"]
    gender = "f" if unit in _FEMININE.get(language, ()) else "m"
    return text.plural(shown, language, _REMAINS[language][gender])


def money(amount: Decimal, currency: str, decimals: int, language: str) -> str:
    """`1 234,50 ₸`; English puts a sign before the figure, a code too: `₸1,234.50`, `PLN 1,234.50`."""
    figure = text.number(amount, language, decimals=decimals, fixed=True)
    symbol = _SYMBOLS.get(currency, currency)
    if language != "en":
        return figure + text.NBSP + symbol
    leading = currency + text.NBSP if symbol.isalpha() else symbol
    minus = text.MINUS if figure.startswith(text.MINUS) else ""
    return minus + leading + figure.removeprefix(text.MINUS)
