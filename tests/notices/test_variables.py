import dataclasses
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from ostatok.kernel import text
from ostatok.notices import defaults, rendering, samples, variables

BANDS = (Decimal(20), Decimal(10), Decimal(5))


def built(**changes: Any) -> dict[str, object]:
    return variables.build(dataclasses.replace(samples.full("balance_band", "ru"), **changes))


def shown(value: object) -> str:
    return str(value).replace(text.NBSP, " ")


@pytest.mark.parametrize("kind", defaults.KINDS)
@pytest.mark.parametrize("make", [samples.full, samples.minimal])
def test_every_documented_variable_is_there_and_no_other(kind: str, make: Any) -> None:
    assert set(variables.build(make(kind, "en"))) == variables.NAMES


@pytest.mark.parametrize("kind", defaults.KINDS)
def test_only_variables_that_are_said_to_be_nullable_are_ever_nil(kind: str) -> None:
    nullable = {variable.name for variable in variables.VARIABLES if variable.nullable}
    least = variables.build(samples.minimal(kind, "en"))
    assert {name for name, value in least.items() if value is None} <= nullable


def test_days_are_compared_as_figures_and_whole_ones_count() -> None:
    facts = samples.full("forecast_below", "ru")
    known = variables.build(dataclasses.replace(facts, lasts_until=facts.as_of + timedelta(days=2, hours=23)))
    written = "{{ lasts_days }} {% if lasts_days < 3 %}мало{% endif %} {% if lasts_days == 2 %}два{% endif %}"
    assert shown(rendering.render(written, known)) == "2 дня мало два"
    assert built(lasts_until=None)["lasts_days"] is None


def test_names_are_one_line_and_web_addresses_are_of_the_web() -> None:
    known = built(client_name="Иван\r\nBcc: all@example.test", top_up_url="javascript:alert(1)")
    assert known["client_name"] == "Иван Bcc: all@example.test"
    assert known["top_up_url"] is None
    assert built(top_up_url='https://x.test/"onclick=')["top_up_url"] is None
    assert built(top_up_url=" https://x.test/?a=1&b=2 ")["top_up_url"] == "https://x.test/?a=1&b=2"


def test_what_is_left_is_the_balance_less_what_is_held_and_bands_are_measured_on_it() -> None:
    known = built(balance=Decimal(1500), held=Decimal(600), credit_limit=Decimal(300))
    assert [shown(known[name]) for name in ("left", "available", "percent")] == ["15 минут", "20 минут", "15 %"]


@pytest.mark.parametrize("mark", [None, Decimal(0), Decimal(-1)])
def test_without_a_mark_above_zero_there_is_no_per_cent(mark: Decimal | None) -> None:
    known = built(mark=mark, band_upper=None)
    assert (known["percent"], known["level"], known["balance_bar"]) == (None, None, None)


@pytest.mark.parametrize(
    ("seconds", "level"),
    [(1200, None), (1199, "low"), (600, "low"), (599, "lower"), (300, "lower"), (299, "crit"), (-1, "crit")],
)
def test_levels_change_below_20_10_and_5_per_cent_exactly(seconds: int, level: str | None) -> None:
    found: Any = built(balance=Decimal(seconds))["level"]
    assert (found and found.__liquid__()) == level


@pytest.mark.parametrize(
    ("balance", "upper", "lower", "next_at", "last"),
    [
        (900, 20, 10, "10 минут", False),
        (540, 10, 5, "5 минут", False),
        (60, 5, None, "None", True),
        (60, 5, 0, "None", True),
        (60, 20, None, "None", True),
    ],
)
def test_a_letter_knows_its_next_band_and_whether_it_is_the_last_warning(
    balance: int, upper: int, lower: int | None, next_at: str, last: bool
) -> None:
    edges = {"band_upper": Decimal(upper), "band_lower": None if lower is None else Decimal(lower)}
    known = built(balance=Decimal(balance), bands=BANDS, **edges)
    assert (shown(known["next_at"]), known["last_warning"]) == (next_at, last)


def test_a_notice_without_a_band_is_no_last_warning() -> None:
    assert variables.build(samples.full("balance_below", "ru"))["last_warning"] is False


def test_lasts_until_says_the_hour_when_it_is_near_and_is_nil_when_nothing_is_left() -> None:
    facts = samples.full("balance_band", "ru")
    assert shown(built(lasts_until=facts.as_of + timedelta(hours=47))["lasts_until"]) == "23 ноября, 09:31"
    assert shown(built(lasts_until=facts.as_of + timedelta(days=9))["lasts_until"]) == "30 ноября 2026"
    assert built(balance=Decimal(0))["lasts_until"] is None
    assert built(lasts_until=None)["lasts_until"] is None


def test_the_pin_is_masked_unless_the_organization_allows_it() -> None:
    assert built(pin="2468", may_send_pin=True)["pin"] == "2468"
    assert built(pin="2468", may_send_pin=False)["pin"] == variables.MASKED_PIN
    assert built(pin="", may_send_pin=True)["pin"] is None
    assert variables.masked(built(pin="2468", may_send_pin=True))["pin"] == variables.MASKED_PIN
    assert variables.masked(built(pin=""))["pin"] is None


def test_the_last_ten_entries_stand_in_a_table_with_aligned_columns() -> None:
    lines = str(built()["last_10_in_a_table"]).splitlines()
    assert len(lines) == variables.ENTRIES_SHOWN
    assert len({len(line) for line in lines}) == 1
    assert shown(lines[0]) == "21 ноября 2026  списание     −1 минута"
    assert shown(lines[-1]) == "11 ноября 2026  пополнение  +100 минут"


def test_a_table_of_no_entries_is_empty() -> None:
    known = built(last_entries=())
    assert (str(known["last_10_in_a_table"]), known["last_entries"]) == ("", [])


def test_an_unknown_language_is_written_in_english() -> None:
    assert built(language="de")["language"] == "en"
    assert str(built(language="de")["mark_of"]) == "the last top-up"
