"""The audit is found by who, what, when and where, by those who may; taking it away is recorded too."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import translation
from pydantic import BaseModel

from ostatok.console.audit import words
from ostatok.intake.description.schema import Description
from ostatok.parties import actions, audit, finding_audit, wall
from ostatok.parties.access import Member, Role, System
from ostatok.parties.finding_audit import Wanted
from ostatok.parties.models import AuditRecord
from tests import faces

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world: faces.World) -> faces.World:
    changes = {"name": ("=cmd", "x")}
    audit.record(System(name="анна"), "rule.changed", "rule north/Остаток", world.north, changes, "10.0.0.7", faces.NOW)
    audit.record(System(name="boris"), "client.changed", "client north/c1", world.north, {}, "10.0.0.8", faces.NOW)
    audit.record(System(name=faces.MARKER), "rule.changed", "rule south/x", world.south, {}, "10.0.0.9", faces.NOW)
    return world


def page(browser: Browser, name: str = "audit", **query: Any) -> str:
    response = browser.get(reverse(f"console:{name}"), query)
    assert response.status_code == 200
    return b"".join(response).decode() if response.streaming else response.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"actor_is": "АНН"},
        {"actor_is": "ан", "subject": "ТОК"},
        {"thing": "rule", "subject": "остаток"},
        {"origin": "10.0.0.7"},
        {"actor_is": "анна", "thing": "rule", "subject": "rule north/", "origin": "10.0.0.7", "since": "2020-01-01"},
    ],
)
def test_records_are_found(world: faces.World, query: dict[str, str]) -> None:
    text = page(world.member(Role.AUDITOR), **query)
    assert "north/Остаток" in text
    assert "north/c1" not in text


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"state": ["inactive", "active"]}, [("state", "off → on")]),
        ({"state": ["dead", "waiting"]}, [("state", "not sent → waiting")]),
        ({"bands": [[], [["20.000000", "10.000000"], ["10.500000", None]]]}, [("bands", "20–10, 10.5–0")]),
        ({"bands": [[], [["20.000000", "10.000000"]]]}, [("bands", "20–10")]),
        ({"recipients": [["client email"], []]}, [("recipients", "the client by e-mail → —")]),
        ({"kind": [None, "balance_band"]}, [("kind", "What is left falls to a share of the last top-up")]),
        ({"kind": [None, "top-up"]}, [("kind", "top-up")]),
        ({"language": ["ru", "kk"]}, [("language", "Русский → Қазақша")]),
        ({"role in north": [None, "clerk"]}, [("role in north", "clerk")]),
        ({"address": [None, "active"]}, [("address", "active")]),
        (
            {"switched_on_at": [None, "2026-11-26 05:56:52.286561+00:00"]},
            [("switched on at", "26\u00a0November 2026, 05:56")],
        ),
        ({"max_qty": [3, None]}, [("max qty", "3 → —")]),
        ({"audience": [None, {"service": ["ad"]}]}, [("audience", "service: ad")]),
    ],
)
def test_changes_are_told_without_brackets(written: dict[str, Any], said: list[tuple[str, str]]) -> None:
    assert words.changes(written) == said


def test_every_action_has_words_in_every_language() -> None:
    assert set(words.THINGS) == set(actions.DEEDS)
    assert set(words.DEEDS) == {deed for deeds in actions.DEEDS.values() for deed in deeds}
    for language in ("ru", "kk"):
        with translation.override(language):
            for action in actions.ALL:
                assert re.fullmatch(r".*[а-я].*: .*[а-я].*", words.deed(action)), (language, action)


@pytest.mark.parametrize("thing", sorted(actions.DEEDS))
def test_every_thing_can_be_looked_for(world: faces.World, thing: str) -> None:
    audit.record(System(name="vera"), f"{thing}.{actions.DEEDS[thing][0]}", "it-is", world.north, {}, "", faces.NOW)
    browser = world.member(Role.AUDITOR)
    assert f'<option value="{thing}">{words.THINGS[thing]}</option>' in page(browser)
    assert "it-is" in page(browser, thing=thing)


@pytest.mark.parametrize(("language", "said"), [("ru", "состояние"), ("pl", "stan"), ("kk", "күйі"), ("en", "state")])
def test_fields_are_called_in_the_readers_language(language: str, said: str) -> None:
    with translation.override(language):
        [(state, _), (limits, inner), (role, _)] = words.changes(
            {"state": ["off", "on"], "ad": [{}, {"credit_limit": "5"}], "role in north": [None, "look"]}
        )
    assert state == said
    assert limits == "ad"
    assert ("credit limit" in inner) is (language == "en")
    assert "north" in role


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"state": [None, "active"]}, "включено"),
        ({"kind": [None, "charge"]}, "списание"),
        ({"role in north": [None, "owner"]}, "владелец"),
        ({"billing": [None, "prepaid"]}, "предоплата"),
    ],
)
def test_values_are_told_in_the_readers_language(written: dict[str, Any], said: str) -> None:
    with translation.override("ru"):
        [(_, told)] = words.changes(written)
    assert told == said


def test_every_field_that_can_be_described_has_a_name() -> None:
    assert described() - words.FIELDS.keys() - set(Description.model_fields) - TOLD_OTHERWISE == set()


#: Of these a record tells the parts, or another name.
TOLD_OTHERWISE = {"to", "contact", "user", "roles", "quota", "notify_now"}


def described(model: type[BaseModel] = Description) -> set[str]:
    """The names of all fields of a description, its parts' too."""
    names = {field.alias or name for name, field in model.model_fields.items()}
    parts = [part for field in model.model_fields.values() for part in models_in(field.annotation)]
    return names.union(*(described(part) for part in parts))


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


