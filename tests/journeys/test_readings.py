"""Half-hourly meter readings as charges on prepaid kWh, cut into files of any size: the same is told each time."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import cos, pi
from random import Random
from typing import Any

from tests.journeys.desk import Desk, Row, query

HOUSEHOLDS = ("10006414", "10006704", "10006486")
HALF_HOURS = 3 * 48
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
BOUGHT = Decimal(15)


def utility(code: str) -> str:
    accounts = "".join(
        f'  - {{organization: {code}, number: "{one}", client: "{one}", services: [energy]}}\n' for one in HOUSEHOLDS
    )
    clients = "".join(
        f'  - {{organization: {code}, code: "{one}", name: House {one}, email: h{one}@client.test}}\n'
        for one in HOUSEHOLDS
    )
    return (
        f"organizations:\n  - {{code: {code}, name: Utility, timezone: Australia/Sydney, language: en}}\n"
        f"services:\n  - {{organization: {code}, code: energy, name: Electricity, unit: kWh}}\n"
        f"clients:\n{clients}accounts:\n{accounts}"
        f"rules:\n  - {{organization: {code}, name: Bands, recipients: [{{to: client}}],"
        " trigger: {kind: balance_band, bands: [[20, 10], [10, 5], [5, null]]}}\n"
        f"  - {{organization: {code}, name: Below, recipients: [{{to: client}}],"
        " trigger: {kind: balance_below, amount: 2.5, unit: kWh}}\n"
    )


def readings() -> Iterator[tuple[str, datetime, Decimal]]:
    """What each household used in each half hour: more in the evening, never quite the same, sometimes nothing."""
    random = Random(5)
    for half_hour in range(HALF_HOURS):
        at = BEGIN + timedelta(minutes=30 * half_hour)
        evening = 1 - cos(2 * pi * (half_hour - 12) / 48)
        for household in HOUSEHOLDS:
            used = evening * random.uniform(0.05, 0.6) if random.random() > 0.05 else 0
            yield household, at, Decimal(f"{used:.3f}")


def rows() -> list[Row]:
    """Readings as charges; before one that is more than is left, energy is bought."""
    made: list[Row] = []
    left = dict.fromkeys(HOUSEHOLDS, Decimal(0))
    for household, at, used in readings():
        if left[household] <= used:
            made.append(_row(household, "top_up", BOUGHT, at, len(made)))
            left[household] += BOUGHT
        made.append(_row(household, "charge", used, at, len(made)))
        left[household] -= used
    return made


def _row(household: str, kind: str, amount: Decimal, at: datetime, number: int) -> Row:
    cells = {"account": household, "service": "energy", "kind": kind, "amount": str(amount)}
    return cells | {"occurred_at": at.isoformat(), "ref": f"m{number}"}


def told(code: str) -> list[tuple[Any, ...]]:
    """All notices of an organization: what about, when among the entries, with which figures."""
    return query(
        "select b.number, r.name, e.upper, n.occasion, n.epoch, n.amount, n.percent from notice n"
        " join organization o on o.id = n.organization_id join balance b on b.id = n.balance_id"
        f" join rule r on r.id = n.rule_id left join rule_band e on e.id = n.band_id where o.code = '{code}'"
        " order by b.number, n.occasion, r.name"
    )


def import_cut(desk: Desk, code: str, made: Sequence[Row], size: int) -> int:
    """Import rows in files of that size; returns how many notices the imports counted."""
    desk.apply(utility(code))
    files = [made[begin : begin + size] for begin in range(0, len(made), size)]
    return sum(desk.post(*file, organization=code)["notices"] for file in files)


def test_readings_in_files_of_1_of_100_and_of_10000_rows_tell_the_same(desk: Desk) -> None:
    made = rows()

    counted = {size: import_cut(desk, f"by{size}", made, size) for size in (1, 100, 10_000)}

    expected = told("by10000")
    assert told("by1") == told("by100") == expected
    assert set(counted.values()) == {len(expected)}
    bands = Counter(edge for _, rule, edge, *_ in expected if rule == "Bands")
    assert sorted(bands) == [5, 10, 20]
    assert min(bands.values()) >= 3
    assert sum(rule == "Below" for _, rule, *_ in expected) >= 3
    desk.check()
