"""The balance bar's geometry: x = (value − lo) ÷ (hi − lo), lo is 0 or the debt, hi is 100 % or the surplus."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostatok.web.drawing import bar

percents = st.decimals(min_value=-100_000, max_value=100_000, places=3)


def pieces(drawing: bar.Bar) -> dict[str, tuple[str, str]]:
    return {piece.css: (piece.x, piece.width) for piece in drawing.pieces}


def test_a_plain_balance_fills_the_bar_up_to_its_per_cent() -> None:
    drawing = bar.draw(Decimal(62))
    assert pieces(drawing) == {"track": ("0%", "100%"), "fill": ("0%", "62%")}
    assert drawing.ticks == ("20%", "10%", "5%")
    assert drawing.edge is None
    assert {label.text: label.x for label in drawing.labels} == {"100": "100%", "20": "20%", "10": "10%", "5": "5%"}


def test_recent_use_is_pale_behind_what_is_left_and_ends_at_the_mark() -> None:
    assert pieces(bar.draw(Decimal(15), used_lately=Decimal(43)))["ghost"] == ("15%", "43%")
    assert pieces(bar.draw(Decimal(62), used_lately=Decimal(80)))["ghost"] == ("62%", "38%")


def test_a_surplus_stands_beyond_a_line_at_the_mark() -> None:
    drawing = bar.draw(Decimal(131))
    assert pieces(drawing) == {"track": ("0%", "100%"), "over": ("76.34%", "23.66%"), "fill": ("0%", "76.34%")}
    assert drawing.edge == "76.34%"
    assert {label.text for label in drawing.labels} == {"100", "20"}


def test_a_debt_stands_left_of_a_line_at_zero() -> None:
    drawing = bar.draw(Decimal(-32))
    assert pieces(drawing) == {"track": ("24.24%", "75.76%"), "debt": ("0%", "24.24%")}
    assert drawing.edge == "24.24%"
    assert {label.text: label.x for label in drawing.labels} == {"0": "24.24%", "100": "100%", "20": "39.39%"}


def test_labels_that_would_run_into_one_another_are_left_out() -> None:
    assert {label.text for label in bar.draw(Decimal(-3200)).labels} == {"0"}
    assert {label.text for label in bar.draw(Decimal(5000)).labels} == {"100"}


@pytest.mark.parametrize(("percent", "width"), [("9.96", "9.9%"), ("19.99", "19.9%"), ("10", "10%")])
def test_a_per_cent_is_rounded_down_because_bands_are_strict(percent: str, width: str) -> None:
    assert pieces(bar.draw(Decimal(percent)))["fill"] == ("0%", width)


def test_without_a_mark_there_is_only_the_track() -> None:
    assert bar.draw(None) == bar.EMPTY


def test_an_absurd_amount_is_still_drawn() -> None:
    assert pieces(bar.draw(Decimal(10) ** 40))["fill"] == ("0%", "1e-36%")


def test_nothing_left_draws_no_fill() -> None:
    assert set(pieces(bar.draw(Decimal(0)))) == {"track"}


@settings(deadline=None)
@given(percents, st.decimals(min_value=0, max_value=1000, places=2))
def test_every_piece_stays_within_the_bar(percent: Decimal, used: Decimal) -> None:
    drawing = bar.draw(percent, used_lately=used)
    for piece in drawing.pieces:
        x, width = float(piece.x.rstrip("%")), float(piece.width.rstrip("%"))
        assert -0.01 <= x <= 100.01
        assert width >= 0
        assert x + width <= 100.1
    places = [float(place.rstrip("%")) for place in (*drawing.ticks, *(label.x for label in drawing.labels))]
    assert all(0 <= place <= 100 for place in places)
