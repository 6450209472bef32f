"""What an item was when it was read: its ETag, and If-Match of whoever writes it."""

from typing import Any, Final
from urllib.parse import quote

import pytest
from django.http import HttpResponse

from ostatok.parties.access import Permission
from ostatok.parties.models import Client, Organization
from tests import faces
from tests.api.program import Program, problem, program, told
from tests.faces import World

pytestmark = pytest.mark.django_db

#: An item of each section, what makes another of it, and what takes that back.
ITEMS: Final[list[tuple[str, dict[str, Any], dict[str, Any]]]] = [
    ("organizations/north", {"phone": "+7 1"}, {"phone": ""}),
    ("services/ad", {"full_name": "Обзвон"}, {"full_name": "Автоматический обзвон должников"}),
    ("groups/vip", {"name": "Другие"}, {"name": "Важные"}),
    ("contacts/boss", {"points": []}, {"points": [{"kind": "email", "address": "boss@north.test"}]}),
    ("users/Look@north.test", {"name": "Инна"}, {"name": "Наталья look"}),
    ("clients/romashka", {"groups": ["vip"]}, {"groups": []}),
    (
        "accounts/100001",
        {"services": [{"code": "ad", "credit_limit": "7"}]},
        {"services": [{"code": "ad", "credit_limit": "0"}]},
    ),
    ("rules/Остаток минут", {"quota": {"cooldown": "1h"}}, {"quota": {"cooldown": None}}),
    ("templates/balance_band/email/ru", {"subject": "Мало"}, {"subject": "Остаётся мало"}),
]
PATHS: Final = [pytest.param(path, other, back, id=path.partition("/")[0]) for path, other, back in ITEMS]


@pytest.fixture(autouse=True)
def _worded(world: World) -> None:
    text = "{{ client_name }}, {{ left }}."
    words = {"organization": "north", "kind": "balance_band", "language": "ru", "subject": "Остаётся мало"}
    faces.describe({"templates": [{**words, "text": text}]})


def write(who: Program, method: str, path: str, tag: str, body: Any = None, **query: Any) -> HttpResponse:
    return who.ask(method, quote(path), body, headers={"If-Match": tag}, query=query)


def tag_of(who: Program, path: str) -> str:
    response = who.get(quote(path))
    told(response)
    return response.headers["ETag"]


@pytest.mark.parametrize(("path", "other", "back"), PATHS)
def test_an_item_is_written_only_as_long_as_it_is_what_was_read(
    north: Program, path: str, other: dict[str, Any], back: dict[str, Any]
) -> None:
    read = tag_of(north, path)
    assert tag_of(north, path) == read
    told(north.put(quote(path), other))
    now = tag_of(north, path)
    assert now != read

    problem(write(north, "PUT", path, read, back), 412, "changed")
    problem(write(north, "PUT", path, read, back, dry_run="true"), 412, "changed")
    problem(write(north, "DELETE", path, read), 412, "changed")
    assert tag_of(north, path) == now

    assert told(write(north, "PUT", path, f'"another", {now}', back))["outcome"] == "changed"
    assert tag_of(north, path) == read


@pytest.mark.parametrize(("path", "_other", "back"), PATHS)
def test_any_of_it_that_is_there_will_do(north: Program, path: str, _other: Any, back: dict[str, Any]) -> None:
    assert told(write(north, "PUT", path, "*", back))["outcome"] == "unchanged"
    missing = f"{path}-not" if "templates" not in path else "templates/balance_below/email/pl"
    problem(write(north, "PUT", missing, "*", back), 412, "changed")
    assert write(north, "DELETE", missing, "*").status_code == 404


def test_what_is_deleted_is_what_was_read(north: Program) -> None:
    told(north.put("clients/new", {"name": "Новый"}), 201)
    assert told(write(north, "DELETE", "clients/new", tag_of(north, "clients/new")))["outcome"] == "deleted"
    problem(write(north, "PUT", "clients/new", '"any"', {"name": "Новый"}), 412, "changed")
    assert not Client.objects.filter(code="new").exists()


@pytest.mark.parametrize("tag", ["", "broken", 'W/"weak"', '"', "*, *"])
def test_what_is_no_strong_tag_stands_for_nothing(north: Program, tag: str) -> None:
    problem(write(north, "PUT", "groups/vip", tag, {"name": "Другие"}), 412, "changed")


def test_a_weak_form_of_the_very_tag_is_not_enough(north: Program) -> None:
    problem(write(north, "PUT", "groups/vip", f"W/{tag_of(north, 'groups/vip')}", {"name": "Другие"}), 412, "changed")


def test_whoever_may_not_see_cannot_say_what_was_read(world: World, north: Program) -> None:
    blind = program(world.north, [Permission.CHANGE_CLIENTS])
    problem(write(blind, "PUT", "groups/vip", tag_of(north, "groups/vip"), {"name": "Другие"}), 403, "forbidden")


def test_of_namesakes_it_is_the_one_that_is_written(world: World) -> None:
    above = program(Organization.objects.get(code="energo"))
    tag = above.get("groups/vip", organization="north").headers["ETag"]
    other = {"name": "Другие"}
    assert told(write(above, "PUT", "groups/vip", tag, other, organization="north"))["outcome"] == "changed"
    problem(write(above, "PUT", "groups/vip", tag, other, organization="south"), 412, "changed")


def test_lists_and_refusals_have_no_tag(north: Program) -> None:
    assert "ETag" not in north.get("clients").headers
    assert "ETag" not in north.get("clients/not").headers
