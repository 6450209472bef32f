"""What narrows a list finds what it should, and nothing of the sibling."""

from datetime import UTC, datetime, timedelta

import pytest

from ostatok import pipeline
from ostatok.ledger.models import Account
from ostatok.parties.access import Role
from ostatok.parties.models import CallNote, Client
from tests.api.program import Program, problem, program, told
from tests.faces import MARKER, World

pytestmark = pytest.mark.django_db


def test_clients_are_found_by_part_of_a_cyrillic_name(north: Program) -> None:
    assert [each["code"] for each in told(north.get("clients", search="РОМАШ"))["items"]] == ["romashka"]
    assert [each["code"] for each in told(north.get("clients", search="7806543210"))["items"]] == ["ric"]
    assert told(north.get("clients", search="ласточка"))["items"] == []
    assert [each["number"] for each in told(north.get("accounts", search="100002"))["items"]] == ["100002"]


def test_clients_and_who_runs_out_are_filtered_by_manager(world: World, north: Program, south: Program) -> None:
    told(north.put("clients/romashka", {"manager": "clerk@north.test"}))
    browser = Program(browser=world.member(Role.CLERK))
    for asked in (north.get("clients", manager="Clerk@north.test"), browser.get("clients", manager="me")):
        assert [(each["code"], each["manager"]) for each in told(asked)["items"]] == [("romashka", "clerk@north.test")]
    assert told(browser.get("run-out", manager="me"))["items"] == []
    pipeline.refresh_outlook(now=datetime.now(UTC))
    assert {each["client"] for each in told(browser.get("run-out", manager="me"))["items"]} == {"romashka"}
    assert told(north.get("run-out", manager="look@north.test"))["items"] == []
    for path in ("clients", "run-out"):
        problem(south.get(path, manager="clerk@north.test"), 404, "not-found")
        problem(north.get(path, manager="me"), 422, "invalid")


def test_a_manager_out_of_reach_is_neither_told_nor_taken(world: World, north: Program, south: Program) -> None:
    Client.objects.filter(code="romashka").update(manager=world.staff["energo", Role.CLERK])
    assert told(north.get("clients/romashka"))["manager"] is None
    assert told(program(world.organizations["energo"]).get("clients/romashka"))["manager"] == "clerk@energo.test"
    wrong = problem(north.put("clients/romashka", {"manager": "clerk@south.test"}), 422, "invalid")
    assert "unknown user" in str(wrong)
    assert MARKER not in str(wrong)


def test_a_search_says_when_more_fits_than_it_tells(north: Program, world: World) -> None:
    owner = world.clients["romashka"]
    Account.objects.bulk_create(
        Account(organization=world.north, number=f"G{n:05}", client=owner, address="Гараж") for n in range(1_000)
    )
    for path in ("accounts", "clients"):
        assert told(north.get(path, search="гараж"))["cut"] is True
        assert told(north.get(path, search="гараж ромашка"))["cut"] is False
        assert told(north.get(path))["cut"] is False
    assert told(north.get("accounts", client="romashka"))["cut"] is False


def test_clients_are_filtered(north: Program) -> None:
    assert [each["code"] for each in told(north.get("clients", group="vip"))["items"]] == ["tszh"]
    assert [each["code"] for each in told(north.get("clients", tax_id="7812345678"))["items"]] == ["romashka"]
    assert told(north.get("clients", status="closed"))["items"] == []
    assert told(north.get("clients", tag="none"))["items"] == []
    found = told(north.get("accounts", client="ric", status="open", billing="prepaid"))["items"]
    assert [each["number"] for each in found] == ["100002"]


def test_people_and_rules_are_found_by_part_of_a_name(north: Program, south: Program) -> None:
    found = told(north.get("users", search="НАТАЛЬЯ AUD"))["items"]
    assert [each["email"] for each in found] == ["auditor@north.test"]
    assert len(told(north.get("users", search="@north.test"))["items"]) == len(Role)
    assert [each["code"] for each in told(north.get("contacts", search="белосельская"))["items"]] == ["boss"]
    assert [each["name"] for each in told(north.get("rules", search="остат"))["items"]] == ["Остаток минут"]
    assert [each["name"] for each in told(north.get("rules", search="appps"))["items"]] == ["Остаток минут"]
    for name in ("users", "contacts", "rules"):
        assert told(north.get(name, search="нет такого"))["items"] == []
        assert told(north.get(name, search=MARKER))["items"] == []
        assert told(south.get(name, search=MARKER))["items"]


def test_who_runs_out_is_narrowed_by_what_came_of_a_call(north: Program) -> None:
    pipeline.refresh_outlook(now=datetime.now(UTC))

    def clients(called: str) -> set[str]:
        return {each["client"] for each in told(north.get("run-out", called=called))["items"]}

    assert {"romashka", "ric"} <= clients("no")
    told(north.post("clients/romashka/notes", {"kind": "promised", "promised_until": "2030-01-01"}), 201)
    assert clients("promised") == {"romashka"}
    assert clients("called") == set()
    assert "romashka" not in clients("no")
    problem(north.get("run-out", called="yes"), 422, "invalid")


def test_a_promise_of_last_year_is_neither_told_nor_taken_for_a_call(world: World, north: Program) -> None:
    moment = datetime.now(UTC)
    pipeline.refresh_outlook(now=moment)
    CallNote.objects.create(
        organization=world.north, client=world.clients["romashka"], kind="promised", at=moment - timedelta(days=365)
    )
    lines = [each for each in told(north.get("run-out", called="no"))["items"] if each["client"] == "romashka"]
    assert lines
    assert {(each["note"], each["noted_at"], each["promised_until"]) for each in lines} == {(None, None, None)}
