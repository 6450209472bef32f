"""Keys, invitations, imports, the audit: who may do what with them."""

from datetime import timedelta
from typing import Any

import pytest

from ostatok.intake.models import Import, ImportRefusal
from ostatok.parties.access import PERMISSIONS, Permission, Role
from ostatok.parties.models import ApiKey, ClientUser, Invitation, Membership, User
from tests import faces
from tests.api.program import Program, problem, program, told
from tests.faces import World

pytestmark = pytest.mark.django_db

LATER = (faces.NOW + timedelta(days=90)).isoformat()
KEY = {"name": "reports", "permissions": ["see", "export"], "expires_at": LATER}
CSV = "account,service,kind,amount,occurred_at,ref\n100001,ad,charge,1,2026-11-21T12:00:00Z,r1\n"


def test_a_key_says_who_it_is_and_what_it_may_do(world: World, looker: Program) -> None:
    me = told(looker.get("me"))
    assert me["kind"] == "key"
    assert me["reach"] == [{"organization": "north", "role": None, "permissions": ["see"]}]
    member = told(Program(browser=world.member(Role.CLERK)).get("me"))
    assert (member["kind"], member["name"]) == ("member", "clerk@north.test")
    assert set(member["reach"][0]["permissions"]) == set(PERMISSIONS[Role.CLERK])


def test_a_key_is_issued_works_and_is_told_only_once(north: Program) -> None:
    issued = told(north.post("keys", KEY), 201)
    assert told(Program(text=issued["text"]).get("clients"))["items"]
    listed = told(north.get("keys"))
    assert issued["prefix"] in {each["prefix"] for each in listed["items"]}
    assert issued["text"] not in str(listed)
    assert ApiKey.objects.get(prefix=issued["prefix"]).digest not in str(listed)


def test_a_key_is_revoked_at_once_and_again_without_effect(north: Program, south: Program) -> None:
    issued = told(north.post("keys", KEY), 201)
    problem(south.delete(f"keys/{issued['prefix']}"), 404, "not-found")
    revoked = told(north.delete(f"keys/{issued['prefix']}"))
    assert (revoked["valid"], revoked["revoked_at"] is None) == (False, False)
    assert told(north.delete(f"keys/{issued['prefix']}"))["valid"] is False
    problem(Program(text=issued["text"]).get("clients"), 401, "unauthenticated")
    problem(north.delete("keys/000000000000"), 404, "not-found")


def test_keys_are_issued_by_whoever_may_change_users_and_give_no_more_than_their_own(world: World) -> None:
    clerk = program(world.north, PERMISSIONS[Role.CLERK])
    assert problem(clerk.post("keys", KEY), 403, "forbidden")["permission"] == Permission.CHANGE_USERS
    assert problem(clerk.get("keys"), 403, "forbidden")["permission"] == Permission.SEE_AUDIT
    narrow = program(world.north, [Permission.SEE, Permission.CHANGE_USERS])
    problem(narrow.post("keys", KEY), 422, "invalid")
    told(narrow.post("keys", {**KEY, "permissions": ["see"]}), 201)


@pytest.mark.parametrize(
    "change",
    [{"permissions": []}, {"permissions": ["fly"]}, {"name": ""}, {"expires_at": "2020-01-01T00:00:00Z"}, {"a": 1}],
)
def test_a_key_that_makes_no_sense_is_not_issued(north: Program, change: dict[str, Any]) -> None:
    problem(north.post("keys", {**KEY, **change}), 422, "invalid")


def test_staff_and_clients_are_invited_and_invitations_taken_back(north: Program, south: Program) -> None:
    staff = told(north.post("invitations", {"email": "ivan@north.test", "role": "clerk"}), 201)
    client = told(north.post("invitations", {"email": "anna@x.test", "client": "ric"}), 201)
    assert (staff["role"], staff["client"], client["role"], client["client"]) == ("clerk", None, None, "ric")
    listed = told(north.get("invitations"))["items"]
    assert {each["email"] for each in listed} == {"ivan@north.test", "anna@x.test"}
    assert Invitation.objects.get(pk=staff["id"]).digest not in str(listed)
    problem(south.delete(f"invitations/{staff['id']}"), 404, "not-found")
    assert told(north.delete(f"invitations/{staff['id']}"))["state"] == "revoked"


def test_invitations_give_no_more_than_their_writer_has(world: World, north: Program) -> None:
    clerk = program(world.north, PERMISSIONS[Role.CLERK])
    to_role = {"email": "ivan@north.test", "role": "owner"}
    assert problem(clerk.post("invitations", to_role), 403, "forbidden")["permission"] == Permission.CHANGE_USERS
    told(clerk.post("invitations", {"email": "anna@x.test", "client": "ric"}), 201)
    problem(north.post("invitations", {"email": "x@y.test"}), 422, "invalid")
    problem(north.post("invitations", {"email": "nobody", "role": "look"}), 422, "invalid")
    problem(north.post("invitations", {"email": "x@y.test", "client": "lastochka-ric"}), 404, "not-found")


