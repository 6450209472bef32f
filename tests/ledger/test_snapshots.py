"""A billing that can only say «balance now»: the difference becomes an entry (FEATURES F11)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from ostatok.ledger.entries import Reason
from ostatok.ledger.models import Entry, EntryKind
from tests.ledger.shop import NOW, Shop

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.now = NOW + timedelta(days=1)
    return shop


def _entries(shop: Shop) -> list[tuple[str, int]]:
    found = Entry.objects.filter(organization_id=shop.organization.pk).order_by("seq")
    return [(EntryKind(one.kind).label, int(one.amount) // 60) for one in found]


def test_the_opening_load_raises_nothing_and_what_follows_is_judged(shop: Shop) -> None:
    shop.rule("balance_band")
    shop.state("15", NOW, last_top_up=Decimal(100), last_top_up_at=NOW - HOUR)
    assert shop.told() == []
    shop.state("9", NOW + HOUR)
    assert shop.told() == ["10–5"]
    assert _entries(shop) == [("opening", 15), ("snapshot", -6)]


def test_a_declared_top_up_starts_an_epoch_and_use_since_is_judged(shop: Shop) -> None:
    shop.rule("balance_band")
    shop.state("5", NOW, last_top_up=Decimal(100), last_top_up_at=NOW - HOUR)
    shop.state("15", NOW + 2 * HOUR, last_top_up=Decimal(100), last_top_up_at=NOW + HOUR)
    assert _entries(shop) == [("opening", 5), ("top_up", 100), ("snapshot", -90)]
    assert shop.told() == ["20–10"]


def test_the_same_declared_top_up_is_posted_once(shop: Shop) -> None:
    declared = {"last_top_up": Decimal(100), "last_top_up_at": NOW}
    shop.state("50", NOW)
    shop.state("120", NOW + HOUR, **declared)
    shop.state("110", NOW + 2 * HOUR, **declared)
    assert _entries(shop) == [("opening", 50), ("top_up", 100), ("snapshot", -30), ("snapshot", -10)]
    assert shop.left() == 110 * 60


def test_an_unchanged_balance_needs_no_entry_and_moves_as_of(shop: Shop) -> None:
    shop.state("50", NOW)
    outcome = shop.state("50", NOW + HOUR)
    assert (outcome.posted, len(_entries(shop))) == (0, 1)
    shop.minutes.refresh_from_db()
    assert shop.minutes.as_of == NOW + HOUR


def test_a_snapshot_twice_is_a_duplicate_and_an_older_one_is_refused(shop: Shop) -> None:
    shop.state("50", NOW)
    assert shop.state("40", NOW + HOUR).posted == 1
    assert shop.state("40", NOW + HOUR).duplicates == 1
    assert [one.reason for one in shop.state("41", NOW + HOUR).refused] == [Reason.CONFLICT]
    assert [one.reason for one in shop.state("45", NOW).refused] == [Reason.OLDER_SNAPSHOT]
    assert shop.left() == 40 * 60


def test_another_balance_as_of_a_moment_that_needed_no_entry_is_refused(shop: Shop) -> None:
    shop.state("50", NOW)
    shop.state("50", NOW + HOUR)
    assert shop.state("50", NOW + HOUR).duplicates == 1
    assert [one.reason for one in shop.state("40", NOW + HOUR).refused] == [Reason.CONFLICT]


def test_a_credit_limit_that_changes_alone_is_a_look_at_the_rules(shop: Shop) -> None:
    shop.rule("balance_below", unit="min", threshold=60 * 10)
    shop.state("5", NOW, credit_limit=Decimal(20))
    assert shop.told() == []
    shop.state("5", NOW + HOUR, credit_limit=Decimal(0))
    assert shop.told() == ["below 1"]


def test_a_balance_that_falls_while_its_credit_limit_rises_is_judged_with_the_new_limit(shop: Shop) -> None:
    shop.rule("balance_below", unit="min", threshold=60 * 10)
    shop.state("50", NOW)
    shop.state("5", NOW + HOUR, credit_limit=Decimal(20))
    assert shop.told() == []


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"last_top_up": Decimal(100)}, Reason.BAD_DATE),
        ({"last_top_up": Decimal(0), "last_top_up_at": NOW}, Reason.BAD_AMOUNT),
        ({"last_top_up": Decimal(1), "last_top_up_at": NOW + HOUR}, Reason.BAD_DATE),
        ({"credit_limit": Decimal(-1)}, Reason.BAD_AMOUNT),
    ],
)
def test_what_cannot_be_true_is_refused(shop: Shop, said: dict[str, Any], reason: Reason) -> None:
    assert [one.reason for one in shop.state("50", NOW, **said).refused] == [reason]
