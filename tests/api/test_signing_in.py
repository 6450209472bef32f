"""Who may come in: programs with a valid key, staff with a session, nobody else."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client as Browser

from ostatok.api import rates
from ostatok.parties import api_keys
from ostatok.parties.access import Permission, Role, System
from tests import faces
from tests.api.program import PREFIX, Program, problem, program, told
from tests.faces import World

pytestmark = pytest.mark.django_db

BODY = {"name": "Новая"}


def test_nobody_is_asked_to_say_who_it_is(world: World) -> None:
    response = Program().get("clients")
    problem(response, 401, "unauthenticated")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("text", ["ost_000000000000_secret", "ost_x", "x", "ost_%00_%00", "ost__"])
def test_a_key_that_was_never_issued_opens_nothing(world: World, text: str) -> None:
    problem(Program(text=text).get("clients"), 401, "unauthenticated")


def test_a_revoked_key_opens_nothing(north: Program) -> None:
    assert north.key is not None
    api_keys.revoke(System(), north.key, origin="test", now=faces.NOW)
    problem(north.get("clients"), 401, "unauthenticated")


def test_an_expired_key_opens_nothing(world: World) -> None:
    then = faces.NOW - timedelta(days=30)
    expired = program(world.north, now=then, expires_at=then + timedelta(days=1))
    problem(expired.get("clients"), 401, "unauthenticated")


def test_a_bad_key_is_not_helped_by_a_good_session(world: World) -> None:
    browser = world.member(Role.OWNER)
    problem(Program(text="ost_000000000000_secret", browser=browser).get("clients"), 401, "unauthenticated")


def test_a_session_is_nothing_beside_another_way_of_signing_in(world: World) -> None:
    browser = world.member(Role.OWNER)
    answer = browser.get(f"{PREFIX}clients", headers={"Authorization": "Basic eDp5"})
    assert answer.status_code == 401


def test_a_member_of_staff_without_a_second_factor_is_told_so(world: World) -> None:
    Authenticator.objects.all().delete()
    problem(Program(browser=world.member(Role.CLERK)).get("clients"), 403, "second-factor")


def test_a_member_of_staff_reads_with_a_session(world: World) -> None:
    assert told(Program(browser=world.member(Role.CLERK)).get("clients"))["items"]


def test_a_customer_is_nobody_here(world: World) -> None:
    problem(Program(browser=faces.signed_in(world.customer)).get("clients"), 401, "unauthenticated")


def test_a_session_changes_nothing_without_the_token(world: World) -> None:
    browser = world.member(Role.OWNER)
    browser.handler.enforce_csrf_checks = True
    problem(Program(browser=browser).put("groups/new", BODY, organization="north"), 403, "csrf")
    refused = browser.post(f"{PREFIX}entries", "[]", content_type="application/json")
    assert refused.status_code == 403


def test_a_session_with_the_token_changes_what_its_role_may(world: World) -> None:
    browser = world.member(Role.OWNER)
    browser.handler.enforce_csrf_checks = True
    browser.cookies["csrftoken"] = "a" * 32
    headers = {"X-CSRFToken": "a" * 32}
    response = browser.put(f"{PREFIX}groups/new", BODY, content_type="application/json", headers=headers)
    assert response.status_code == 201, response.content


def test_a_key_that_may_only_look_is_told_what_it_lacks(looker: Program) -> None:
    body = problem(looker.put("groups/new", BODY), 403, "forbidden")
    assert body["permission"] == Permission.CHANGE_CLIENTS


def test_a_key_that_may_not_look_is_told_so(world: World) -> None:
    poster = program(world.north, [Permission.POST_ENTRIES])
    assert problem(poster.get("clients"), 403, "forbidden")["permission"] == Permission.SEE


def test_who_asks_too_often_has_to_wait(north: Program) -> None:
    assert north.key is not None
    who, later = f"key {north.key.pk}", 1e12
    while not rates.REQUESTS.take(who, at=later):
        pass
    response = north.get("clients")
    problem(response, 429, "too-many-requests")
    assert int(response.headers["Retry-After"]) >= 1


def test_buckets_fill_up_again() -> None:
    buckets = rates.Buckets(rate=10, burst=2)
    assert [buckets.take("a", at=0) for _ in range(3)] == [0, 0, 1]
    assert buckets.take("b", at=0) == 0
    assert [buckets.take("a", at=0.1) for _ in range(2)] == [0, 1]
    assert [buckets.take("a", at=100) for _ in range(3)] == [0, 0, 1]


def test_what_is_not_there_and_what_cannot_be_done_are_problems_too(north: Program) -> None:
    problem(north.get("nothing-here"), 404, "not-found")
    browser = Browser(enforce_csrf_checks=True)
    problem(Program(text=north.text, browser=browser).post("nothing-here"), 404, "not-found")
    response = north.post("clients")
    problem(response, 405, "method-not-allowed")
    assert response.headers["Allow"] == "GET"
    problem(north.get("entries"), 405, "method-not-allowed")


def test_a_parameter_that_nothing_reads_is_refused(north: Program) -> None:
    body = problem(north.get("clients", stauts="active"), 422, "invalid")
    assert body["errors"][0]["place"] == "query.stauts"
