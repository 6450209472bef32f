"""The run-out list by mail through the API."""

import pytest

from ostatok.notices.models import RunOutSubscription
from ostatok.parties.access import Permission, Role
from tests.api.program import Program, problem, program, told
from tests.faces import MARKER, World

pytestmark = pytest.mark.django_db
PATH = "run-out-mail/clerk@north.test"


def test_it_is_ordered_for_a_user_told_changed_and_stopped(north: Program, south: Program) -> None:
    ordered = told(north.put(PATH, {"at": "08:00", "days": "every", "whose": "mine"}))
    assert ordered == {
        "organization": "north",
        "user": "clerk@north.test",
        "at": "08:00",
        "days": "every",
        "whose": "mine",
    }
    assert told(north.get("run-out-mail"))["items"] == [ordered]
    assert told(north.put(PATH, {"at": "09:15"})) == {**ordered, "at": "09:15", "days": "working", "whose": "all"}
    assert told(south.get("run-out-mail"))["items"] == []
    problem(south.delete(PATH), 404, "not-found")
    assert told(north.delete(PATH))["user"] == "clerk@north.test"
    problem(north.delete(PATH), 404, "not-found")


def test_only_for_oneself_without_the_right_to_change_users(world: World, north: Program, south: Program) -> None:
    clerk = Program(browser=world.member(Role.CLERK))
    assert told(clerk.put(PATH, {"at": "08:00"}))["user"] == "clerk@north.test"
    problem(clerk.put("run-out-mail/look@north.test", {"at": "08:00"}), 403, "forbidden")
    told(north.put("run-out-mail/look@north.test", {"at": "08:00"}))
    assert [each["user"] for each in told(clerk.get("run-out-mail"))["items"]] == ["clerk@north.test"]
    problem(clerk.delete("run-out-mail/look@north.test"), 404, "not-found")
    looking = program(world.north, [Permission.SEE])
    assert told(looking.get("run-out-mail"))["items"] == []
    problem(looking.put(PATH, {"at": "08:00"}), 403, "forbidden")
    problem(south.put(PATH, {"at": "08:00"}), 404, "not-found")
    assert RunOutSubscription.objects.count() == 2


def test_it_goes_to_nobody_without_a_role_there(world: World) -> None:
    root = program(world.organizations["energo"])
    answer = problem(root.put(PATH, {"at": "08:00"}, organization="south"), 422, "invalid")
    assert "a role in the organization" in str(answer)
    problem(root.put(PATH, {"at": "25:00"}, organization="north"), 422, "invalid")
    assert told(root.put("run-out-mail/owner@energo.test", {"at": "08:00"}, organization="north"))["organization"] == (
        "north"
    )
    assert MARKER not in str(told(program(world.north).get("run-out-mail")))
