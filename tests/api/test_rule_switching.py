"""A program switches a rule that speaks to many: a worker does it, and the program follows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ostatok.parties import api_keys
from ostatok.parties.access import Permission, Role, System
from ostatok.parties.models import AuditRecord
from ostatok.rules import counting, waiting
from ostatok.rules.models import Rule, RuleState, Switching
from ostatok.web import switching
from tests.api.program import Program, problem, program, told
from tests.faces import World

pytestmark = pytest.mark.django_db

NAME = "Мало денег"
STATE = f"rules/{NAME}/state"
ON = {"state": "active"}


@pytest.fixture(autouse=True)
def everything_is_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switching, "AT_ONCE", 0)


def rule() -> Rule:
    return Rule.objects.get(organization__code="north", name=NAME)


def run() -> None:
    """What a worker does."""
    [one] = switching.unfinished(before=timezone.now() + timedelta(minutes=2))
    switching.run(one, clock=timezone.now)


def test_a_worker_switches_what_a_key_asked_for_and_the_program_follows(world: World, north: Program) -> None:
    asked = told(north.put(STATE, ON), 202)
    assert (asked["rule"], asked["state"], asked["notify_now"]) == (NAME, "active", False)
    assert asked["balances"] == counting.watched(rule()) > 0
    assert (asked["started_at"], asked["finished_at"], asked["problem"]) == (None, None, "")
    assert rule().state == RuleState.INACTIVE

    run()

    done = told(north.get(f"rules/{NAME}/switching"))
    assert done["finished_at"] is not None
    assert done["problem"] == ""
    assert rule().state == RuleState.ACTIVE
    changed = AuditRecord.objects.filter(action="rule.changed", subject=f"rule north/{NAME}").latest("pk")
    assert changed.actor == str(north.key)


def test_a_colleague_with_a_session_is_answered_the_same(world: World) -> None:
    admin = Program(browser=world.member(Role.SERVICE_ADMINISTRATOR))
    told(admin.put(STATE, {"state": "shadow"}), 202)
    run()
    assert rule().state == RuleState.SHADOW


def test_asked_for_twice_it_waits_once_and_what_has_begun_is_not_changed(world: World, north: Program) -> None:
    first = told(north.put(STATE, ON), 202)
    assert told(north.put(STATE, ON), 202)["asked_at"] == first["asked_at"]
    assert told(north.put(STATE, {**ON, "notify_now": True}), 202)["notify_now"] is True
    with waiting.at_it(Switching.objects.get().pk):
        problem(north.put(STATE, {"state": "shadow"}), 409, "conflict")
        problem(north.put(f"rules/{NAME}", {"state": "inactive"}), 409, "conflict")
        problem(north.delete(f"rules/{NAME}"), 409, "conflict")
    assert Switching.objects.get().state == RuleState.ACTIVE


def test_saving_the_rule_with_its_state_takes_back_what_waits_and_the_program_is_told(
    world: World, north: Program
) -> None:
    told(north.put(STATE, {**ON, "notify_now": True}), 202)
    saved = told(north.put(f"rules/{NAME}", {"state": "inactive"}))
    assert saved["outcome"] == "unchanged"
    assert saved["warnings"] == ["what a worker was to do with the rule is taken back"]
    over = told(north.get(f"rules/{NAME}/switching"))
    assert over["finished_at"] is not None
    assert over["problem"] == "it was taken back: the rule was saved, switched or deleted since"
    assert switching.unfinished(before=timezone.now() + timedelta(minutes=2)) == []


def test_a_key_that_was_revoked_meanwhile_switches_nothing(world: World, north: Program) -> None:
    told(north.put(STATE, ON), 202)
    assert north.key is not None
    api_keys.revoke(System(), north.key, origin="", now=timezone.now())
    run()
    owner = Program(browser=world.member(Role.OWNER))
    told_why = told(owner.get(f"rules/{NAME}/switching"))["problem"]
    assert told_why == "the key it was asked for with has expired or was revoked"
    assert rule().state == RuleState.INACTIVE


def test_a_dry_run_of_so_much_is_refused(world: World, north: Program) -> None:
    refused = problem(north.put(STATE, ON, dry_run="true"), 422, "invalid")
    assert [one["place"] for one in refused["errors"]] == ["query.dry_run"]
    assert not Switching.objects.exists()


def test_few_are_switched_at_once(world: World, north: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switching, "AT_ONCE", 1_000)
    assert told(north.put(STATE, ON, dry_run="true"))["dry_run"] is True
    assert rule().state == RuleState.INACTIVE
    assert told(north.put(STATE, ON))["outcome"] == "changed"
    assert rule().state == RuleState.ACTIVE
    problem(north.get(f"rules/{NAME}/switching"), 404, "not-found")


def test_outsiders_find_nothing_to_switch(world: World, north: Program, south: Program) -> None:
    told(north.put(STATE, ON), 202)
    problem(south.put(STATE, ON, organization="north"), 404, "not-found")
    problem(south.get(f"rules/{NAME}/switching", organization="north"), 404, "not-found")


def test_who_may_only_look_follows_but_does_not_ask(world: World, north: Program, looker: Program) -> None:
    problem(looker.put(STATE, ON), 403, "forbidden")
    told(north.put(STATE, ON), 202)
    assert told(looker.get(f"rules/{NAME}/switching"))["state"] == "active"
    poster = program(world.north, [Permission.SEE, Permission.POST_ENTRIES])
    problem(poster.put(STATE, {"state": "shadow"}), 403, "forbidden")
