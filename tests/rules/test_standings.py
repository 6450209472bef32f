"""The standings of accounts: mark, per cent, band and forecast, as every panel shows them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ostatok.ledger.limits import LimitChange
from ostatok.ledger.models import Account
from ostatok.ledger.standing import Band, Base, Standing
from ostatok.rules import standings
from tests.ledger.shop import NOW, Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return Shop()


def _minutes(shop: Shop) -> Standing:
    found, _money = standings.of_accounts([shop.account], now=shop.now)[shop.account.pk]
    return found


def test_a_balance_never_posted_to_is_unknown_and_not_zero(shop: Shop) -> None:
    standing = _minutes(shop)
    assert (standing.known, standing.percent, standing.band, standing.exhausted) == (False, None, Band.NONE, False)


@pytest.mark.parametrize(
    ("left", "band"),
    [("20", Band.OK), ("19.99", Band.LOW), ("10", Band.LOW), ("9.99", "lower"), ("5", "lower"), ("4.99", "crit")],
)
def test_an_edge_belongs_to_the_band_above_it(shop: Shop, left: str, band: Band) -> None:
    shop.post(shop.entry("top_up", "100"), shop.entry("adjustment", str(Decimal(left) - 100)))
    assert _minutes(shop).band == band


def test_a_panel_without_a_band_rule_measures_against_the_last_top_up_and_says_when_it_was(shop: Shop) -> None:
    shop.post(shop.entry("top_up", "100"), shop.entry("top_up", "50", occurred_at=NOW + timedelta(hours=1)))
    standing = _minutes(shop)
    assert (standing.base, standing.mark, standing.percent) == (Base.LAST_TOP_UP, Decimal(3000), Decimal(300))
    assert standing.topped_up_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize(("base", "mark"), [("balance_after", 130), ("package", 200), ("last_top_up", 100)])
def test_a_panel_measures_against_the_mark_of_the_band_rule_that_speaks_to_the_balance(
    shop: Shop, base: str, mark: int
) -> None:
    shop.rule("balance_band", mark=base)
    with shop.changing() as effects:
        effects.limits_changed([LimitChange(balance_id=shop.minutes.pk, package=Decimal(200 * 60))])
    shop.post(shop.entry("opening", "30"), shop.entry("top_up", "100"))
    standing = _minutes(shop)
    assert (standing.base, standing.mark) == (Base(base), Decimal(mark * 60))


def test_a_shadow_rule_says_nothing_to_the_panel(shop: Shop) -> None:
    shop.switch(shop.rule("balance_band", mark="balance_after"), "shadow")
    assert _minutes(shop).base is Base.LAST_TOP_UP


def test_left_is_less_what_is_held_and_available_counts_the_credit_limit(shop: Shop) -> None:
    shop.post(shop.entry("top_up", "100"))
    with shop.changing() as effects:
        change: dict[str, Any] = {"credit_limit": Decimal(600), "held": Decimal(60)}
        effects.limits_changed([LimitChange(balance_id=shop.minutes.pk, **change)])
    standing = _minutes(shop)
    assert [standing.left, standing.available, standing.percent] == [5940, 6540, 99]


def test_use_is_what_was_charged_in_seven_days_and_not_taken_back(shop: Shop) -> None:
    midnight = NOW.replace(hour=0) - timedelta(days=7)
    shop.post(
        shop.entry("top_up", "1000", occurred_at=midnight - timedelta(days=3)),
        shop.entry("charge", "50", occurred_at=midnight - timedelta(seconds=1)),
        shop.entry("charge", "54", occurred_at=midnight),
        shop.entry("charge", "40", occurred_at=NOW - timedelta(days=1), ref="wrong"),
        shop.entry("reversal", None, reverses="wrong"),
        shop.entry("charge", "5", occurred_at=NOW),
        shop.entry("adjustment", "-8"),
    )
    standing = _minutes(shop)
    assert standing.used == 59 * 60
    assert standing.daily_use == 8 * 60
    assert standing.lasts_until == NOW + timedelta(days=1) * 883 / 8


def test_what_another_billing_says_was_used_counts_as_use(shop: Shop) -> None:
    shop.state("100", NOW - timedelta(days=2))
    shop.state("60", NOW)
    standing = _minutes(shop)
    assert (standing.used, standing.lasts_until) == (Decimal(2400), NOW + timedelta(days=3))


def test_any_number_of_accounts_costs_one_query(shop: Shop) -> None:
    more = [
        Account.objects.create(organization=shop.organization, number=str(number), client=shop.client)
        for number in range(5)
    ]
    with CaptureQueriesContext(connection) as queries:
        found = standings.of_accounts([shop.account, *more], now=NOW)
    assert len(queries) == 1
    assert [len(found[account.pk]) for account in (shop.account, *more)] == [2, 0, 0, 0, 0, 0]
