"""Sparks and charts: steps between points, a dashed fall to where it ends, round figures beside them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from ostatok.web.drawing import chart, spark

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Moscow")


@dataclass(frozen=True)
class At:
    at: datetime
    amount: Decimal


def points(*days_ago_and_left: tuple[float, int]) -> list[At]:
    return [At(NOW - timedelta(days=days), Decimal(left)) for days, left in days_ago_and_left]


def test_a_balance_keeps_its_amount_until_the_next_point() -> None:
    drawing = spark.draw(points((4, 100), (2, 50), (0, 0)), now=NOW)
    assert drawing is not None
    assert drawing.path == "M0 6H50V50H100V94H100"
    assert (drawing.x, drawing.y) == ("100%", "94%")
    assert drawing.forecast == ""


def test_a_forecast_falls_straight_to_zero() -> None:
    drawing = spark.draw(points((4, 100), (1, 50)), now=NOW, until=NOW + timedelta(days=1))
    assert drawing is not None
    assert drawing.forecast == "M80 50L100 94"


def test_a_forecast_beyond_the_drawing_is_cut_on_its_way() -> None:
    drawing = spark.draw(points((4, 100), (1, 50)), now=NOW, until=NOW + timedelta(days=8))
    assert drawing is not None
    assert drawing.forecast == "M66.67 50L100 61"


def test_with_credit_the_fall_ends_below_zero() -> None:
    drawing = spark.draw(points((4, 50), (1, 50)), now=NOW, until=NOW + timedelta(days=1), floor=Decimal(-50))
    assert drawing is not None
    assert drawing.forecast == "M80 6L100 94"


def test_nothing_posted_draws_nothing() -> None:
    assert spark.draw([], now=NOW) is None
    assert chart.draw([], now=NOW, zone=ZONE) is None


def test_one_point_only_is_a_level_line() -> None:
    drawing = spark.draw(points((0, 40)), now=NOW)
    assert drawing is not None
    assert drawing.path == "M100 6H100"


def test_the_grid_stands_at_round_figures_of_the_unit() -> None:
    drawing = chart.draw(points((9, 6000), (1, 900)), now=NOW, zone=ZONE, mark=Decimal(6000), grain=60)
    assert drawing is not None
    assert [level.amount for level in drawing.levels if not level.band] == [0, 3000, 6000]
    edges = {level.band: level.amount for level in drawing.levels if level.band}
    assert edges == {"low": 1200, "lower": 600, "crit": 300}


def test_without_a_mark_no_edges_are_drawn() -> None:
    drawing = chart.draw(points((9, 6000), (1, 900)), now=NOW, zone=ZONE)
    assert drawing is not None
    assert not [level for level in drawing.levels if level.band]


def test_dates_are_midnights_of_the_readers_zone_and_few() -> None:
    drawing = chart.draw(points((90, 100), (1, 50)), now=NOW, zone=ZONE)
    assert drawing is not None
    assert 3 <= len(drawing.dates) <= 7
    assert all(mark.at.astimezone(ZONE).hour == 0 for mark in drawing.dates)


amounts = st.decimals(min_value=-(10**12), max_value=10**12, places=3)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 10**7), amounts), min_size=1, max_size=20),
    st.none() | st.integers(1, 10**7),
    st.none() | st.decimals(min_value="0.01", max_value=10**12, places=2),
)
def test_every_line_stays_within_the_drawing(
    raw: list[tuple[int, Decimal]], ahead: int | None, mark: Decimal | None
) -> None:
    known = [At(NOW - timedelta(seconds=age), amount) for age, amount in sorted(raw, key=lambda pair: -pair[0])]
    until = None if ahead is None else NOW + timedelta(seconds=ahead)
    drawing = chart.draw(known, now=NOW, zone=ZONE, until=until, mark=mark, grain=60)
    assert drawing is not None
    for number in re.findall(r"-?\d+(?:\.\d+)?(?:e[-+]\d+)?", drawing.path + drawing.area + drawing.forecast):
        assert -0.1 <= float(number) <= 100.1
    assert len(drawing.levels) <= 12