def test_ids_are_told_as_codes(world: faces.World) -> None:
    faces.describe({"accounts": [{"organization": "north", "number": "100001", "client": "ric"}]})
    moved = AuditRecord.objects.filter(action="account.changed", subject="account north/100001").latest("pk")
    assert moved.changes == {"client": ["romashka", "ric"]}


def test_the_page_says_once_what_kind_of_thing_it_is(world: faces.World) -> None:
    text = page(world.member(Role.AUDITOR), subject="rule north/остаток")
    assert "<small>north/Остаток · " in text
    assert words.subject("data.seen", "delivery 7") == "delivery 7"


@pytest.mark.parametrize("written", ["%", "_", "анна%", "' or true --", "\\"])
def test_what_is_written_is_looked_for_as_it_is_written(world: faces.World, written: str) -> None:
    assert "north/Остаток" not in page(world.member(Role.AUDITOR), actor_is=written)


def test_pages_of_records_follow_each_other_both_ways(world: faces.World) -> None:
    auditor = Member(user_id=1, name="auditor", roles={world.north.pk: Role.AUDITOR})
    for number in range(5):
        audit.record(System(), "group.changed", f"group {number}", world.north, {}, "", faces.NOW)
    wanted = Wanted(thing="group", subject="group")
    with wall.raised_for(auditor):
        first = finding_audit.records(auditor, wanted, size=2)
        key = (str(first.items[-1].at), first.items[-1].pk)
        second = finding_audit.records(auditor, wanted, after=key, size=2)
        back = finding_audit.records(auditor, wanted, before=(second.items[0].at, second.items[0].pk), size=2)
    assert [row.subject for row in (*first.items, *second.items)] == [f"group {number}" for number in (4, 3, 2, 1)]
    assert (first.more, second.more, back.more) == (True, True, False)
    assert back.items == first.items


def test_the_wall_holds_where_the_door_was_forgotten(world: faces.World) -> None:
    auditor = Member(user_id=1, name="auditor", roles={world.north.pk: Role.AUDITOR})
    with wall.raised_for(auditor):
        found = finding_audit.records(System(), Wanted(subject="rule"), size=500)
    assert {row.organization for row in found.items} == {world.north}


def test_days_narrow(world: faces.World) -> None:
    assert "north/Остаток" not in page(world.member(Role.AUDITOR), until="2020-01-01")


def test_a_siblings_records_are_not_there(world: faces.World) -> None:
    browser = world.member(Role.OWNER)
    assert faces.MARKER not in page(browser)
    assert faces.MARKER not in page(browser, actor_is=faces.MARKER).replace(f'value="{faces.MARKER}"', "")
    assert faces.MARKER not in page(browser, "export_audit")
    assert "rule south/x" not in page(browser, organization=world.south.pk)


def test_the_file_has_no_formulas_and_is_recorded(world: faces.World) -> None:
    text = page(world.member(Role.AUDITOR), "export_audit", thing="rule")
    assert "rule north/Остаток" in text
    assert "client north/c1" not in text
    assert AuditRecord.objects.filter(action="data.exported", subject="audit", organization=world.north).exists()


@pytest.mark.parametrize("role", [Role.LOOK, Role.CLERK, Role.SERVICE_ADMINISTRATOR])
def test_who_may_not_see_the_audit_is_told_so(world: faces.World, role: Role) -> None:
    for name in ("audit", "export_audit"):
        assert world.member(role).get(reverse(f"console:{name}")).status_code == 403


def test_nobody_is_asked_to_sign_in(world: faces.World) -> None:
    assert Browser().get(reverse("console:audit")).status_code == 302


def test_the_list_takes_a_fixed_number_of_queries(world: faces.World, django_assert_max_num_queries: Any) -> None:
    browser = world.member(Role.AUDITOR)
    page(browser)
    with django_assert_max_num_queries(14):
        page(browser)