def test_a_file_is_handed_over_followed_and_cancelled(world: World, north: Program, south: Program) -> None:
    new = told(north.send("imports", CSV, "text/csv", kind="entries", file_name="ноябрь.csv"), 202)
    assert (new["state"], new["file_name"], new["size"]) == ("waiting", "ноябрь.csv", len(CSV))
    assert told(north.get(f"imports/{new['id']}"))["created_by"] == str(north.key)
    for path in ("", "/refusals"):
        problem(south.get(f"imports/{new['id']}{path}"), 404, "not-found")
    problem(south.post(f"imports/{new['id']}/cancel"), 404, "not-found")
    assert told(north.post(f"imports/{new['id']}/cancel"))["state"] == "cancelled"


def test_refused_rows_are_told_with_their_cells(world: World, north: Program) -> None:
    one = Import.objects.create(organization=world.north, kind="entries", file_name="a.csv", size=1, created_by="x")
    cells = ["1", "ad", "charge", "x", "", "r1", "", "", ""]
    ImportRefusal.objects.create(of=one, line=2, values=cells, reason="bad_amount", message="no number")
    ImportRefusal.objects.create(of=one, line=3, text='"broken', reason="bad_row", message="no row")
    first, second = told(north.get(f"imports/{one.pk}/refusals"))["items"]
    assert (first["line"], first["values"]["amount"], first["text"]) == (2, "x", "")
    assert (second["values"], second["text"]) == ({}, '"broken')


def test_what_is_no_table_is_not_taken_in(north: Program, looker: Program) -> None:
    assert problem(looker.send("imports", CSV, "text/csv", kind="entries"), 403, "forbidden")
    problem(north.send("imports", "PK\x03\x04", "text/csv", kind="entries"), 400, "malformed")
    problem(north.send("imports", "a,b\n", "text/csv", kind="balances"), 400, "malformed")
    problem(north.send("imports", "[]", "application/json", kind="entries"), 415, "unsupported-type")
    problem(north.send("imports", CSV, "text/csv", kind="horses"), 422, "invalid")
    assert not Import.objects.exists()


def test_the_audit_is_for_those_who_may_see_it(world: World, north: Program, looker: Program, south: Program) -> None:
    told(north.put("groups/новая", {"name": "x"}), 201)
    assert problem(looker.get("audit"), 403, "forbidden")["permission"] == Permission.SEE_AUDIT
    assert "новая" in str(told(north.get("audit")))
    assert "новая" not in str(told(south.get("audit")))
    assert told(north.get("audit", until="2020-01-01T00:00:00Z"))["items"] == []


def test_the_audit_is_found_by_what_and_where_and_exactly_by_whom(world: World, north: Program) -> None:
    told(north.put("groups/новая", {"name": "x"}), 201)
    told(north.put("groups/старая", {"name": "y"}), 201)
    [one] = told(north.get("audit", subject="НОВАЯ"))["items"]
    [same] = told(north.get("audit", subject="новая", origin=one["origin"], actor=one["actor"], action=one["action"]))[
        "items"
    ]
    assert same == one
    assert told(north.get("audit", origin="192.0.2.77"))["items"] == []
    assert told(north.get("audit", actor=one["actor"][:-1]))["items"] == []
    assert told(north.get("audit", action="group.change"))["items"] == []
    first = told(north.get("audit", action="group", limit=1))
    second = told(north.get("audit", action="group", limit=1, cursor=first["next"]))
    assert ["старая" in first["items"][0]["subject"], "новая" in second["items"][0]["subject"]] == [True, True]


def test_people_of_a_client_are_told_and_shut_out(world: World, north: Program, south: Program) -> None:
    path = "clients/romashka/people"
    problem(south.get(path), 404, "not-found")
    [person] = told(north.get(path))["items"]
    assert person["email"] == world.customer.email
    looker = program(world.north, [Permission.SEE])
    refused = problem(looker.delete(f"{path}/{world.customer.email}"), 403, "forbidden")
    assert refused["permission"] == Permission.CHANGE_CLIENTS
    problem(south.delete(f"{path}/{world.customer.email}"), 404, "not-found")
    told(north.delete(f"{path}/{world.customer.email}"))
    assert told(north.get(path))["items"] == []
    problem(north.delete(f"{path}/{world.customer.email}"), 404, "not-found")


def test_a_colleague_is_signed_out_everywhere(world: World, north: Program, south: Program, looker: Program) -> None:
    path = "users/clerk@north.test"
    for act in ("end-sessions", "reset-second-factor"):
        problem(south.post(f"{path}/{act}"), 404, "not-found")
        assert problem(looker.post(f"{path}/{act}"), 403, "forbidden")["permission"] == Permission.CHANGE_USERS
    browser = world.member(Role.CLERK)
    assert Program(browser=browser).get("clients").status_code == 200
    told(north.post(f"{path}/end-sessions"))
    assert told(north.post(f"{path}/reset-second-factor"))["reset"] is True
    assert told(north.post(f"{path}/reset-second-factor"))["reset"] is False
    problem(Program(browser=browser).get("clients"), 401, "unauthenticated")


