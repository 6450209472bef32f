from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostatok.kernel import text, units

NBSP = "\u00a0"


def shown(amount: str | int, unit: str, language: str, *, short: bool = False) -> str:
    """With plain spaces, so that the expectations below can be read."""
    return units.format_amount(Decimal(amount), unit, language, short=short).replace(NBSP, " ")


def test_six_thousand_one_second_charges_take_exactly_one_hundred_minutes() -> None:
    left = units.to_base(Decimal(100), "min")
    for _ in range(6000):
        left -= units.to_base(Decimal(1), "s")
    assert left == 0


def test_minutes_are_kept_in_seconds_and_gigabytes_in_megabytes() -> None:
    assert units.to_base(Decimal("1.5"), "min") == 90
    assert units.from_base(Decimal(90), "min") == Decimal("1.5")
    assert units.to_base(Decimal("0.25"), "GB") == 250
    assert units.to_base(Decimal("2.5"), "kWh") == 2500


def test_money_is_its_own_base() -> None:
    assert units.get("KZT") == units.Unit("KZT", base="KZT", factor=1, decimals=2, is_money=True)
    assert units.get("JPY").decimals == 0
    assert units.get("KWD").decimals == 3


def test_units_of_one_base_are_compatible_and_others_are_not() -> None:
    assert units.compatible("h", "s")
    assert not units.compatible("min", "KZT")
    assert not units.compatible("KZT", "RUB")
    assert not units.compatible("sms", "pcs")


@pytest.mark.parametrize(("code", "hint"), [("kwh", "did you mean 'kWh'?"), ("rub", "did you mean 'RUB'?")])
def test_an_unknown_unit_is_refused_with_the_nearest_known_one(code: str, hint: str) -> None:
    with pytest.raises(units.UnknownUnitError, match=hint.replace("?", r"\?")):
        units.get(code)


def test_an_unknown_unit_like_no_other_is_refused_with_what_there_is() -> None:
    with pytest.raises(units.UnknownUnitError, match="use s, min, h, Wh, kWh"):
        units.get("parsec")


@pytest.mark.parametrize(
    "written", ["0", "15", "-15", "+15", "0.000001", "99999999999999.999999", " 7 ", "1.0000000000"]
)
def test_an_amount_that_fits_is_read_as_written(written: str) -> None:
    assert units.parse_amount(written) == Decimal(written.strip())


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "it is empty"),
        ("NaN", "it must be a number"),
        ("-Infinity", "it must be a number"),
        ("1e30", "without an exponent"),
        ("1E-3", "without an exponent"),
        ("1,5", "write a dot before the decimals, not a comma"),
        ("1 000", "without separators"),
        ("1,000,000", "without separators"),
        ("0.0000001", "at most 6 digits after the dot"),
        ("100000000000000", "at most 14 digits before the dot"),
        ("9" * 10_000_000, "it is 10000000 characters long"),
        ("١٢", "write digits with a dot"),
        ("0x10", "write digits with a dot"),
        ("1_000", "write digits with a dot"),
    ],
)
def test_what_is_not_an_amount_is_refused_with_its_reason(written: str, reason: str) -> None:
    with pytest.raises(units.BadAmountError, match=reason) as refusal:
        units.parse_amount(written)
    assert len(str(refusal.value)) < 200


def test_an_amount_that_grows_too_large_in_its_base_is_refused() -> None:
    amount = units.parse_amount("99999999999999")
    with pytest.raises(units.BadAmountError, match="too large"):
        units.to_base(amount, "min")


@given(
    amount=st.decimals(min_value=-(10**9), max_value=10**9, places=6, allow_nan=False),
    unit=st.sampled_from(units.codes()),
)
def test_an_amount_comes_back_from_its_base_unchanged(amount: Decimal, unit: str) -> None:
    assert units.from_base(units.to_base(amount, unit), unit) == amount


@pytest.mark.parametrize(
    ("seconds", "russian", "polish"),
    [
        (0, "0 минут", "0 minut"),
        (60, "1 минута", "1 minuta"),
        (120, "2 минуты", "2 minuty"),
        (300, "5 минут", "5 minut"),
        (660, "11 минут", "11 minut"),
        (1260, "21 минута", "21 minut"),
        (1320, "22 минуты", "22 minuty"),
        (90, "1,5 минуты", "1,5 minuty"),
        (870, "14,5 минуты", "14,5 minuty"),
        (-60, "−1 минута", "−1 minuta"),
        (74040, "1 234 минуты", "1 234 minuty"),
    ],
)
def test_minutes_take_the_number_form_of_their_language(seconds: int, russian: str, polish: str) -> None:
    assert shown(seconds, "min", "ru") == russian
    assert shown(seconds, "min", "pl") == polish


