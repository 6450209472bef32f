"""Percent bands, by examples worked out by hand."""

from decimal import Decimal

import pytest

from tests.model.story import Story, band, banded, quota
from tests.model.triggers import Bands, Mark


def test_the_example_of_seed_000_holds() -> None:
    story = Story(banded())
    assert story.top_up(100) == []
    assert story.charge(85) == ["20–10"]
    assert story.charge(6) == ["10–5"]
    assert story.charge(8) == ["5–"]
    assert story.charge(1) == []
    assert story.top_up(100) == []
    assert [story.charge(85), story.charge(6), story.charge(8)] == [["20–10"], ["10–5"], ["5–"]]


def test_each_module_has_bands_of_its_own() -> None:
    story = Story(banded())
    story.top_up(100)
    story.top_up(100, service="appps")
    assert story.charge(85) == ["20–10"]
    assert story.charge(85, service="appps") == ["20–10"]


@pytest.mark.parametrize(
    ("left", "told"),
    [
        ("20", []),
        ("19.999999", ["20–10"]),
        ("10", ["20–10"]),
        ("9.999999", ["10–5"]),
        ("5", ["10–5"]),
        ("4.999999", ["5–"]),
        ("0", ["5–"]),
        ("-10", ["5–"]),
    ],
)
def test_a_band_takes_its_lower_edge_and_not_its_upper(left: str, told: list[str]) -> None:
    story = Story(banded())
    story.top_up(100)
    assert story.charge(Decimal(100) - Decimal(left)) == told


def test_percentages_are_not_rounded() -> None:
    story = Story(banded(band(10)))
    story.top_up("0.000030")
    assert story.charge("0.000027") == []
    assert story.charge("0.000001") == ["10–"]


def test_a_jump_over_bands_tells_only_the_lowest() -> None:
    story = Story(banded())
    story.top_up(100)
    assert story.charge(97) == ["5–"]
    assert story.adjust(10) == []
    assert story.charge(5) == [], "10–5 was jumped over and counts as fired"


def test_a_correction_does_not_fire_a_band_again() -> None:
    story = Story(banded())
    story.top_up(100)
    assert story.charge(85) == ["20–10"]
    assert story.adjust(30) == []
    assert story.charge(30) == []


def test_rising_out_of_a_gap_into_a_band_is_silent() -> None:
    story = Story(banded(band(50, 40), band(20)))
    story.top_up(100)
    assert story.charge(70) == [], "30 % lies in the gap, with 50–40 passed"
    assert story.adjust(15) == []
    assert story.charge(1) == []
    assert story.charge(30) == ["20–"]


@pytest.mark.parametrize("take", ["charge", "refund", "adjust down", "snapshot", "hold"])
def test_whatever_takes_something_may_enter_a_band(take: str) -> None:
    story = Story(banded())
    story.top_up(100)
    deeds = {
        "charge": lambda: story.charge(85),
        "refund": lambda: story.refund(85),
        "adjust down": lambda: story.adjust(-85),
        "snapshot": lambda: story.snapshot(-85),
        "hold": lambda: story.hold(85),
    }
    assert deeds[take]() == ["20–10"]


def test_releasing_a_hold_is_silent_and_a_credit_limit_does_not_enter() -> None:
    story = Story(banded())
    story.top_up(100)
    story.credit(1000)
    assert story.hold(96) == ["5–"]
    assert story.hold(85) == []
    assert story.credit(0) == []


def test_a_top_up_landing_in_a_band_marks_it_and_those_above_silently() -> None:
    story = Story(banded())
    story.charge(88)
    assert story.top_up(100) == [], "12 % of 100 are left"
    assert story.charge(1) == []
    assert story.charge(3) == ["10–5"]


def test_a_small_top_up_only_adds() -> None:
    story = Story(banded(), rearm_from=10)
    story.top_up(100)
    assert story.charge(85) == ["20–10"]
    assert story.top_up("9.99") == []
    assert story.charge("9.99") == [], "the mark is still 100, and 20–10 has fired"
    assert story.top_up(10) == []
    assert story.charge(24) == ["20–10"], "1 of 10: a new epoch with a mark of its own"


def test_without_a_mark_nothing_is_evaluated() -> None:
    story = Story(banded(), rearm_from=10)
    assert story.charge(5) == []
    assert story.top_up(9) == []
    assert story.charge(100) == []


def test_a_mark_that_is_not_positive_is_none() -> None:
    story = Story(banded(mark=Mark.BALANCE_AFTER))
    story.charge(200)
    story.top_up(200)
    assert story.charge(100) == []


def test_the_mark_may_be_the_balance_right_after_the_top_up() -> None:
    story = Story(banded(mark=Mark.BALANCE_AFTER))
    story.top_up(100)
    story.top_up(100)
    assert story.charge(160) == [], "40 of 200"
    assert story.charge(1) == ["20–10"]


