"""What keeps a delivery from being sent: one decision table, read from the text of the design."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostatok.delivery import checks
from ostatok.delivery.checks import Drop, Facts, Go
from ostatok.delivery.reasons import DropReason

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)

BAND = Facts(
    channel_open=True,
    client_active=True,
    recipient_active=True,
    rule_active=True,
    kind="balance_band",
    raised_at=NOW - timedelta(minutes=1),
    queued_at=NOW - timedelta(minutes=1),
    keep_for=None,
    epoch_raised=5,
    epoch=5,
    topped_up_at=NOW - timedelta(days=3),
    amount=Decimal(15),
    available=Decimal(15),
    held=Decimal(0),
    mark=Decimal(100),
    threshold=None,
    days=None,
    lasts=Decimal(200_000),
    band_upper=Decimal(20),
    superseded=False,
    address="c1@client.test",
    address_valid=True,
    address_taken=False,
)
BELOW = replace(BAND, kind="balance_below", threshold=Decimal(50), available=Decimal("49.99"), band_upper=None)
ABOVE = replace(BAND, kind="balance_above", threshold=Decimal(50), available=Decimal("50.01"), band_upper=None)
EXHAUSTED = replace(BAND, kind="balance_exhausted", available=Decimal(0), band_upper=None)
#: A second less than three days.
FORECAST = replace(BAND, kind="forecast_below", days=3, lasts=Decimal(259_199), band_upper=None)


def decide(facts: Facts, **changes: object) -> checks.Verdict:
    return checks.decide(replace(facts, **changes), NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("facts", [BAND, BELOW, ABOVE, EXHAUSTED, FORECAST])
def test_what_is_still_so_goes(facts: Facts) -> None:
    assert decide(facts) == Go()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"client_active": False}, DropReason.CLIENT_CLOSED),
        ({"recipient_active": False}, DropReason.RECIPIENT_INACTIVE),
        ({"channel_open": False}, DropReason.CHANNEL_OFF),
        ({"rule_active": False}, DropReason.RULE_OFF),
        ({"superseded": True}, DropReason.SUPERSEDED),
        ({"queued_at": NOW - timedelta(hours=24)}, DropReason.EXPIRED),
        ({"keep_for": timedelta(seconds=60)}, DropReason.EXPIRED),
        ({"address": ""}, DropReason.NO_ADDRESS),
        ({"address_valid": False}, DropReason.BAD_ADDRESS),
        ({"address_taken": True}, DropReason.SAME_ADDRESS),
    ],
)
@pytest.mark.parametrize("facts", [BAND, BELOW, ABOVE, EXHAUSTED, FORECAST])
def test_each_objection_has_its_reason(facts: Facts, changes: dict[str, object], reason: DropReason) -> None:
    assert decide(facts, **changes) == Drop(reason)


@pytest.mark.parametrize(
    ("amount", "held", "goes"),
    [("20", "0", False), ("19.999999", "0", True), ("30", "10.000001", True), ("30", "10", False), ("-5", "0", True)],
)
def test_a_band_ends_below_its_upper_edge(amount: str, held: str, goes: bool) -> None:
    assert (decide(BAND, amount=Decimal(amount), held=Decimal(held)) == Go()) is goes


def test_a_lower_band_than_the_one_entered_is_still_told() -> None:
    assert decide(BAND, amount=Decimal(3)) == Go()


@pytest.mark.parametrize("mark", [None, Decimal(0), Decimal(-1)])
def test_without_a_mark_there_is_no_band(mark: Decimal | None) -> None:
    assert decide(BAND, mark=mark) == Drop(DropReason.NO_MARK)


@pytest.mark.parametrize(
    ("facts", "at_the_edge"),
    [(BELOW, Decimal(50)), (ABOVE, Decimal(50)), (EXHAUSTED, Decimal("0.000001"))],
)
def test_exactly_at_the_threshold_it_is_no_longer_so(facts: Facts, at_the_edge: Decimal) -> None:
    assert decide(facts, available=at_the_edge) == Drop(DropReason.RECOVERED)


@pytest.mark.parametrize("facts", [BAND, BELOW, EXHAUSTED, FORECAST])
def test_a_top_up_meanwhile_cancels_and_tells_how_much_later_it_came(facts: Facts) -> None:
    later = facts.raised_at + timedelta(seconds=14)
    assert decide(facts, epoch=6, topped_up_at=later) == Drop(DropReason.RECOVERED, "14")


def test_a_top_up_is_no_cure_for_too_much() -> None:
    assert decide(ABOVE, epoch=6) == Go()


def test_a_reversed_top_up_takes_its_bands_with_it_but_low_stays_low() -> None:
    assert decide(BAND, epoch=2) == Drop(DropReason.TOP_UP_REVERSED)
    assert decide(BELOW, epoch=2) == Go()


def test_the_first_objection_in_the_order_of_the_list_decides() -> None:
    assert decide(BAND, rule_active=False, superseded=True, address="") == Drop(DropReason.RULE_OFF)
    assert decide(BAND, epoch=6, superseded=True) == Drop(DropReason.RECOVERED)


@given(st.sets(st.sampled_from(["client_active", "rule_active", "address_valid", "superseded", "address_taken"])))
def test_nothing_goes_that_any_check_objects_to(objections: set[str]) -> None:
    changes = {name: name in {"superseded", "address_taken"} for name in objections}
    assert (decide(BAND, **changes) == Go()) is (not objections)
