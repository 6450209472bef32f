"""What is described by a PUT is told by a GET, gone after a DELETE, and never an outsider's."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest

from ostatok.parties.access import Permission
from ostatok.parties.models import AuditRecord
from tests.api.program import Program, problem, program, told
from tests.faces import MARKER, World

pytestmark = pytest.mark.django_db

RULE = "rules/Меньше/50"  # names and codes may hold a slash
#: A path, what is put there, and what it takes to put it.
ITEMS: Mapping[str, tuple[dict[str, Any], Permission]] = {
    "organizations/north-2": (
        {"parent": "north", "name": "Участок", "timezone": "Asia/Almaty", "language": "kk"},
        Permission.CHANGE_ORGANIZATIONS,
    ),
    "services/gas": ({"name": "Газ", "unit": "kWh", "rearm_from": "1.5"}, Permission.CHANGE_SERVICES),
    "groups/большие": ({"name": "Большие"}, Permission.CHANGE_CLIENTS),
    "contacts/duty": (
        {"name": "Дежурный", "points": [{"kind": "email", "address": "duty@north.test", "label": "work"}]},
        Permission.CHANGE_CONTACTS,
    ),
    "users/new@north.test": (
        {"name": "Новый", "roles": [{"organization": "north", "role": "look"}]},
        Permission.CHANGE_USERS,
    ),
    "clients/c/1": (
        {
            "name": "ООО «Слеш»",
            "tax_id": "0771",
            "tags": ["a", "b"],
            "groups": ["vip"],
            "status": "suspended",
            "manager": "clerk@north.test",
        },
        Permission.CHANGE_CLIENTS,
    ),
    "accounts/100/9": (
        {"client": "romashka", "services": [{"code": "ad", "credit_limit": "10", "held": "0", "package": None}]},
        Permission.CHANGE_CLIENTS,
    ),
    RULE: (
        {
            "trigger": {"kind": "balance_below", "amount": "50", "unit": "min"},
            "audience": {"service": ["ad"], "not": {"group": ["vip"]}},
            "recipients": [{"to": "x@y.test", "channel": "email"}, {"to": "client", "channel": "email"}],
            "quota": {"max_qty": 3, "period": "24h", "hysteresis": "5"},
            "state": "inactive",
        },
        Permission.CHANGE_RULES,
    ),
    "rules/Неделя": (
        {
            "trigger": {"kind": "forecast_below", "days": 7, "unit": "KZT"},
            "recipients": [{"to": "client", "channel": "email"}],
            "quota": {"hysteresis": "2"},
            "state": "inactive",
        },
        Permission.CHANGE_RULES,
    ),
    "templates/balance_band/email/ru": (
        {"subject": "Осталось", "text": "{{ client_name }}\n"},
        Permission.CHANGE_TEMPLATES,
    ),
}
PATHS = list(ITEMS)


def contains(whole: Any, part: Any) -> bool:
    """Whether all of `part` is in `whole`, whatever else is."""
    if isinstance(part, dict):
        return all(contains(whole[name], value) for name, value in part.items())
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(contains, whole, part))
    return bool(whole == part)


def at(path: str) -> str:
    """The path as it goes over the wire."""
    head, _, rest = path.partition("/")
    return f"{head}/{rest if head == 'templates' else quote(rest, safe='')}"


@pytest.mark.parametrize("path", PATHS)
def test_what_was_put_is_told_and_put_again_changes_nothing(north: Program, path: str) -> None:
    body = ITEMS[path][0]
    assert told(north.put(at(path), body), 201)["outcome"] == "created"
    stored = told(north.get(at(path)))
    assert contains(stored, body), json.dumps(stored, ensure_ascii=False)
    assert told(north.put(at(path), body), 200)["outcome"] == "unchanged"
    assert told(north.put(at(path), _without_nulls(stored)), 200)["outcome"] == "unchanged"


def _without_nulls(value: Any) -> Any:
    """A trigger of one kind has no fields of another."""
    if not isinstance(value, dict):
        return value
    return {name: _without_nulls(each) for name, each in value.items() if each not in (None, [], {})}


@pytest.mark.parametrize("path", PATHS)
def test_a_dry_run_leaves_nothing_behind(north: Program, path: str) -> None:
    answer = told(north.put(at(path), ITEMS[path][0], dry_run="true"), 201)
    assert (answer["outcome"], answer["dry_run"]) == ("created", True)
    problem(north.get(at(path)), 404, "not-found")


@pytest.mark.parametrize("path", PATHS)
def test_what_was_deleted_is_gone(north: Program, path: str) -> None:
    told(north.put(at(path), ITEMS[path][0]), 201)
    assert told(north.delete(at(path), dry_run="true"))["outcome"] == "deleted"
    assert told(north.delete(at(path)))["outcome"] == "deleted"
    problem(north.get(at(path)), 404, "not-found")
    problem(north.delete(at(path)), 404, "not-found")


@pytest.mark.parametrize("path", PATHS)
def test_an_outsider_finds_nothing_there(north: Program, south: Program, path: str) -> None:
    told(north.put(at(path), ITEMS[path][0]), 201)
    problem(south.get(at(path)), 404, "not-found")
    problem(south.delete(at(path)), 404, "not-found")
    if not path.startswith(("users", "organizations")):
        problem(south.get(at(path), organization="north"), 404, "not-found")
        problem(south.put(at(path), ITEMS[path][0], organization="north"), 404, "not-found")
    assert told(north.put(at(path), ITEMS[path][0]), 200)["outcome"] == "unchanged"


@pytest.mark.parametrize("path", PATHS)
def test_a_write_takes_its_permission(world: World, north: Program, looker: Program, path: str) -> None:
    body, permission = ITEMS[path]
    assert problem(looker.put(at(path), body), 403, "forbidden")["permission"] == permission
    writer = program(world.north, [Permission.SEE, permission])
    told(writer.put(at(path), body), 201)
    assert problem(looker.delete(at(path)), 403, "forbidden")["permission"] == permission
    problem(Program().put(at(path), body), 401, "unauthenticated")
    problem(Program().delete(at(path)), 401, "unauthenticated")


LISTS = ["organizations", "services", "groups", "contacts", "users", "clients", "accounts", "rules"]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_told_page_by_page_and_holds_nothing_of_the_sibling(north: Program, name: str) -> None:
    whole = told(north.get(name, limit=500))
    assert whole["next"] is None
    assert whole["items"]
    assert MARKER not in str(whole)
    pieces, cursor = [], None
    while True:
        page = told(north.get(name, limit=2, **({"cursor": cursor} if cursor else {})))
        pieces += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert pieces == whole["items"]


@pytest.mark.parametrize(
    "name", [*LISTS, "templates", "notices", "deliveries", "audit", "keys", "invitations", "imports"]
)
def test_lists_ask_for_who_and_for_a_cursor_of_their_own(north: Program, name: str) -> None:
    problem(Program().get(name), 401, "unauthenticated")
    problem(north.get(name, cursor="x"), 400, "broken-cursor")
    problem(north.get(name, limit=0), 422, "invalid")
    problem(north.get(name, organization="south"), 404, "not-found")
    assert told(north.get(name, organization="north"))["next"] is None


def test_a_cursor_of_another_list_is_broken(north: Program) -> None:
    cursor = told(north.get("users", limit=1))["next"]
    problem(north.get("clients", cursor=cursor), 400, "broken-cursor")


def test_a_number_that_several_organizations_have_is_ambiguous(world: World) -> None:
    root = program(world.organizations["energo"])
    body = problem(root.get("services/ad"), 409, "ambiguous")
    assert body["choices"] == ["north", "south"]
    assert told(root.get("services/ad", organization="south"))["organization"] == "south"
    problem(root.delete("services/ad"), 409, "ambiguous")


def test_choices_are_only_those_within_reach(north: Program) -> None:
    assert told(north.get("services/ad"))["organization"] == "north"


def test_a_member_of_several_organizations_says_where(world: World) -> None:
    told(program(world.organizations["energo"]).put("groups/new", {"name": "x"}, organization="south"), 201)
    root = program(world.organizations["energo"])
    told(root.put("groups/new", {"name": "x"}), 201)
    assert told(root.get("groups/new", organization="energo"))["organization"] == "energo"


def test_each_thing_that_is_wrong_is_told_with_its_place(north: Program) -> None:
    body = {
        "trigger": {"kind": "balance_below", "amount": "x", "unit": "min"},
        "recipients": [{"to": "nobody"}],
        "a": 1,
    }
    wrong = problem(north.put("rules/new", body), 422, "invalid")["errors"]
    assert {each["place"] for each in wrong} == {"body.trigger.amount", "body.recipients[0].to", "body.a"}
    missing = problem(north.put("services/new", {"name": "x"}), 422, "invalid")["errors"]
    assert [each["place"] for each in missing] == ["body.unit"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ({"code": "other"}, "invalid", 422),
        ({"state": "deleted"}, "invalid", 422),
        ([], "malformed", 400),
        ("text", "malformed", 400),
    ],
)
def test_a_body_does_not_contradict_its_address(north: Program, body: Any, kind: str, status: int) -> None:
    problem(north.put("groups/new", body), status, kind)


@pytest.mark.parametrize(
    ("body", "status"),
    [('{"name": "\\ud800"}', 400), ('{"name": NaN}', 400), ("{", 400), (b"\xff", 400), ('{"name": "\\u0000"}', 422)],
)
def test_a_body_that_nothing_could_keep_is_refused(north: Program, body: str | bytes, status: int) -> None:
    data = body if isinstance(body, bytes) else body.encode()
    headers = {"Authorization": f"Bearer {north.text}"}
    response = north.browser.put("/api/v1/groups/new", data, content_type="application/json", headers=headers)
    assert response.status_code == status, response.content
    response = north.browser.put("/api/v1/groups/new", data, content_type="text/yaml", headers=headers)
    assert response.status_code == 415


def test_a_large_body_is_refused(north: Program) -> None:
    problem(north.put("groups/new", {"name": "x" * 1024 * 1024}), 413, "too-large")


def test_an_address_that_no_code_could_be_is_refused(north: Program) -> None:
    problem(north.get("clients/%00"), 422, "invalid")
    problem(north.get("clients/" + "x" * 65), 422, "invalid")
    problem(north.get("clients", search="\n"), 422, "invalid")


def test_who_is_above_is_not_told_where_it_is_out_of_reach(world: World, north: Program) -> None:
    assert told(north.get("organizations/north"))["parent"] is None
    assert told(program(world.organizations["energo"]).get("organizations/north"))["parent"] == "energo"
    assert told(north.put("organizations/north", {"parent": None, "phone": "1"}))["outcome"] == "changed"
    world.north.refresh_from_db()
    assert world.north.parent == world.organizations["energo"]


def test_a_code_taken_out_of_reach_is_not_given_away(world: World, north: Program) -> None:
    answer = problem(north.put("organizations/south", {"parent": "north", "name": "x"}), 422, "invalid")
    assert MARKER not in str(answer)


def test_writes_are_audited_under_the_name_of_the_key(world: World, north: Program) -> None:
    told(north.put("groups/new", {"name": "x"}), 201)
    record = AuditRecord.objects.get(action="group.created", subject__endswith="new")
    assert (record.actor, record.origin) == (str(north.key), "127.0.0.1")
    acts = told(north.get("audit", action="group", actor=str(north.key)))["items"]
    assert [act["action"] for act in acts] == ["group.created"]
    assert told(north.get("audit", action="group.changed", actor=str(north.key)))["items"] == []
