"""Switching on, editing, joining, opening: what is marked silently and what is told, by examples worked out by hand."""

from tests.model.story import ACCOUNT, Story, below, quota
from tests.model.words import Audience, First, Reason, Rule


def test_switching_on_is_silent_until_re_armed() -> None:
    story = Story()
    story.charge(1)
    assert story.switch_on(below(50, quota=quota(period=1))) == []
    assert story.alarm("below") == "silent"
    story.wait(1)
    assert [story.charge(1), story.sweep()] == [[], []]
    story.adjust(52)
    assert story.charge(1) == ["below 1"]


def test_the_next_re_arming_top_up_ends_silence() -> None:
    story = Story(rearm_from=10)
    story.charge(100)
    story.switch_on(below(50, quota=quota(period=1)))
    story.top_up(9)
    assert story.alarm("below") == "silent"
    story.wait(1)
    assert story.top_up(10) == []
    assert story.alarm("below") == "firing"
    story.wait(0.9)
    assert story.sweep() == []
    story.wait(0.1)
    assert story.sweep() == ["below 1"]


def test_switching_on_may_notify_now() -> None:
    story = Story()
    story.charge(1)
    assert story.switch_on(below(50, quota=quota(period=1)), notify_now=True) == ["below 1"]
    story.send()
    story.wait(1)
    assert story.sweep() == ["below 2"]
    assert [notice.key.occasion for notice in story.ledger.notices] == [2, 2], "a number after that of the charge"


def test_notify_now_speaks_for_silent_alarms_and_not_for_those_that_spoke() -> None:
    story = Story(below(50))
    assert story.charge(1) == ["below 1"]
    assert story.edit(below(60), notify_now=True) == []
    story.ledger.switch_off("below")
    assert story.switch_on(below(60), notify_now=True) == []
    story = Story()
    story.charge(1)
    story.switch_on(below(50))
    assert story.edit(below(60), notify_now=True) == ["below 1"]


def test_notify_now_minds_the_cooldown() -> None:
    story = Story(below(50, quota=quota(cooldown=1)))
    story.charge(1)
    story.adjust(51)
    story.edit(below(10))
    assert story.edit(below(60), notify_now=True) == []
    assert story.reason("below") is Reason.COOLDOWN


def test_notify_now_does_not_wait_for_the_next_check() -> None:
    story = Story()
    story.charge(1)
    rule = below(50, quota=quota(period=1, first=First.NEXT_CHECK))
    assert story.switch_on(rule, notify_now=True) == ["below 1"]


def test_an_edit_marks_re_arms_or_leaves() -> None:
    story = Story(below(50, quota=quota(hysteresis=10)))
    story.charge(1)
    story.adjust(71)
    assert story.alarm("below") == "armed", "70 are available"
    assert story.edit(below(71)) == []
    assert story.alarm("below") == "silent"
    assert story.edit(below(65)) == []
    assert story.alarm("below") == "silent", "65 ≤ 70 < 75"
    assert story.edit(below(60)) == []
    assert story.alarm("below") == "armed"


def test_applying_the_same_again_changes_nothing() -> None:
    rule = below(50)
    story = Story()
    story.charge(1)
    story.switch_on(rule)
    assert story.switch_on(rule, notify_now=True) == []
    assert story.edit(rule, notify_now=True) == []


def test_a_rule_that_is_off_judges_nothing_and_keeps_its_state() -> None:
    story = Story(below(50, quota=quota(period=1)))
    assert story.charge(1) == ["below 1"]
    story.send()
    story.ledger.switch_off("below")
    story.wait(1)
    assert [story.adjust(51), story.charge(1), story.sweep()] == [[], [], []]
    assert story.switch_on(below(50, quota=quota(period=1))) == []
    assert story.alarm("below") == "firing"
    assert story.sweep() == ["below 2"]


def test_an_edit_of_a_rule_that_is_off_waits_for_the_switch() -> None:
    story = Story(below(10))
    story.top_up(40)
    story.ledger.switch_off("below")
    assert story.edit(below(50), notify_now=True) == []
    assert story.switch_on(below(50), notify_now=True) == ["below 1"]


def test_an_opening_is_silent_and_tells_its_epoch() -> None:
    story = Story(below(50, quota=quota(period=1)))
    assert story.open(10, declared=100) == []
    assert story.alarm("below") == "silent"
    story.wait(1)
    assert story.sweep() == []
    story.top_up(5)
    story.wait(1)
    assert story.sweep() == ["below 1"]
    assert [notice.key.epoch for notice in story.ledger.notices] == [2]


def test_an_opening_at_nothing_is_known_all_the_same() -> None:
    story = Story(below(50))
    assert story.open(0) == []
    assert story.alarm("below") == "silent"
    assert story.left() == 0


def test_a_shadow_rule_decides_the_same_and_waits_for_nobody() -> None:
    rule = below(50, shadow=True, quota=quota(period=1, max_qty=2))
    story = Story(rule)
    assert story.charge(1) == ["below 1"]
    for told in (["below 2"], []):
        story.wait(1)
        assert story.sweep() == told
    assert all(notice.shadow for notice in story.ledger.notices)
    assert story.ledger.waiting == []


def test_from_shadow_to_active_carries_the_state_over() -> None:
    limits = quota(period=1)
    story = Story(below(50, shadow=True, quota=limits))
    assert story.charge(1) == ["below 1"]
    assert story.switch_on(below(50, quota=limits)) == []
    story.wait(1)
    assert story.sweep() == ["below 2"]
    assert [notice.shadow for notice in story.ledger.notices] == [True, False]


def test_who_joins_an_audience_joins_it_silently() -> None:
    story = Story(Rule(name="below", trigger=below(50).trigger, audience=Audience(groups=frozenset({"A"}))))
    assert story.charge(1) == []
    assert story.alarm("below") == "armed"
    story.ledger.set_groups(ACCOUNT, frozenset({"A", "B"}), story.now)
    assert (story.told(), story.alarm("below")) == ([], "silent")
    story.adjust(51)
    assert story.charge(1) == ["below 1"]
    story.ledger.set_groups(ACCOUNT, frozenset(), story.now)
    assert [story.adjust(51), story.charge(1)] == [[], []]


def test_an_audience_may_name_services() -> None:
    story = Story(Rule(name="below", trigger=below(50).trigger, audience=Audience(services=frozenset({"appps"}))))
    assert [story.charge(1), story.charge(1, service="appps")] == [[], ["below 1"]]
