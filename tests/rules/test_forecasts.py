"""What lasts for fewer days than a rule asks: looked at with each refresh of the outlook, told by the next tick."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from ostatok import pipeline
from ostatok.delivery.models import Delivery
from ostatok.ledger.limits import LimitChange
from ostatok.ledger.models import Account, Outlook
from ostatok.notices.models import Notice
from ostatok.parties.models import Client
from ostatok.rules import forecasts, preview, standings
from ostatok.rules.models import Alarm, ForecastDue, Rule
from ostatok.rules.preview import Fate
from tests.ledger.shop import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    """700 minutes were topped up long ago."""
    shop = Shop()
    shop.post(shop.entry("top_up", "700", occurred_at=shop.now - timedelta(days=30)))
    return shop


def rule(shop: Shop, days: int = 3, **fields: Any) -> Rule:
    return shop.rule("forecast_below", days=days, **fields)


def charge(shop: Shop, minutes: int) -> None:
    """What is charged now counts for a week, so that a day takes an eighth or so of it."""
    shop.post(shop.entry("charge", str(minutes), occurred_at=shop.now))


def top_up(shop: Shop, minutes: int) -> None:
    shop.post(shop.entry("top_up", str(minutes), occurred_at=shop.now))


def look(shop: Shop) -> int:
    """Refresh the outlook and tick; how many notices that raised."""
    pipeline.refresh_outlook(now=shop.now)
    return pipeline.tick(at=shop.now).notices


def alarm() -> Alarm:
    return Alarm.objects.get()


def _sent(shop: Shop) -> None:
    Notice.objects.filter(organization_id=shop.organization.pk).update(state="sent")


def test_use_too_small_for_a_figure_a_day_is_use(shop: Shop) -> None:
    rule(shop)
    some = shop.entry("charge", "0.000001", service="money", occurred_at=shop.now - timedelta(days=3))
    shop.post(some)
    assert look(shop) == 1
    assert Outlook.objects.get(balance=shop.money).daily_use == 0
    assert Notice.objects.get().balance == shop.money


def test_what_lasts_for_fewer_days_is_told_once(shop: Shop) -> None:
    rule(shop)
    charge(shop, 350)
    assert look(shop) == 0
    charge(shop, 200)
    assert look(shop) == 1
    shop.wait(hours=1)
    charge(shop, 10)
    assert look(shop) == 0
    assert shop.told() == ["forecast_below 1"]
    assert Delivery.objects.get().address == "c1@client.test"


def test_a_notice_keeps_until_when_it_lasted_as_the_panel_says_it(shop: Shop) -> None:
    rule(shop)
    charge(shop, 550)
    look(shop)
    notice = Notice.objects.get()
    [[standing, _money]] = standings.of_accounts([shop.account], now=shop.now).values()
    assert (notice.days, notice.threshold) == (3, None)
    assert notice.lasts_until == standing.lasts_until


def test_days_are_strict(shop: Shop) -> None:
    """540 minutes in seven and a half days are 72 a day."""
    shop.now = shop.now.replace(hour=12)
    charge(shop, 540)
    two = rule(shop, 2)
    shop.post(shop.entry("adjustment", "-16", occurred_at=shop.now))
    assert look(shop) == 0
    shop.post(shop.entry("adjustment", "-1", occurred_at=shop.now))
    assert look(shop) == 1
    assert Notice.objects.get().rule_id == two.pk


def test_it_is_on_guard_again_once_topped_up_and_tells_again(shop: Shop) -> None:
    rule(shop)
    charge(shop, 600)
    assert look(shop) == 1
    _sent(shop)
    top_up(shop, 1000)
    assert (alarm().firing, alarm().reason) == (False, "rearmed")
    shop.wait(minutes=5)
    charge(shop, 900)
    assert look(shop) == 1
    assert shop.told() == ["forecast_below 1", "forecast_below 1"]


def test_a_top_up_re_arms_as_of_its_own_place_however_entries_are_cut(shop: Shop) -> None:
    rule(shop)
    charge(shop, 600)
    look(shop)
    _sent(shop)
    shop.post(shop.entry("top_up", "1000", occurred_at=shop.now), shop.entry("charge", "900", occurred_at=shop.now))
    assert not alarm().firing
    assert look(shop) == 1


def test_a_top_up_that_leaves_it_below_does_not_re_arm(shop: Shop) -> None:
    rule(shop)
    charge(shop, 650)
    look(shop)
    _sent(shop)
    top_up(shop, 10)
    assert alarm().firing
    assert look(shop) == 0


def test_whatever_else_lifts_it_re_arms_with_the_next_look(shop: Shop) -> None:
    rule(shop)
    charge(shop, 600)
    look(shop)
    _sent(shop)
    change = LimitChange(balance_id=shop.minutes.pk, credit_limit=Decimal(60_000))
    pipeline.change_limits(organization_id=shop.organization.pk, changes=[change], now=shop.now)
    assert alarm().firing
    look(shop)
    assert (alarm().firing, alarm().reason) == (False, "rearmed")


def test_between_the_days_and_the_hysteresis_it_stays_quiet(shop: Shop) -> None:
    """600 of 700 in seven days and nine hours: a day takes 81 minutes."""
    rule(shop, 3, hysteresis=2, period=timedelta(hours=1))
    charge(shop, 600)
    assert look(shop) == 1
    _sent(shop)
    top_up(shop, 200)
    assert alarm().firing
    shop.wait(hours=2)
    assert look(shop) == 0
    top_up(shop, 150)
    assert not alarm().firing


def test_it_repeats_each_period_until_max_qty(shop: Shop) -> None:
    rule(shop, period=timedelta(hours=12), max_qty=3)
    charge(shop, 690)
    look(shop)
    for _ in range(4):
        _sent(shop)
        shop.wait(hours=12)
        look(shop)
    assert shop.told() == ["forecast_below 1", "forecast_below 2", "forecast_below 3"]
    assert alarm().reason == "max_qty"


def test_nothing_repeats_that_is_not_so_any_more(shop: Shop) -> None:
    rule(shop, 3, hysteresis=30, period=timedelta(hours=1))
    charge(shop, 600)
    assert look(shop) == 1
    _sent(shop)
    top_up(shop, 400)
    shop.wait(hours=2)
    assert pipeline.tick(at=shop.now).notices == 0
    assert alarm().firing


def test_whoever_lasts_by_a_fresh_outlook_is_not_worked_out_again_until_something_changes(shop: Shop) -> None:
    rule(shop, 3, hysteresis=30, period=timedelta(hours=1))
    charge(shop, 600)
    assert look(shop) == 1
    _sent(shop)
    shop.wait(minutes=1)
    pipeline.refresh_outlook(now=shop.now)
    outlook = Outlook.objects.filter(balance=shop.minutes)
    outlook.update(runs_out_at=shop.now + timedelta(days=9))
    shop.now = min(shop.now + timedelta(hours=2), shop.now.replace(hour=23, minute=59))
    Alarm.objects.update(next_repeat_at=shop.now)
    assert pipeline.tick(at=shop.now).notices == 0
    change = LimitChange(balance_id=shop.minutes.pk, held=Decimal(60))
    pipeline.change_limits(organization_id=shop.organization.pk, changes=[change], now=shop.now)
    assert pipeline.tick(at=shop.now).notices == 1


@pytest.mark.parametrize("closed", [Account, Client])
def test_nothing_repeats_for_who_is_closed(shop: Shop, closed: type[Account | Client]) -> None:
    rule(shop, period=timedelta(hours=1))
    charge(shop, 600)
    assert look(shop) == 1
    _sent(shop)
    shop.wait(hours=2)
    closed.objects.update(status="closed")
    assert look(shop) == 0
    closed.objects.update(status="active")
    assert look(shop) == 1


def test_within_the_cooldown_it_fires_without_a_notice(shop: Shop) -> None:
    rule(shop, cooldown=timedelta(days=1))
    charge(shop, 600)
    assert look(shop) == 1
    _sent(shop)
    top_up(shop, 1000)
    shop.wait(hours=1)
    charge(shop, 900)
    assert look(shop) == 0
    assert (alarm().firing, alarm().reason) == (True, "cooldown")


def test_the_days_that_pass_tell_by_themselves(shop: Shop) -> None:
    """A day on which nothing was used drops out of the week, so each of the days left takes more."""
    shop.now = shop.now.replace(hour=23, minute=50)
    charge(shop, 500)
    rule(shop, 3)
    assert look(shop) == 0
    shop.wait(minutes=20)
    assert look(shop) == 1


def test_without_recent_use_nobody_can_tell_and_nothing_is_told(shop: Shop) -> None:
    rule(shop, 365)
    assert look(shop) == 0
    shop.post(shop.entry("adjustment", "-699", occurred_at=shop.now))
    assert look(shop) == 0
    shop.wait(days=1)
    assert look(shop) == 0
    assert not Alarm.objects.exists()


def test_use_that_ended_puts_it_on_guard_again(shop: Shop) -> None:
    rule(shop)
    charge(shop, 600)
    assert look(shop) == 1
    shop.wait(days=9)
    assert look(shop) == 0
    assert (alarm().firing, alarm().reason) == (False, "rearmed")


def test_what_has_run_out_lasts_for_no_day(shop: Shop) -> None:
    rule(shop, 1)
    charge(shop, 705)
    assert look(shop) == 1
    assert Notice.objects.get().lasts_until is None


def test_a_postpaid_account_without_a_limit_does_not_run_out(shop: Shop) -> None:
    Account.objects.filter(pk=shop.account.pk).update(billing="postpaid")
    rule(shop, 30)
    charge(shop, 705)
    assert look(shop) == 0
    assert not Alarm.objects.exists()


def test_a_rule_about_a_unit_speaks_only_to_its_balances(shop: Shop) -> None:
    rule(shop, unit="KZT")
    charge(shop, 650)
    assert look(shop) == 0


def test_switching_on_is_silent_until_the_next_top_up(shop: Shop) -> None:
    charge(shop, 650)
    (start,) = shop.switch(rule(shop, period=timedelta(hours=1)), "shadow").starts
    assert (start.below, start.notified) == (1, 0)
    shop.wait(hours=2)
    assert look(shop) == 0
    assert alarm().silent
    top_up(shop, 10)
    assert (alarm().silent, alarm().reason) == (False, "renewed")


def test_notify_now_tells_those_who_are_below(shop: Shop) -> None:
    charge(shop, 650)
    one = rule(shop)
    shop.switch(one, "inactive")
    (start,) = shop.switch(one, "active", notify_now=True).starts
    assert (start.below, start.notified) == (1, 1)
    notice = Notice.objects.get()
    assert notice.lasts_until is not None
    assert look(shop) == 0


def test_a_preview_tells_who_is_below_and_until_when_it_lasts(shop: Shop) -> None:
    charge(shop, 650)
    one = rule(shop)
    shop.switch(one, "inactive")
    Alarm.objects.all().delete()
    found = preview.of_rule(one, now=shop.now)
    [standing] = found.items
    [[panel, _money]] = standings.of_accounts([shop.account], now=shop.now).values()
    assert (found.watched, found.below, found.fates) == (2, 1, {Fate.RAISED: 1})
    assert (standing.days, standing.lasts_until) == (3, panel.lasts_until)


def test_a_shadow_rule_decides_and_sends_nothing(shop: Shop) -> None:
    shop.switch(rule(shop), "shadow")
    charge(shop, 650)
    assert look(shop) == 1
    assert Notice.objects.get().state == "shadow"
    assert not Delivery.objects.exists()


def test_a_rule_switched_off_meanwhile_tells_nothing(shop: Shop) -> None:
    one = rule(shop)
    charge(shop, 650)
    pipeline.refresh_outlook(now=shop.now)
    shop.switch(one, "inactive")
    assert pipeline.tick(at=shop.now).notices == 0
    assert not ForecastDue.objects.exists()


def test_what_was_topped_up_between_refresh_and_tick_is_not_told(shop: Shop) -> None:
    rule(shop)
    charge(shop, 650)
    pipeline.refresh_outlook(now=shop.now)
    top_up(shop, 1000)
    assert pipeline.tick(at=shop.now).notices == 0
    assert not Alarm.objects.exists()


def test_a_tick_as_of_another_moment_works_forecasts_out_anew(shop: Shop) -> None:
    shop.now = shop.now.replace(hour=23, minute=50)
    charge(shop, 500)
    rule(shop, 3)
    assert look(shop) == 0
    before = shop.now
    shop.wait(minutes=20)
    assert pipeline.tick(at=shop.now, now=before).notices == 1
    assert Notice.objects.get().raised_at == shop.now


def test_one_tick_looks_at_all_that_was_noted(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecasts, "BATCH", 1)
    for days in (3, 4, 5):
        rule(shop, days)
    top_up_money = shop.entry("top_up", "100", service="money", occurred_at=shop.now)
    shop.post(top_up_money, shop.entry("charge", "90", service="money", occurred_at=shop.now))
    charge(shop, 690)
    assert look(shop) == 6


def test_the_days_are_those_of_a_forecast_and_within_a_year(shop: Shop) -> None:
    for fields in (
        {"kind": "forecast_below"},
        {"kind": "forecast_below", "days": 366},
        {"kind": "balance_below", "days": 3},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Rule.objects.create(organization=shop.organization, name="r", **fields)


def test_a_refresh_judges_by_the_moment_that_it_is_of(shop: Shop) -> None:
    """Whoever waited for another's refresh comes with an earlier moment, and finds what lasts as of the later one."""
    shop.now = shop.now.replace(hour=12)
    charge(shop, 540)
    rule(shop, 2)
    pipeline.refresh_outlook(now=shop.now)
    shop.post(shop.entry("adjustment", "-16.2", occurred_at=shop.now))
    refreshed = pipeline.refresh_outlook(now=shop.now - timedelta(minutes=10))
    assert refreshed.at == shop.now
    assert ForecastDue.objects.exists()


def test_a_refresh_notes_nobody_where_no_rule_asks(shop: Shop) -> None:
    charge(shop, 650)
    pipeline.refresh_outlook(now=shop.now)
    with connection.cursor() as cursor:
        assert forecasts.roots_with_due(cursor) == []
