"""docs/concepts.md has all kinds of entries and all units."""

from ostatok.kernel import units
from ostatok.ledger import forecast
from ostatok.ledger.models import EntryKind
from ostatok.ledger.standing import Band, Base
from tests.docs.pages import code, page

PAGE = page("concepts.md")


def test_every_kind_of_entry_is_explained() -> None:
    listed = [name for row in PAGE.table("kind", "sign", "what it is") for name in code(row[0])]

    assert listed == EntryKind.labels


def test_every_unit_is_listed_with_its_base() -> None:
    listed = [(*code(unit), *code(base), int(factor)) for unit, base, factor in PAGE.table("unit", "kept in", "one is")]

    quantities = [unit for code in units.codes() if not (unit := units.get(code)).is_money]
    assert listed == [(unit.code, unit.base, unit.factor) for unit in quantities]


def test_the_currencies_it_names_exist() -> None:
    [sentence] = [line for line in PAGE.text.splitlines() if "ISO 4217" in line]

    assert all(units.get(currency).is_money for currency in code(sentence))


def test_the_digits_of_an_amount_are_those_of_the_code() -> None:
    assert f"{units.WHOLE_DIGITS} digits before the dot and {units.DECIMALS}" in " ".join(PAGE.text.split())


def test_every_base_and_every_band_is_explained() -> None:
    bases = [name for row in PAGE.table("base", "the mark is") for name in code(row[0])]
    bands = [name for row in PAGE.table("band", "left in per cent of the mark") for name in code(row[0])]

    assert (bases, bands) == (list(Base), list(Band))


def test_the_days_of_a_forecast_are_those_of_the_code() -> None:
    assert f"more than {forecast.HORIZON.days} days" in " ".join(PAGE.text.split())
    assert (forecast.DAYS, forecast.SHORTEST.days) == (7, 1)
