"""A rule that speaks to many is switched by a worker, while its page says how far that is."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from ostatok.delivery.models import Delivery
from ostatok.intake.description.report import Report
from ostatok.parties.access import Role, System
from ostatok.parties.models import AuditRecord, Membership
from ostatok.rules import waiting
from ostatok.rules.models import Alarm, Rule, RuleState, Switching
from ostatok.web import changes, switching
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
    return Rule.objects.exclude(state=RuleState.DELETED).get(organization__code="north", name=NAME)


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


def test_what_a_worker_is_at_is_not_changed_and_whoever_asks_is_told(browser: Browser) -> None:
    ask(browser)
    with waiting.at_it(Switching.objects.get().pk):
        assert "so this was not done" not in ask(browser)
        assert "so this was not done" in ask(browser, state="inactive")
        assert browser.get(url()).url == reverse("console:rule", args=[rule().pk])  # type: ignore[attr-defined]
    assert Switching.objects.get().state == RuleState.ACTIVE


def test_what_a_worker_began_and_did_not_live_to_do_may_be_asked_for_otherwise(browser: Browser) -> None:
    ask(browser)
    Switching.objects.update(started_at=timezone.now())
    assert "so this was not done" not in ask(browser, state="inactive")
    [one] = Switching.objects.all()
    assert (one.state, one.started_at) == (RuleState.INACTIVE, None)


def save(browser: Browser, **more: str) -> Any:
    """Save the form of the rule as it is, but for these."""
    form = {"state": "inactive", "amount": "500", "unit": "KZT", "recipients": ["client"], "first": "now"}
    return browser.post(reverse("console:edit_rule", args=[rule().pk]), form | more)


def describe(**said: Any) -> Report:
    """Say this of the rule, as `ostatok apply` does; who asks is not kept waiting by what a worker is at."""
    item = {"organization": "north", "name": NAME, **said}
    return changes.by_worker(System(), {"rules": [item]}, origin="test")


def test_saving_the_rule_with_its_state_takes_back_what_waits(browser: Browser) -> None:
    ask(browser, notify_now="on")
    [one] = Switching.objects.all()
    report = describe(state="inactive")
    assert tuple(map(str, report.warnings)) == ("rules[0].state: what a worker was to do with the rule is taken back",)
    switching.run(one.pk, clock=timezone.now)
    assert rule().state == RuleState.INACTIVE
    assert not Delivery.objects.filter(notice__rule=rule()).exists()
    one.refresh_from_db()
    assert (one.is_over, one.was_taken_back, one.started_at) == (True, True, None)
    page = browser.get(reverse("console:rule", args=[rule().pk])).content.decode()
    assert "What waited for a worker was taken back." in page
    Switching.objects.update(finished_at=timezone.now() - timedelta(days=2))
    assert "taken back" not in browser.get(reverse("console:rule", args=[rule().pk])).content.decode()


def test_saving_what_says_nothing_of_the_state_leaves_what_waits(browser: Browser) -> None:
    ask(browser)
    assert describe(sort_order=7).warnings == ()
    run()
    assert (rule().state, rule().sort_order) == (RuleState.ACTIVE, 7)


def test_a_dry_run_takes_nothing_back(browser: Browser) -> None:
    ask(browser)
    changes.apply(
        System(),
        {"rules": [{"organization": "north", "name": NAME, "state": "inactive"}]},
        origin="test",
        dry_run=True,
    )
    assert not Switching.objects.get().is_over


def test_what_waits_for_a_deleted_rule_does_not_switch_another_of_its_name(browser: Browser) -> None:
    ask(browser, notify_now="on")
    old = rule()
    delete = reverse("console:delete_rule", args=[old.pk])
    assert "What waits for a worker is taken back." in browser.get(delete).content.decode()
    browser.post(delete)
    describe(state="inactive", trigger={"kind": "balance_below", "amount": 500, "unit": "KZT"})
    assert rule() != old
    switching.run(Switching.objects.get().pk, clock=timezone.now)
    assert rule().state == RuleState.INACTIVE


def test_even_where_it_was_not_taken_back(browser: Browser) -> None:
    ask(browser)
    Rule.objects.filter(pk=rule().pk).update(state=RuleState.DELETED)
    describe(state="inactive", trigger={"kind": "balance_below", "amount": 500, "unit": "KZT"})
    switching.run(Switching.objects.get().pk, clock=timezone.now)
    assert rule().state == RuleState.INACTIVE


def test_while_a_worker_is_at_it_the_rule_is_neither_saved_nor_deleted(browser: Browser) -> None:
    ask(browser)
    with waiting.at_it(Switching.objects.get().pk):
        assert "A worker is changing this rule just now." in save(browser).content.decode()
        deleted = browser.post(reverse("console:delete_rule", args=[rule().pk]))
        assert "A worker is changing this rule just now." in deleted.content.decode()
    assert rule().state == RuleState.INACTIVE
    assert not Switching.objects.get().is_over
    assert save(browser).status_code == 302


def at_call(number: int, do: Callable[[], object]) -> Callable[[], datetime]:
    """A clock that does something when it is looked at for the so-manieth time."""
    looks = iter(range(1, 100))

    def look() -> datetime:
        if next(looks) == number:
            do()
        return timezone.now()

    return look


def test_what_was_taken_back_after_a_worker_read_it_is_not_done(browser: Browser) -> None:
    ask(browser, notify_now="on")
    [one] = Switching.objects.all()
    switching.run(one.pk, clock=at_call(2, lambda: describe(state="inactive")))
    one.refresh_from_db()
    assert one.started_at is not None
    assert one.was_taken_back
    assert rule().state == RuleState.INACTIVE


def test_wherever_a_worker_dies_the_rule_is_switched_once(browser: Browser) -> None:
    def die() -> None:
        raise OperationalError

    ask(browser, notify_now="on")
    [one] = Switching.objects.all()
    deaths = 0
    while not Switching.objects.get().is_over:
        deaths += 1
        try:
            switching.run(one.pk, clock=at_call(deaths, die))
        except OperationalError:
            assert (rule().state == RuleState.ACTIVE) == Switching.objects.get().is_over
    assert deaths > 1
    assert rule().state == RuleState.ACTIVE
    sent = Delivery.objects.filter(notice__rule=rule()).count()
    assert sent > 0
    switching.run(one.pk, clock=timezone.now)
    assert Delivery.objects.filter(notice__rule=rule()).count() == sent


def test_what_is_under_way_is_found_without_counting(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(browser)
    monkeypatch.setattr(switching, "AT_ONCE", 1_000)
    assert "The rule waits for a worker that switches it." in ask(browser)
    assert rule().state == RuleState.INACTIVE


def test_the_form_says_that_it_is_being_switched_and_stays_as_it_is_filled_in(browser: Browser) -> None:
    ask(browser)
    page = browser.get(reverse("console:edit_rule", args=[rule().pk])).content.decode()
    assert "The rule waits for a worker that switches it." in page
    assert reverse("console:rule_switching", args=[rule().pk]) not in page


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
