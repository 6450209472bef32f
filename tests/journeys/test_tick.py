"""`ostatok tick`: what time drives, as of a moment that is given."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.journeys import towns
from tests.journeys.desk import Desk, charge, top_up

DAILY = "balance_below, amount: 20, unit: min}, quota: {period: 24h, max_qty: 3"


@pytest.fixture
def operator(desk: Desk) -> Desk:
    """An operator that reminds of low balances each day, three times at most, and a client who has little left."""
    desk.apply(towns.description(1, rule=DAILY))
    desk.post(top_up(100, account="000000"), charge(85, account="000000"))
    assert len(desk.send()) == 1
    return desk


def later(hours: int) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


def test_a_reminder_comes_each_period_until_there_were_enough(operator: Desk) -> None:
    told = []
    for day in range(1, 6):
        told.append(operator.run("tick", "--at", later(24 * day + 1))["notices"])
        operator.send()

    assert told == [1, 1, 0, 0, 0]


def test_before_the_period_is_over_nothing_is_due(operator: Desk) -> None:
    assert operator.run("tick")["notices"] == 0
    assert operator.run("tick", "--at", later(23))["notices"] == 0


def test_who_lasts_for_fewer_days_is_told_until_when(desk: Desk) -> None:
    desk.apply(towns.description(1, rule="forecast_below, days: 2"))
    desk.post(top_up(100, account="000000"), charge(85, account="000000", occurred_at=datetime.now(UTC).isoformat()))
    assert desk.run("tick")["notices"] == 1
    [letter] = desk.send()
    assert "хватит на 1 день, до" in letter.text
    assert desk.run("tick")["notices"] == 0
    # In ten days that use will be no recent one any more, and nobody can tell.
    assert desk.run("tick", "--at", later(240))["notices"] == 0


@pytest.mark.parametrize("written", ["tomorrow", "2026-11-22T09:00", "2026-13-01T00:00Z"])
def test_a_moment_must_be_complete(operator: Desk, written: str) -> None:
    assert "2026-11-22T09:00+06:00" in operator.complaint("tick", "--at", written)