def test_the_mark_may_be_the_package_granted() -> None:
    story = Story(banded(mark=Mark.PACKAGE))
    story.top_up(100, package=500)
    assert story.charge(1) == ["20–10"], "99 of 500"
    story.top_up(100)
    assert story.charge(199) == [], "no package, no mark"


def test_reversing_the_latest_top_up_brings_the_one_before_back() -> None:
    story = Story(banded())
    story.top_up(100)
    assert story.charge(85) == ["20–10"]
    story.top_up(1000)
    assert story.reverse(story.ref(), -1000) == [], "15 of 100 again, and 20–10 has fired there"
    assert story.charge(6) == ["10–5"]
    assert [notice.key.epoch for notice in story.ledger.notices] == [1, 1]


def test_reversing_a_top_up_may_enter_a_band_of_the_epoch_before() -> None:
    story = Story(banded())
    story.top_up(100)
    story.top_up(1000)
    top_up = story.ref()
    story.charge(91)
    assert story.reverse(top_up, -1000) == ["10–5"]


def test_reversing_an_older_top_up_leaves_the_latest_as_the_mark() -> None:
    story = Story(banded())
    story.top_up(100)
    first = story.ref()
    story.top_up(1000)
    assert story.reverse(first, -100) == []
    assert story.charge(850) == ["20–10"], "150 of 1000"
    assert story.reverse("r2", -1000) == [], "no top-up is left"
    assert story.charge(100) == []


def test_reversing_the_only_top_up_leaves_no_mark() -> None:
    story = Story(banded())
    story.top_up(100)
    assert story.reverse(story.ref(), -100) == []
    assert story.charge(10) == []


def test_reversing_a_charge_is_silent() -> None:
    story = Story(banded())
    story.top_up(100)
    story.charge(85)
    story.charge(10)
    assert story.reverse(story.ref(), 10) == []


def test_an_opening_marks_silently() -> None:
    story = Story(banded())
    assert story.open(15, declared=100) == []
    assert story.charge(1) == []
    assert story.charge(5) == ["10–5"]


def test_a_snapshot_that_declares_a_top_up_starts_an_epoch() -> None:
    story = Story(banded())
    story.top_up(100)
    assert story.charge(85) == ["20–10"]
    assert story.snapshot(35, declared=50) == []
    assert story.charge(42) == ["20–10"], "8 of 50"


def test_a_declared_top_up_never_enters_a_band_itself() -> None:
    story = Story(banded())
    story.top_up(100)
    assert story.snapshot(-60, declared=300) == [], "40 of 300: 20–10 is passed silently"
    assert story.charge(5) == []
    assert story.charge(6) == ["10–5"]


def test_bands_inside_a_cooldown_count_as_fired() -> None:
    story = Story(banded(quota=quota(cooldown=1)))
    story.top_up(100)
    assert story.charge(85) == ["20–10"]
    assert story.charge(6) == []
    story.wait(1)
    assert story.charge(1) == [], "10–5 was entered during the cooldown"
    assert story.charge(8) == ["5–"]


def test_max_qty_counts_all_bands_of_an_epoch() -> None:
    story = Story(banded(quota=quota(max_qty=2)))
    story.top_up(100)
    assert [story.charge(85), story.charge(6), story.charge(8)] == [["20–10"], ["10–5"], []]
    story.top_up(100)
    assert story.charge(85) == ["20–10"]


def test_bands_do_not_repeat() -> None:
    story = Story(banded(quota=quota(period=1)))
    story.top_up(100)
    story.charge(85)
    story.send()
    story.wait(2)
    assert story.sweep() == []


def test_switching_on_marks_bands_silently_unless_told_to_notify() -> None:
    story = Story()
    story.top_up(100)
    story.charge(92)
    assert story.switch_on(banded()) == []
    assert story.charge(1) == []
    story.ledger.switch_off("bands")
    story.charge(5)
    assert story.switch_on(banded(), notify_now=True) == ["5–"]
    assert story.ledger.notices[0].key.occasion == 5, "after four entries"


def test_edited_bands_are_known_by_their_edges() -> None:
    story = Story(banded())
    story.top_up(100)
    assert story.charge(85) == ["20–10"]
    assert story.edit(banded(band(20, 12), band(12, 5), band(5))) == []
    assert story.edit(banded(band(30, 10), band(10, 5), band(5)), notify_now=True) == ["30–10"]
    assert story.edit(banded(), notify_now=True) == []
    assert story.charge(6) == ["10–5"]


@pytest.mark.parametrize("bands", [[(20, 10), (15, 5)], [(10, 5), (20, 10)], [(20, None), (10, 5)], [(10, 10)]])
def test_bands_must_not_overlap(bands: list[tuple[int, int | None]]) -> None:
    with pytest.raises(ValueError, match="band"):
        Bands(bands=tuple(band(*edges) for edges in bands))
