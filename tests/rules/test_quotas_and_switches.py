"""Repeats, quotas and switching on, on the database. What they mean in general is compared with the model."""

from datetime import timedelta
from typing import Any

import pytest

from ostatok import pipeline
from ostatok.delivery.models import Delivery
from ostatok.ledger.models import Facet
from ostatok.notices.models import Notice
from ostatok.rules import sweep
from ostatok.rules.models import Alarm
from tests.ledger.shop import Shop

pytestmark = pytest.mark.django_db
BELOW_10_MIN: dict[str, Any] = {"kind": "balance_below", "unit": "min", "threshold": 600}


@pytest.fixture
def shop() -> Shop:
    return Shop()


def _sent(shop: Shop) -> None:
    Notice.objects.filter(organization_id=shop.organization.pk).update(state="sent")


def test_a_firing_alarm_repeats_each_period_until_max_qty(shop: Shop) -> None:
    shop.rule(**BELOW_10_MIN, period=timedelta(hours=24), max_qty=3)
    shop.post(shop.entry("top_up", "100"), shop.entry("charge", "95"))
    for _ in range(5):
        _sent(shop)
        shop.wait(hours=23)
        assert pipeline.tick(at=shop.now).notices == 0
        shop.wait(hours=1)
        pipeline.tick(at=shop.now)
    assert shop.told() == ["below 1", "below 2", "below 3"]
    assert Alarm.objects.get().reason == "max_qty"


def test_no_repeat_is_raised_while_a_notice_waits_to_be_sent(shop: Shop) -> None:
    shop.rule(**BELOW_10_MIN, period=timedelta(hours=1))
    shop.post(shop.entry("top_up", "100"), shop.entry("charge", "95"))
    assert pipeline.tick(at=shop.now + timedelta(hours=5)).notices == 0
    _sent(shop)
    assert pipeline.tick(at=shop.now + timedelta(hours=5)).notices == 1


def test_one_tick_looks_at_all_that_is_due_however_many_rules_speak_to_a_balance(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "BATCH", 2)
    for threshold in (1, 2, 3):
        shop.rule("balance_below", unit="min", threshold=600 + threshold, period=timedelta(hours=1))
        shop.rule("balance_below", unit="KZT", threshold=threshold, period=timedelta(hours=1))
    shop.post(shop.entry("top_up", "100"), shop.entry("charge", "95"))
    shop.post(shop.entry("top_up", "9", service="money"), shop.entry("charge", "9", service="money"))
    _sent(shop)
    assert pipeline.tick(at=shop.now + timedelta(hours=2)).notices == 6


def test_switching_on_is_silent_and_tells_how_many_are_below(shop: Shop) -> None:
    shop.post(shop.entry("top_up", "5"))
    rule = shop.rule(**BELOW_10_MIN)
    (start,) = shop.switch(rule, "shadow").starts
    assert (start.below, start.notified, shop.told()) == (1, 0, [])
    shop.post(shop.entry("charge", "1"))
    assert shop.told() == []
    assert Alarm.objects.get().reason == "silent"


def test_notify_now_tells_those_who_are_below(shop: Shop) -> None:
    shop.post(shop.entry("top_up", "5"))
    rule = shop.rule(**BELOW_10_MIN)
    shop.switch(rule, "inactive")
    (start,) = shop.switch(rule, "active", notify_now=True).starts
    assert (start.below, start.notified, shop.told()) == (1, 1, ["below 1"])
    assert Delivery.objects.get().address == "c1@client.test"


def test_a_shadow_rule_decides_and_sends_nothing(shop: Shop) -> None:
    shop.switch(shop.rule(**BELOW_10_MIN), "shadow")
    outcome = shop.post(shop.entry("top_up", "100"), shop.entry("charge", "95"))
    assert (outcome.notices, outcome.deliveries) == (1, 0)
    assert Notice.objects.get().state == "shadow"


def test_a_rule_that_is_off_says_nothing_and_repeats_nothing(shop: Shop) -> None:
    rule = shop.rule(**BELOW_10_MIN, period=timedelta(hours=1))
    shop.post(shop.entry("top_up", "100"), shop.entry("charge", "95"))
    _sent(shop)
    shop.switch(rule, "inactive")
    assert pipeline.tick(at=shop.now + timedelta(days=2)).notices == 0
    shop.post(shop.entry("top_up", "100"), shop.entry("charge", "95"))
    assert shop.told() == ["below 1"]


def test_who_joins_a_group_joins_its_rules_silently(shop: Shop) -> None:
    group = shop.organization.client_groups.create(code="A", name="A")
    facet = Facet.objects.create(kind="group", key=str(group.pk))
    rule = shop.rule(**BELOW_10_MIN)
    rule.conditions.create(facets=[facet.pk])
    shop.switch(rule, "active")
    shop.post(shop.entry("top_up", "5"))
    assert shop.told() == []
    with shop.changing() as effects:
        shop.client.groups.add(group)
        effects.clients_changed([shop.client.pk])
    shop.post(shop.entry("charge", "1"))
    assert shop.told() == []
    shop.post(shop.entry("top_up", "100"), shop.entry("charge", "99"))
    assert shop.told() == ["below 1"]


def test_a_threshold_speaks_only_to_balances_of_its_unit(shop: Shop) -> None:
    shop.rule("balance_below", unit="KZT", threshold=600)
    shop.post(shop.entry("top_up", "5"))
    assert shop.told() == []
    shop.post(shop.entry("top_up", "5", service="money"))
    assert shop.told() == ["below 1"]


def test_a_threshold_in_hours_speaks_to_a_balance_in_minutes(shop: Shop) -> None:
    shop.rule("balance_below", unit="h", threshold=3600)
    shop.post(shop.entry("top_up", "59"))
    assert shop.told() == ["below 1"]


def test_a_rule_of_an_organization_above_speaks_to_the_clients_below(shop: Shop) -> None:
    parent = type(shop.organization).objects.create(code=f"{shop.organization.code}-up", name="Up")
    with shop.changing() as effects:
        effects.lock([parent.pk])
        shop.organization.parent = parent
        shop.organization.save()
        effects.organizations_moved([shop.organization.pk])
    rule = shop.rule(**BELOW_10_MIN)
    rule.organization = parent
    shop.switch(rule, "active")
    shop.post(shop.entry("top_up", "100"), shop.entry("charge", "95"))
    assert shop.told() == ["below 1"]


def test_one_address_named_twice_gets_one_delivery(shop: Shop) -> None:
    rule = shop.rule(**BELOW_10_MIN)
    rule.recipients.create(kind="address", address="C1@client.test")
    rule.recipients.create(kind="organization")
    shop.post(shop.entry("top_up", "100"), shop.entry("charge", "95"))
    assert sorted(Delivery.objects.values_list("recipient", "address")) == [
        ("client", "c1@client.test"),
        ("organization", "ops@shop.test"),
    ]


def test_a_notice_that_nobody_is_to_receive_does_not_wait(shop: Shop) -> None:
    shop.rule(**BELOW_10_MIN).recipients.all().delete()
    shop.post(shop.entry("top_up", "100"), shop.entry("charge", "95"))
    assert Notice.objects.values_list("state", "reason").get() == ("dropped", "no_recipient")
