"""Who would be notified now, and why: before a rule is switched on, nothing is sent."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from ostatok.delivery.models import Delivery
from ostatok.intake.description import applying
from ostatok.notices.models import Notice
from ostatok.parties.access import System
from ostatok.rules import preview
from ostatok.rules.models import Alarm, Rule, RuleState, SegmentRule
from ostatok.rules.preview import Fate, Onlooker, Preview
from ostatok.web import previews
from tests import faces

pytestmark = pytest.mark.django_db

MONEY = {"kind": "balance_below", "amount": 500, "unit": "KZT"}
BANDS = {"kind": "balance_band", "bands": [[20, 10], [10, 5], [5, None]]}


@pytest.fixture
def world() -> faces.World:
    return faces.build()


def rule(name: str = "Мало денег") -> Rule:
    return Rule.objects.get(organization__code="north", name=name)


def tried(**item: Any) -> Preview:
    """The preview of a rule of the north as described, not saved."""
    looking = Onlooker(now=faces.NOW)
    text = json.dumps({"rules": [{"organization": "north", **item}]}, default=str)
    applying.apply(text, actor=System(), effects=looking, origin="test", dry_run=True)
    [found] = looking.found.values()
    return found


def test_a_rule_that_is_off_tells_who_would_be_notified_and_why(world: faces.World) -> None:
    found = preview.of_rule(rule(), now=faces.NOW)
    [one] = found.items
    assert (one.client, one.account, one.service) == ("ООО «Ромашка и партнёры»", "100001", "Интернет")
    assert (one.available, one.threshold, one.fate) == (Decimal(400), Decimal(500), Fate.RAISED)
    assert (found.below, found.clients, found.notified, found.next) == (1, 1, 1, None)


def test_a_preview_sends_nothing_and_leaves_nothing_behind(world: faces.World) -> None:
    before = [model.objects.count() for model in (Notice, Delivery, Alarm, SegmentRule)]
    preview.of_rule(rule(), now=faces.NOW)
    assert [model.objects.count() for model in (Notice, Delivery, Alarm, SegmentRule)] == before
    assert rule().state == RuleState.INACTIVE


def test_it_counts_those_never_posted_to_and_those_without_a_mark(world: faces.World) -> None:
    found = preview.of_rule(rule("Остаток минут"), now=faces.NOW)
    assert (found.watched, found.unknown, found.unmeasured) == (8, 4, 0)


def test_the_most_urgent_come_first_and_pages_follow_each_other(world: faces.World) -> None:
    first = preview.of_rule(rule("Остаток минут"), now=faces.NOW, size=2)
    second = preview.of_rule(rule("Остаток минут"), now=faces.NOW, after=first.next, size=2)
    assert [round(one.percent or 0) for one in (*first.items, *second.items)] == [-9, 3, 15]
    assert first.next
    assert second.next is None
    assert first.below == second.below == 3


def test_who_was_told_already_would_not_be_told_again(world: faces.World) -> None:
    found = preview.of_rule(rule("Остаток минут"), now=faces.NOW)
    assert found.fates == {Fate.TOLD: 3}


def test_it_says_how_many_letters_there_would_be_and_how_many_lack_an_address(world: faces.World) -> None:
    faces.describe({"clients": [{"organization": "north", "code": "romashka", "email": ""}]})
    found = preview.of_rule(rule(), now=faces.NOW)
    assert [(one.recipient, one.count, one.without_address) for one in found.letters] == [
        ("client", 1, 1),
        ("organization", 1, 0),
    ]


def test_a_rule_described_but_not_saved_is_previewed_with_its_own_audience(world: faces.World) -> None:
    found = tried(name="Новое", trigger=BANDS, audience={"service": "ad", "group": "vip"})
    assert [one.client for one in found.items] == ["ТСЖ «Академическая, 14, корпус 2»"]
    assert found.fates == {Fate.RAISED: 1}
    assert not Rule.objects.filter(name="Новое").exists()


def test_an_edit_of_the_quota_alone_starts_with_nobody(world: faces.World) -> None:
    found = tried(name="Остаток минут", quota={"max_qty": 1})
    assert (found.watched, found.below) == (0, 0)


def test_a_wider_audience_shows_only_those_who_join(world: faces.World) -> None:
    faces.describe({"rules": [{"organization": "north", "name": "Остаток минут", "audience": {"service": "appps"}}]})
    found = tried(name="Остаток минут", audience={"service": ["appps", "ad"]})
    assert found.watched == 4


def test_cooldown_and_max_qty_are_told_as_such(world: faces.World) -> None:
    name = "Считанное"
    base = {"organization": "north", "name": name, "trigger": MONEY, "recipients": [{"to": "client"}]}
    faces.describe({"rules": [{**base, "quota": {"max_qty": 1, "cooldown": "1h"}, "notify_now": True}]})
    Alarm.objects.filter(rule__name=name).update(firing=False, next_repeat_at=None)
    assert preview.of_rule(rule(name), now=faces.NOW).fates == {Fate.COOLDOWN: 1}
    later = faces.NOW + timedelta(hours=2)
    assert preview.of_rule(rule(name), now=later).fates == {Fate.MAX_QTY: 1}


def test_a_deleted_rule_speaks_to_nobody_though_another_has_its_name(world: faces.World) -> None:
    gone = rule()
    faces.describe({"rules": [{"organization": "north", "name": "Мало денег", "state": "deleted"}]})
    faces.describe({"rules": [{"organization": "north", "name": "Мало денег", "trigger": MONEY, "state": "inactive"}]})
    gone.refresh_from_db()
    assert preview.of_rule(gone, now=faces.NOW) == preview.NOBODY


@pytest.mark.django_db(transaction=True)
def test_looking_waits_for_nobody_who_switches_the_rule_and_keeps_nobody_waiting(database_url: str) -> None:
    faces.build()
    little = timedelta(seconds=5)
    with psycopg.connect(database_url) as busy:
        busy.execute("update rule set state = 'active' where name = 'Мало денег'")
        assert preview.of_rule(rule(), now=faces.NOW, patience=little).below == 1
        item = {"organization": "north", "name": "Мало денег", "trigger": MONEY, "state": "active"}
        with pytest.raises(preview.TooSlow):
            previews.of_described(System(), item, now=faces.NOW, patience=timedelta(milliseconds=200))
    with preview.as_if_on(rule()), psycopg.connect(database_url) as other:
        other.execute("set lock_timeout = '1s'")
        other.execute("select from rule where name = 'Мало денег' for update")


@pytest.mark.django_db(transaction=True)
def test_looking_takes_no_longer_than_was_agreed(database_url: str) -> None:
    faces.build()
    item = {"organization": "north", "name": "Новое", "trigger": MONEY}
    with psycopg.connect(database_url) as busy:
        busy.execute("lock table alarm")
        with pytest.raises(preview.TooSlow):
            previews.of_described(System(), item, now=faces.NOW, patience=timedelta(milliseconds=200))
    assert previews.of_described(System(), item, now=faces.NOW, patience=timedelta(minutes=1)).preview