def test_english_has_two_forms_and_kazakh_one() -> None:
    assert [shown(n, "min", "en") for n in (60, 90, 120)] == ["1 minute", "1.5 minutes", "2 minutes"]
    assert [shown(n, "min", "kk") for n in (60, 90, 300)] == ["1 минут", "1,5 минут", "5 минут"]


def test_less_than_a_minute_is_shown_in_seconds_and_less_than_a_gigabyte_in_megabytes() -> None:
    assert shown(21, "min", "ru") == "21 секунда"
    assert shown(1800, "h", "pl") == "30 minut"
    assert shown(250, "GB", "kk") == "250 МБ"
    assert shown(0, "GB", "ru") == "0 ГБ"


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        ("-1234.5", "KZT", ["−₸1,234.50", "−1 234,50 ₸", "−1 234,50 ₸", "−1 234,50 ₸"]),
        ("50", "PLN", ["PLN 50.00", "50,00 zł", "50,00 zł", "50,00 zł"]),
        ("1499.6", "JPY", ["JPY 1,500", "1 500 JPY", "1 500 JPY", "1 500 JPY"]),
        ("3250", "kWh", ["3.25 kWh", "3,25 кВт·ч", "3,25 kWh", "3,25 кВт·сағ"]),
        ("1500", "GB", ["1.5 GB", "1,5 ГБ", "1,5 GB", "1,5 ГБ"]),
        ("3", "pcs", ["3 pieces", "3 штуки", "3 sztuki", "3 дана"]),
        ("5", "sms", ["5 SMS", "5 SMS", "5 SMS", "5 SMS"]),
    ],
)
def test_each_language_writes_amounts_its_own_way(amount: str, unit: str, expected: list[str]) -> None:
    assert [shown(amount, unit, language) for language in text.LANGUAGES] == expected


def test_the_short_form_has_no_number_forms() -> None:
    shorts = [shown(900, "min", language, short=True) for language in text.LANGUAGES]
    assert shorts == ["15 min", "15 мин", "15 min", "15 мин"]
    assert shown("-0.4", "pcs", "ru", short=True) == "−0,4 шт."


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        (60, "min", ["left", "осталась", "została", "қалды"]),
        (120, "min", ["left", "осталось", "zostały", "қалды"]),
        (300, "min", ["left", "осталось", "zostało", "қалды"]),
        (90, "min", ["left", "осталось", "zostało", "қалды"]),
        (1, "min", ["left", "осталась", "została", "қалды"]),
        (3600, "h", ["left", "остался", "została", "қалды"]),
        (1000, "GB", ["left", "остался", "został", "қалды"]),
        (1, "KZT", ["left", "осталось", "zostało", "қалды"]),
    ],
)
def test_the_word_for_left_agrees_with_what_is_left(amount: int, unit: str, expected: list[str]) -> None:
    assert [units.remains(Decimal(amount), unit, language) for language in text.LANGUAGES] == expected


def test_what_is_left_is_told_in_the_order_of_the_language() -> None:
    told = [units.left(Decimal(60), "min", language).replace("\u00a0", " ") for language in text.LANGUAGES]
    assert told == ["1 minute left", "осталась 1 минута", "została 1 minuta", "1 минут қалды"]
    assert units.left(Decimal(120), "min", "pl", short=True).replace("\u00a0", " ") == "zostały 2 min"


def test_an_amount_never_breaks_before_its_unit() -> None:
    assert " " not in units.format_amount(Decimal(1_234_567), "min", "ru")
    assert " " not in units.format_amount(Decimal("-1234567.89"), "PLN", "en")


def test_a_balance_wider_than_any_entry_is_still_shown() -> None:
    assert shown("123456789012345678901234567890.5", "USD", "en") == "$123,456,789,012,345,678,901,234,567,890.50"


@given(
    amount=st.decimals(min_value=-(10**14), max_value=10**14, places=6, allow_nan=False),
    unit=st.sampled_from(units.codes()),
    language=st.sampled_from(text.LANGUAGES),
)
def test_every_amount_can_be_shown_and_none_as_minus_zero(amount: Decimal, unit: str, language: str) -> None:
    written = units.format_amount(amount, unit, language)
    has_digit_above_zero = any(digit in written for digit in "123456789")
    assert written.startswith(text.MINUS) == (amount < 0 and has_digit_above_zero)