def test_a_wording_is_tried_on_a_client_before_it_is_saved(world: World, north: Program, looker: Program) -> None:
    wording = {"kind": "balance_band", "language": "ru", "text": "{{ client_name }}: {{ left }}", "client": "ric"}
    trial = told(looker.post("template-trials", wording))
    assert trial["problems"] == []
    assert trial["text"].startswith("ООО «Расчётно-информационный центр Ленинградской области»: 3")
    broken = told(north.post("template-trials", {**wording, "text": "{{ secret }}"}))
    assert (broken["text"], broken["problems"][0]["severity"]) == (None, "error")
    problem(north.post("template-trials", {**wording, "client": "lastochka-ric"}), 404, "not-found")
    problem(north.post("template-trials", {"kind": "x"}), 422, "invalid")


def test_a_wording_without_end_is_cut_off_with_a_clear_error(north: Program) -> None:
    endless = "{% for a in (1..100000) %}{% for b in (1..100000) %}x{% endfor %}{% endfor %}"
    trial = told(north.post("template-trials", {"kind": "balance_band", "language": "en", "text": endless}))
    assert trial["text"] is None
    assert trial["problems"]


def test_all_that_a_wording_may_speak_of_is_told(looker: Program) -> None:
    names = [each["name"] for each in told(looker.get("template-variables"))]
    assert {"client_name", "left", "lasts_until"} <= set(names)


@pytest.mark.parametrize("email", ["owner@energo.test", "clerk@south.test", "anna@romashka.test"])
def test_who_signs_in_elsewhere_is_given_no_role_unasked(world: World, north: Program, email: str) -> None:
    body = problem(north.put(f"users/{email}", {"roles": [{"organization": "north", "role": "look"}]}), 422, "invalid")
    assert "invite it" in body["errors"][0]["detail"]
    problem(north.get(f"users/{email}"), 404, "not-found")


@pytest.mark.parametrize("email", ["owner@energo.test", "clerk@south.test", "anna@romashka.test"])
def test_who_also_belongs_elsewhere_is_neither_renamed_nor_removed(world: World, north: Program, email: str) -> None:
    ClientUser.objects.create(user=world.customer, client=world.clients["lastochka-ric"])
    Membership.objects.create(user=User.objects.get(email=email), organization=world.north, role=Role.LOOK)
    for answer in (north.put(f"users/{email}", {"name": "Mine"}), north.delete(f"users/{email}")):
        assert "not yours alone" in problem(answer, 422, "invalid")["errors"][0]["detail"]
    told(north.put(f"users/{email}", {"roles": [{"organization": "north", "state": "deleted"}]}))
    problem(north.get(f"users/{email}"), 404, "not-found")


@pytest.fixture
def usher(world: World) -> Program:
    """May change users of the north, and not all that its owners may."""
    return program(world.north, [Permission.SEE, Permission.CHANGE_USERS])


@pytest.mark.parametrize("role", [{"role": "look"}, {"state": "deleted"}])
def test_the_role_of_who_may_do_more_is_not_changed(world: World, usher: Program, role: dict[str, str]) -> None:
    body = {"roles": [{"organization": "north", **role}]}
    refused = problem(usher.put("users/owner@north.test", body), 422, "invalid")
    assert refused["errors"] == [
        {"place": "body.roles[0]", "detail": "you may not change the role of somebody who may do more than you"}
    ]
    assert told(usher.get("users/owner@north.test"))["roles"] == [{"organization": "north", "role": "owner"}]


def test_who_may_do_more_is_neither_removed_nor_signed_out(world: World, usher: Program) -> None:
    path = "users/owner@north.test"
    assert "may do more than you" in problem(usher.delete(path), 422, "invalid")["errors"][0]["detail"]
    browser = world.member(Role.OWNER)
    assert Program(browser=browser).get("clients").status_code == 200
    for act in ("end-sessions", "reset-second-factor", "disconnect"):
        assert "could not give" in problem(usher.post(f"{path}/{act}"), 403, "forbidden")["detail"]
    assert "could not give" in problem(usher.get(f"{path}/sign-in"), 403, "forbidden")["detail"]
    assert Program(browser=browser).get("clients").status_code == 200


def test_who_may_do_no_more_is_changed_and_signed_out(world: World, usher: Program, south: Program) -> None:
    path = "users/look@north.test"
    problem(south.post(f"{path}/end-sessions"), 404, "not-found")
    assert told(usher.get(f"{path}/sign-in"))["may_be_reset"] is True
    told(usher.post(f"{path}/end-sessions"))
    assert told(usher.delete(path))["outcome"] == "deleted"
