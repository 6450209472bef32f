"""What is posted, what is a duplicate and what is refused, by examples worked out by hand."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.model.story import ACCOUNT, START, Story, below
from tests.model.words import Kind, PostOutcome, Refusal, Refused, Subject


def test_the_same_ref_with_the_same_content_is_a_duplicate() -> None:
    story = Story(below(50))
    charge = story.entry(Kind.CHARGE, -1, ref="a")
    assert story.post(charge, charge) == PostOutcome(posted=1, duplicates=1)
    assert story.post(charge) == PostOutcome(posted=0, duplicates=1)
    assert story.left() == -1
    assert story.told() == ["below 1"]


@pytest.mark.parametrize(
    "other",
    [
        {"amount": Decimal(-2)},
        {"kind": Kind.REFUND},
        {"service": "appps"},
        {"occurred_at": START + timedelta(seconds=1)},
    ],
)
def test_the_same_ref_with_other_content_is_refused(other: dict[str, Any]) -> None:
    story = Story()
    charge = story.entry(Kind.CHARGE, -1, ref="a")
    changed = replace(charge, **other)
    refused = (Refused(position=1, reason=Refusal.OTHER_CONTENT),)
    assert story.post(charge, changed) == PostOutcome(posted=1, duplicates=0, refused=refused)
    assert story.left() == -1


def test_a_refused_ref_is_not_remembered() -> None:
    story = Story()
    assert story.post(story.entry(Kind.REVERSAL, 1, ref="b", reverses="a")).refused
    charge = story.entry(Kind.CHARGE, -1, ref="a")
    reversal = story.entry(Kind.REVERSAL, 1, ref="b", reverses="a")
    assert story.post(reversal, charge, reversal, reversal) == PostOutcome(
        posted=2, duplicates=1, refused=(Refused(position=0, reason=Refusal.UNKNOWN_ORIGINAL),)
    )
    assert story.left() == 0


@pytest.mark.parametrize(
    ("reverses", "amount", "service", "reason"),
    [
        ("nothing", 85, "ad", Refusal.UNKNOWN_ORIGINAL),
        ("charge", 85, "appps", Refusal.OTHER_BALANCE),
        ("reversal", -10, "ad", Refusal.REVERSES_A_REVERSAL),
        ("reversed", 10, "ad", Refusal.ALREADY_REVERSED),
        ("charge", 84, "ad", Refusal.NOT_OPPOSITE),
        ("charge", -85, "ad", Refusal.NOT_OPPOSITE),
    ],
)
def test_a_reversal_that_does_not_fit_is_refused(reverses: str, amount: int, service: str, reason: Refusal) -> None:
    story = Story()
    story.post(
        story.entry(Kind.CHARGE, -85, ref="charge"),
        story.entry(Kind.CHARGE, -10, ref="reversed"),
        story.entry(Kind.REVERSAL, 10, ref="reversal", reverses="reversed"),
    )
    entry = story.entry(Kind.REVERSAL, amount, ref="x", service=service, reverses=reverses)
    assert story.post(entry).refused == (Refused(position=0, reason=reason),)
    assert story.left() == -85


def test_an_opening_comes_first_or_not_at_all() -> None:
    story = Story()
    opening = story.entry(Kind.OPENING, 10, ref="a")
    late = story.entry(Kind.OPENING, 10, ref="b")
    refused = (Refused(position=2, reason=Refusal.OPENING_NOT_FIRST),)
    assert story.post(opening, opening, late) == PostOutcome(posted=1, duplicates=1, refused=refused)
    assert story.left() == 10


def test_an_unknown_account_or_service_is_refused() -> None:
    story = Story()
    stray = story.entry(Kind.CHARGE, -1, ref="a", service="water")
    lost = replace(stray, account="0")
    refused = (
        Refused(position=0, reason=Refusal.UNKNOWN_SERVICE),
        Refused(position=2, reason=Refusal.UNKNOWN_ACCOUNT),
    )
    good = story.entry(Kind.CHARGE, -1, ref="a")
    assert story.post(stray, good, lost) == PostOutcome(posted=1, duplicates=0, refused=refused)


def test_a_refused_entry_is_no_look() -> None:
    story = Story(below(50))
    story.top_up(100)
    story.reverse("nothing", -60)
    assert story.refusals == [Refusal.UNKNOWN_ORIGINAL]
    story.charge(60)
    assert [notice.key.occasion for notice in story.ledger.notices] == [2]


@pytest.mark.parametrize(
    ("kind", "amount"),
    [
        (Kind.TOP_UP, -1),
        (Kind.TOP_UP, 0),
        (Kind.CHARGE, 1),
        (Kind.REFUND, 1),
        (Kind.ADJUSTMENT, 0),
    ],
)
def test_a_kind_has_its_sign(kind: Kind, amount: int) -> None:
    with pytest.raises(ValueError, match=kind):
        Story().entry(kind, amount, ref="a")


def test_a_reversal_and_nothing_else_names_what_it_reverses() -> None:
    with pytest.raises(ValueError, match="reversal"):
        Story().entry(Kind.REVERSAL, 1, ref="a")
    with pytest.raises(ValueError, match="reversal"):
        Story().entry(Kind.CHARGE, -1, ref="a", reverses="b")


def test_only_a_stated_balance_declares_a_top_up() -> None:
    with pytest.raises(ValueError, match="declares no top-up"):
        Story().entry(Kind.TOP_UP, 1, ref="a", declared=1)


def test_a_charge_may_be_of_nothing() -> None:
    story = Story(below(50))
    assert story.charge(0) == ["below 1"]
    assert story.ledger.balances == {Subject(ACCOUNT, "ad"): 0}
