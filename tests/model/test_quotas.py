"""Periods, quotas and cooldowns, by examples worked out by hand."""

import pytest

from tests.model.story import Story, below, quota
from tests.model.words import First, Quota, Reason


def test_it_repeats_each_period_after_the_last_raise() -> None:
    story = Story(below(50, quota=quota(period=24)))
    assert story.charge(1) == ["below 1"]
    story.send()
    story.wait(23.9)
    assert story.sweep() == []
    story.wait(0.2)
    assert [story.sweep(), story.sweep()] == [["below 2"], []]
    story.send()
    story.wait(23.9)
    assert story.sweep() == []
    story.wait(0.1)
    assert story.sweep() == ["below 3"]


def test_without_a_period_nothing_repeats() -> None:
    story = Story(below(50))
    story.charge(1)
    story.send()
    story.wait(1000)
    assert story.sweep() == []


def test_while_a_notice_waits_no_repeat_is_raised() -> None:
    story = Story(below(50, quota=quota(period=24)))
    story.charge(1)
    story.wait(24)
    assert story.sweep() == []
    story.send()
    assert story.sweep() == ["below 2"]


def test_a_new_firing_does_not_wait_for_an_unsent_notice() -> None:
    story = Story(below(50))
    assert [story.charge(1), story.adjust(51), story.charge(1)] == [["below 1"], [], ["below 1"]]


def test_max_qty_holds_for_one_epoch() -> None:
    story = Story(below(50, quota=quota(period=24, max_qty=2)))
    assert story.charge(100) == ["below 1"]
    for told in (["below 2"], [], []):
        story.send()
        story.wait(24)
        assert story.sweep() == told
    assert story.top_up(10) == [], "still below: the counter starts anew, the step goes on"
    assert story.sweep() == ["below 3"]
    assert [notice.key.epoch for notice in story.ledger.notices] == [0, 0, 2]


def test_max_qty_counts_every_firing_of_an_epoch() -> None:
    story = Story(below(50, quota=quota(max_qty=1)))
    assert [story.charge(1), story.adjust(51), story.charge(1)] == [["below 1"], [], []]
    assert story.alarm("below") == "firing"
    assert story.reason("below") is Reason.MAX_QTY


def test_a_smaller_top_up_does_not_reset_the_counter() -> None:
    story = Story(below(50, quota=quota(max_qty=1)), rearm_from=100)
    assert story.charge(1) == ["below 1"]
    story.top_up(99)
    assert story.charge(90) == []
    story.top_up(100)
    assert story.charge(90) == ["below 1"]


def test_reversing_a_top_up_brings_its_counter_back() -> None:
    story = Story(below(50, quota=quota(max_qty=1)))
    assert story.charge(1) == ["below 1"]
    story.top_up(100)
    assert story.charge(90) == ["below 1"]
    story.adjust(90)
    assert story.reverse("r2", -100) == [], "epoch 0 has had its one notice"
    assert story.alarm("below") == "firing"


def test_a_notice_that_reached_nobody_gives_its_place_back() -> None:
    story = Story(below(50, quota=quota(period=24, max_qty=1)))
    assert story.charge(1) == ["below 1"]
    story.fail()
    assert story.sweep() == [], "the period still counts from it"
    story.wait(24)
    assert story.sweep() == ["below 2"]
    story.send()
    story.wait(24)
    assert story.sweep() == []


def test_a_cooldown_holds_across_firings_and_epochs() -> None:
    story = Story(below(50, quota=quota(cooldown=1)))
    assert story.charge(1) == ["below 1"]
    story.top_up(100)
    story.wait(0.9)
    assert story.charge(90) == []
    assert story.reason("below") is Reason.COOLDOWN
    story.adjust(90)
    story.wait(0.1)
    assert story.charge(90) == ["below 1"]


def test_a_cooldown_holds_repeats_back_too() -> None:
    story = Story(below(50, quota=quota(cooldown=5, period=2)))
    assert story.charge(1) == ["below 1"]
    story.send()
    for told in ([], [], ["below 2"]):
        story.wait(2)
        assert story.sweep() == told


def test_a_firing_that_raised_nothing_repeats_from_step_one() -> None:
    story = Story(below(50, quota=quota(cooldown=2, period=2)))
    story.charge(1)
    story.send()
    story.adjust(51)
    story.wait(1)
    assert story.charge(1) == []
    story.wait(1)
    assert story.sweep() == ["below 1"], "two hours after the last raise"


def test_cooldown_is_asked_before_max_qty_and_both_before_the_next_check() -> None:
    story = Story(below(50, quota=quota(cooldown=1, max_qty=1, period=1, first=First.NEXT_CHECK)))
    story.charge(1)
    assert story.reason("below") is Reason.NEXT_CHECK
    story.wait(1)
    assert story.sweep() == ["below 1"]
    story.adjust(51)
    story.charge(1)
    assert story.reason("below") is Reason.COOLDOWN
    story.wait(1)
    story.adjust(1)
    story.charge(1)
    assert story.reason("below") is Reason.MAX_QTY


def test_the_first_notice_may_wait_for_the_next_check() -> None:
    story = Story(below(50, quota=quota(period=24, first=First.NEXT_CHECK)))
    assert story.charge(1) == []
    story.wait(23)
    assert story.sweep() == []
    story.wait(1)
    assert story.sweep() == ["below 1"]


def test_the_next_check_of_a_later_firing_is_counted_from_that_firing() -> None:
    story = Story(below(50, quota=quota(period=24, first=First.NEXT_CHECK)))
    story.charge(1)
    story.wait(24)
    assert story.sweep() == ["below 1"]
    story.send()
    story.adjust(51)
    story.wait(20)
    assert story.charge(1) == []
    story.wait(4)
    assert story.sweep() == []
    story.wait(20)
    assert story.sweep() == ["below 1"]


def test_who_recovered_before_the_next_check_hears_nothing() -> None:
    story = Story(below(50, quota=quota(period=24, first=First.NEXT_CHECK)))
    story.charge(1)
    story.adjust(51)
    story.wait(24)
    assert story.sweep() == []


def test_a_next_check_needs_a_period() -> None:
    with pytest.raises(ValueError, match="period"):
        Quota(first=First.NEXT_CHECK)
