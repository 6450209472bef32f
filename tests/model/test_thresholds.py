"""Thresholds, by examples worked out by hand."""

from decimal import Decimal

from tests.model.story import Story, below, quota
from tests.model.triggers import Above, Exhausted
from tests.model.words import Kind, Rule


def test_below_is_strict() -> None:
    story = Story(below(50))
    story.top_up(100)
    assert story.charge(50) == []
    assert story.charge("0.000001") == ["below 1"]
    assert story.charge(10) == [], "it fires when armed, and it is firing"


def test_available_counts_credit_in_and_holds_out() -> None:
    story = Story(below(50))
    story.top_up(60)
    assert story.hold(20) == ["below 1"]
    assert story.credit(10) == []
    assert story.alarm("below") == "armed"
    assert story.charge(1) == ["below 1"]
    assert story.credit(0) == []


def test_a_change_of_limits_that_changes_nothing_is_no_look() -> None:
    story = Story(below(50))
    story.top_up(100)
    story.hold(0)
    story.hold(60)
    assert [notice.key.occasion for notice in story.ledger.notices] == [2]


def test_a_balance_never_posted_to_raises_nothing() -> None:
    story = Story(below(50))
    assert story.hold(10) == []
    assert story.switch_on(below(60), notify_now=True) == []
    assert story.ledger.balances == {}
    assert story.charge(1) == ["below 1"]
    assert story.ledger.notices[0].key.occasion == 1


def test_any_entry_that_reaches_the_threshold_re_arms() -> None:
    story = Story(below(50))
    assert story.charge(1) == ["below 1"]
    story.adjust(50)
    assert story.alarm("below") == "firing", "49 is below 50"
    story.adjust(1)
    assert story.alarm("below") == "armed"
    assert story.charge(1) == ["below 1"]


def test_hysteresis_keeps_it_firing_but_quiet() -> None:
    story = Story(below(50, quota=quota(hysteresis=10, period=24)))
    assert story.charge(1) == ["below 1"]
    story.send()
    story.adjust("60.999999")
    assert story.alarm("below") == "firing"
    story.wait(24)
    assert story.sweep() == [], "not below now"
    assert story.charge(20) == [], "not armed either"
    assert story.sweep() == ["below 2"], "it stayed due"
    story.adjust("20.000001")
    assert story.alarm("below") == "armed"


def test_above_is_the_mirror() -> None:
    story = Story(Rule(name="above", trigger=Above(amount=Decimal(50), unit="min"), quota=quota(hysteresis=10)))
    assert story.top_up(50) == []
    assert story.top_up("0.01") == ["above 1"]
    story.charge("10.009999")
    assert story.alarm("above") == "firing"
    story.charge("0.000001")
    assert story.alarm("above") == "armed"


def test_exhausted_is_at_zero() -> None:
    story = Story(Rule(name="exhausted", trigger=Exhausted()))
    story.top_up(10)
    assert story.charge("9.999999") == []
    assert story.charge("0.000001") == ["exhausted 1"]
    story.adjust("0.000001")
    assert story.alarm("exhausted") == "armed"


def test_exhausted_is_re_armed_past_its_hysteresis() -> None:
    story = Story(Rule(name="exhausted", trigger=Exhausted(), quota=quota(hysteresis=5)))
    story.charge(1)
    story.adjust(5)
    assert story.alarm("exhausted") == "firing"
    story.adjust(1)
    assert story.alarm("exhausted") == "armed"


def test_a_threshold_speaks_only_to_balances_of_its_unit() -> None:
    assert Story(below(50, unit="kWh")).charge(1) == []


def test_each_entry_of_a_batch_is_judged() -> None:
    story = Story(below(50))
    amounts = (100, -60, 60, -60)
    batch = [story.entry(Kind.ADJUSTMENT, amount, ref=f"a{n}") for n, amount in enumerate(amounts)]
    story.post(*batch)
    assert story.told() == ["below 1", "below 1"]
    assert [notice.key.occasion for notice in story.ledger.notices] == [2, 4]
