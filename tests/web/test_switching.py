"""A rule that speaks to many is switched by a worker, while its page says how far that is."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from ostatok.delivery.models import Delivery
from ostatok.parties.access import Role
from ostatok.parties.models import AuditRecord, Membership
from ostatok.rules.models import Alarm, Rule, RuleState, Switching
from ostatok.web import switching
from tests import faces

NAME = "Мало денег"


@pytest.fixture(autouse=True)
def everything_is_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switching, "AT_ONCE", 0)


@pytest.fixture
def world(db: None) -> faces.World:
    return faces.build()


@pytest.fixture
def browser(world: faces.World) -> Browser:
    return world.member(Role.SERVICE_ADMINISTRATOR)


def rule() -> Rule:
    return Rule.objects.get(organization__code="north", name=NAME)


def url() -> str:
    return reverse("console:switch_rule", args=[rule().pk])


def ask(browser: Browser, **more: str) -> str:
    """Switch the rule on; returns the page that answers."""
    return browser.post(url(), {"state": "active", **more}, follow=True).content.decode()


def run() -> Switching:
    """What a worker does."""
    [one] = switching.unfinished(before=timezone.now() + timedelta(minutes=2))
    switching.run(one, clock=timezone.now)
    return Switching.objects.get(pk=one)


def test_the_page_answers_at_once_and_a_worker_switches_silently(browser: Browser) -> None:
    assert "The rule waits for a worker that switches it." in ask(browser)
    assert rule().state == RuleState.INACTIVE
    done = run()
    assert (done.is_over, done.problem) == (True, "")
    assert rule().state == RuleState.ACTIVE
    assert Alarm.objects.filter(rule=rule(), firing=True, silent=True).exists()
    assert not Delivery.objects.filter(notice__rule=rule()).exists()
    changed = AuditRecord.objects.filter(action="rule.changed", subject=f"rule north/{NAME}").latest("pk")
    assert changed.actor == "service_administrator@north.test"


def test_those_below_are_notified_where_that_was_ticked(browser: Browser) -> None:
    ask(browser, notify_now="on")
    run()
    assert Delivery.objects.filter(notice__rule=rule()).exists()


def test_what_waits_is_not_asked_again_and_does_what_was_asked_last(browser: Browser, world: faces.World) -> None:
    ask(browser)
    world.member(Role.OWNER).post(url(), {"state": "active", "notify_now": "on"})
    [one] = Switching.objects.all()
    assert (one.state, one.notify_now) == (RuleState.ACTIVE, True)
    assert one.asked_by == world.staff["north", Role.OWNER]


def test_switching_off_takes_back_a_switching_on_that_waits(browser: Browser) -> None:
    ask(browser)
    page = browser.get(url()).content.decode()
    assert "The rule waits for a worker that switches it." in page
    assert "Switch off</button>" in page
    ask(browser, state="inactive")
    run()
    assert rule().state == RuleState.INACTIVE
    assert not Alarm.objects.filter(rule=rule()).exists()


def test_what_a_worker_has_begun_is_not_changed_and_whoever_asks_is_told(browser: Browser) -> None:
    ask(browser)
    Switching.objects.update(started_at=timezone.now())
    assert "so this was not done" not in ask(browser)
    assert "so this was not done" in ask(browser, state="inactive")
    assert Switching.objects.get().state == RuleState.ACTIVE
    assert browser.get(url()).url == reverse("console:rule", args=[rule().pk])  # type: ignore[attr-defined]


def test_what_is_under_way_is_found_without_counting(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(browser)
    monkeypatch.setattr(switching, "AT_ONCE", 1_000)
    assert "The rule waits for a worker that switches it." in ask(browser)
    assert rule().state == RuleState.INACTIVE


def test_who_gets_it_says_that_it_is_being_switched(browser: Browser) -> None:
    ask(browser)
    page = browser.get(reverse("console:rule_preview", args=[rule().pk])).content.decode()
    assert "The rule waits for a worker that switches it." in page


def test_the_part_that_moves_ends_by_loading_the_page_anew(browser: Browser) -> None:
    ask(browser)
    progress = reverse("console:rule_switching", args=[rule().pk])
    moving = browser.get(progress)
    assert "hx-trigger" in moving.content.decode()
    assert "HX-Refresh" not in moving.headers
    run()
    assert browser.get(progress).headers["HX-Refresh"] == "true"
    page = browser.get(reverse("console:rule", args=[rule().pk])).content.decode()
    assert "switches it" not in page


def test_who_lost_the_right_meanwhile_switches_nothing_and_the_page_says_so(
    browser: Browser, world: faces.World
) -> None:
    ask(browser)
    user = world.staff["north", Role.SERVICE_ADMINISTRATOR]
    Membership.objects.filter(user=user).update(role=Role.LOOK)
    done = run()
    assert done.problem
    assert rule().state == RuleState.INACTIVE
    page = world.member(Role.OWNER).get(reverse("console:rule", args=[rule().pk])).content.decode()
    assert "It was not switched." in page


def test_an_outsider_finds_no_progress(browser: Browser, world: faces.World) -> None:
    ask(browser)
    assert world.outsider.get(reverse("console:rule_switching", args=[rule().pk])).status_code == 404


def test_a_rule_that_speaks_to_few_is_switched_at_once(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switching, "AT_ONCE", 1_000)
    ask(browser)
    assert rule().state == RuleState.ACTIVE
    assert not Switching.objects.exists()


def test_the_worker_does_what_is_queued_and_queues_again_what_a_dead_one_left(browser: Browser) -> None:
    ask(browser)
    [one] = Switching.objects.all()
    tasks = switching.blueprint(clock=timezone.now).tasks
    queued = ProcrastinateJob.objects.filter(task_name=switching.TASK, args={"switching_id": one.pk})
    assert queued.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs")
    tasks["resume_switchings"](timestamp=int(one.asked_at.timestamp()))
    assert queued.count() == 0
    tasks["resume_switchings"](timestamp=int(one.asked_at.timestamp()) + 61)
    assert queued.count() == 1
    tasks["switch_rule"](switching_id=one.pk)
    assert rule().state == RuleState.ACTIVE
    tasks["switch_rule"](switching_id=one.pk)
