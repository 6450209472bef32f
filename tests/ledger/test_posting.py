"""Entries become part of the ledger once, or are refused with a reason that names both sides."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from ostatok.ledger import checking
from ostatok.ledger.entries import Reason
from ostatok.ledger.models import Entry
from tests.ledger.shop import NOW, Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_an_entry_posted_twice_counts_once(shop: Shop) -> None:
    top_up = shop.entry("top_up", "100")
    assert shop.post(top_up).posted == 1
    again = shop.post(top_up)
    assert (again.posted, again.duplicates, again.refused) == (0, 1, ())
    assert shop.left() == 6000


def test_a_copy_within_one_batch_is_a_duplicate(shop: Shop) -> None:
    top_up = shop.entry("top_up", "100")
    outcome = shop.post(top_up, top_up, shop.entry("charge", "1"), top_up)
    assert (outcome.posted, outcome.duplicates) == (2, 2)


def test_a_copy_of_a_refused_entry_is_refused_like_it(shop: Shop) -> None:
    stray = shop.entry("charge", "1", account="nobody")
    outcome = shop.post(stray, stray)
    assert [one.reason for one in outcome.refused] == [Reason.UNKNOWN_ACCOUNT] * 2


@pytest.mark.parametrize(
    "other",
    [{"amount": "101"}, {"kind": "adjustment"}, {"occurred_at": NOW + timedelta(seconds=1)}, {"service": "money"}],
    ids=["amount", "kind", "time", "service"],
)
def test_a_ref_with_other_content_is_refused_and_both_are_named(shop: Shop, other: dict[str, Any]) -> None:
    first = shop.entry("top_up", "100", ref="bill-7")
    said: dict[str, Any] = {"kind": "top_up", "amount": "100", "ref": "bill-7"} | other
    second = shop.entry(said.pop("kind"), said.pop("amount"), **said)
    one_batch = shop.post(first, second)
    another_batch = shop.post(second)
    for outcome in (one_batch, another_batch):
        (refusal,) = outcome.refused
        assert refusal.reason is Reason.CONFLICT
        assert "bill-7 is already a top_up of 100 min on account 100001, service ad" in refusal.message
        assert "this one is" in refusal.message
    assert shop.left() == 6000


def test_a_refused_ref_may_come_again(shop: Shop) -> None:
    assert shop.post(shop.entry("charge", "1", account="nobody", ref="a")).refused
    assert shop.post(shop.entry("charge", "1", ref="a")).posted == 1


def test_bad_entries_do_not_stop_the_good_ones(shop: Shop) -> None:
    outcome = shop.post(
        shop.entry("top_up", "10"),
        shop.entry("charge", "1", account="nobody"),
        shop.entry("charge", "1", service="gas"),
        shop.entry("charge", "-1"),
        shop.entry("charge", "NaN"),
        shop.entry("charge", "1e30"),
        shop.entry("charge", "0.00000001"),
        shop.entry("charge", "1", ref=""),
        shop.entry("charge", "1", occurred_at=NOW + timedelta(days=2)),
        shop.entry("charge", "1", unit="kWh"),
        shop.entry("reversal", "1"),
        shop.entry("charge", "1", reverses="r1"),
        shop.entry("charge", "2"),
    )
    assert outcome.posted == 2
    assert [one.reason for one in outcome.refused] == [
        Reason.UNKNOWN_ACCOUNT,
        Reason.UNKNOWN_SERVICE,
        Reason.BAD_AMOUNT,
        Reason.BAD_AMOUNT,
        Reason.BAD_AMOUNT,
        Reason.BAD_AMOUNT,
        Reason.BAD_REF,
        Reason.IN_FUTURE,
        Reason.BAD_UNIT,
        Reason.REVERSES_MISSING,
        Reason.REVERSES_MISSING,
    ]
    assert shop.left() == 8 * 60


def test_a_charge_may_be_stated_in_seconds_of_a_service_in_minutes(shop: Shop) -> None:
    shop.post(shop.entry("top_up", "100"), *(shop.entry("charge", "1", unit="s") for _ in range(6000)))
    assert shop.left() == 0


def test_a_reversal_takes_an_entry_back_once(shop: Shop) -> None:
    shop.post(shop.entry("top_up", "100"), shop.entry("charge", "30", ref="call"))
    assert shop.post(shop.entry("reversal", None, reverses="call", ref="back")).posted == 1
    assert shop.left() == 6000
    (refusal,) = shop.post(shop.entry("reversal", None, reverses="call", ref="back again")).refused
    assert (refusal.reason, refusal.message) == (Reason.ALREADY_REVERSED, "call was already reversed by back")


def test_an_entry_and_its_reversal_may_come_in_one_batch(shop: Shop) -> None:
    outcome = shop.post(
        shop.entry("charge", "30", ref="call"),
        shop.entry("reversal", "30", reverses="call"),
        shop.entry("charge", "5"),
    )
    assert (outcome.posted, shop.left()) == (3, -300)


def test_a_reversal_before_its_entry_is_refused_as_it_would_be_in_a_batch_of_its_own(shop: Shop) -> None:
    outcome = shop.post(shop.entry("reversal", None, reverses="call"), shop.entry("charge", "30", ref="call"))
    assert (outcome.posted, [one.reason for one in outcome.refused]) == (1, [Reason.REVERSES_UNKNOWN])


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"amount": "29"}, Reason.REVERSES_OTHER_AMOUNT),
        ({"service": "money"}, Reason.REVERSES_ELSEWHERE),
        ({"reverses": "back"}, Reason.REVERSES_REVERSAL),
    ],
)
def test_a_reversal_that_does_not_fit_is_refused(shop: Shop, said: dict[str, Any], reason: Reason) -> None:
    shop.post(
        shop.entry("charge", "30", ref="call"),
        shop.entry("charge", "10", ref="other"),
        shop.entry("reversal", None, reverses="other", ref="back"),
    )
    stated: dict[str, Any] = {"reverses": "call"} | said
    amount = stated.pop("amount", None)
    (refusal,) = shop.post(shop.entry("reversal", amount, **stated)).refused
    assert refusal.reason is reason


def test_an_opening_comes_first_or_not_at_all(shop: Shop) -> None:
    assert shop.post(shop.entry("opening", "-5")).posted == 1
    (refusal,) = shop.post(shop.entry("opening", "7")).refused
    assert refusal.reason is Reason.OPENING_NOT_FIRST
    (refusal,) = shop.post(
        shop.entry("charge", "1", service="money"), shop.entry("opening", "7", service="money")
    ).refused
    assert refusal.reason is Reason.OPENING_NOT_FIRST


def test_the_time_of_the_last_charge_never_moves_back(shop: Shop) -> None:
    shop.post(shop.entry("charge", "1"), shop.entry("top_up", "1", occurred_at=NOW + timedelta(hours=1)))
    shop.post(shop.entry("charge", "1", occurred_at=NOW - timedelta(days=3)))
    shop.minutes.refresh_from_db()
    assert shop.minutes.last_charge_at == NOW
    assert shop.minutes.first_entry_at == NOW - timedelta(days=3)


def test_what_a_text_holds_is_kept_to_the_letter(shop: Shop) -> None:
    memo = 'tab\t line\n back\\slash \\N "quote" \r кириллица 🙂'
    shop.post(shop.entry("charge", "1", memo=memo, ref="back\\slash\tref"))
    stored = Entry.objects.get(organization_id=shop.organization.pk)
    assert (stored.memo, stored.ref) == (memo, "back\\slash\tref")


@pytest.mark.parametrize("deed", ["update entry set memo = 'x'", "delete from entry", "truncate entry"])
def test_entries_only_grow(shop: Shop, deed: str) -> None:
    shop.post(shop.entry("charge", "1"))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(deed)


def test_a_balance_with_entries_cannot_be_deleted(shop: Shop) -> None:
    shop.post(shop.entry("charge", "1"))
    with pytest.raises(DatabaseError, match="was posted to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("delete from balance where id = %s", [shop.minutes.pk])


def test_every_balance_is_proved_from_its_entries_and_one_that_is_not_is_named(shop: Shop) -> None:
    shop.post(shop.entry("top_up", "100"), shop.entry("charge", "30"))
    assert list(checking.differences(shop.organization.pk)) == []
    with connection.cursor() as cursor:
        cursor.execute("update balance set amount = amount + 1 where id = %s", [shop.minutes.pk])
    (difference,) = checking.differences(shop.organization.pk)
    assert (difference.account, difference.service) == ("100001", "ad")
    assert (difference.amount, difference.proved) == (Decimal(4201), Decimal(4200))


@pytest.mark.parametrize("ref", ["snapshot:5:2026-11-21", "top-up:5:2026-11-21"])
def test_a_ref_that_stated_balances_give_their_own_entries_is_refused(shop: Shop, ref: str) -> None:
    (refusal,) = shop.post(shop.entry("charge", "1", ref=ref)).refused
    assert refusal.reason is Reason.BAD_REF


def test_half_a_character_is_refused_and_its_neighbours_are_posted(shop: Shop) -> None:
    outcome = shop.post(shop.entry("charge", "1", memo="\ud83d"), shop.entry("charge", "2"))
    assert (outcome.posted, [one.reason for one in outcome.refused]) == (1, [Reason.BAD_MEMO])
