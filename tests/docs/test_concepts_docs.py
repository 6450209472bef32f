"""docs/concepts.md has all kinds of entries and all units."""

from ostatok.kernel import units
from ostatok.ledger.models import EntryKind
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
