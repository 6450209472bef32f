"""The list of clients, and clients added and changed."""

import re
from typing import Any

import pytest
from django.test import Client as Browser
from pytest_django.fixtures import DjangoAssertNumQueries

from ostatok.parties.access import Role
from ostatok.parties.models import AuditRecord, Client
from tests import faces
from tests.console.reading import at, said, seen
from tests.faces import MARKER, World


def _form(**other: Any) -> dict[str, Any]:
    return {"name": "АО «Новый клиент»", "code": "new", "tax_id": "7700000000", "timezone": "", "language": "", **other}


@pytest.mark.parametrize(
    "text", ["ромаш", "РОМАШКА и", "7812345678", "100001", "romashka", "+7 921 000", "8 (921) 000-00-01"]
)
def test_a_client_is_found_by_part_of_the_name_number_tax_id_or_phone(clerk: Browser, text: str) -> None:
    page = seen(clerk, at("clients"), text=text)
    assert "ООО «Ромашка и партнёры»" in page
    assert "Академическая" not in page


def test_the_list_shows_what_is_left_of_each_clients_lowest_balances(clerk: Browser) -> None:
    page = seen(clerk, at("clients"), text="Академическая")
    assert "АД −9 min below zero" in page


def test_clients_are_narrowed_by_band_service_group_and_status(world: World, clerk: Browser) -> None:
    group = world.clients["tszh"].groups.get()
    assert "Академическая" in seen(clerk, at("clients"), group=str(group.pk))
    assert "Ромашка" not in seen(clerk, at("clients"), group=str(group.pk))
    assert "No client fits" in seen(clerk, at("clients"), status="closed")


def test_a_client_is_given_to_a_manager_and_found_by_her(world: World, clerk: Browser, looker: Browser) -> None:
    natalia, romashka = world.staff["north", Role.CLERK], world.clients["romashka"]
    clerk.post(at("edit_client", romashka.pk), _form(name=romashka.name, code="", manager=str(natalia.pk)))
    assert Client.objects.get(pk=romashka.pk).manager == natalia
    assert "Manager Наталья clerk" in seen(looker, at("client", romashka.pk))
    page = seen(looker, at("clients"), manager=str(natalia.pk))
    assert "Ромашка" in page
    assert "Академическая" not in page
    clerk.post(at("edit_client", romashka.pk), _form(name=romashka.name, code="", manager=""))
    assert Client.objects.get(pk=romashka.pk).manager is None


def test_only_who_works_there_and_is_within_reach_can_be_chosen(world: World, clerk: Browser) -> None:
    romashka = world.clients["romashka"]
    assert MARKER not in seen(clerk, at("edit_client", romashka.pk))
    for stranger in (world.staff["south", Role.CLERK], world.staff["energo", Role.CLERK], world.customer):
        answer = clerk.post(at("edit_client", romashka.pk), _form(name=romashka.name, manager=str(stranger.pk)))
        assert "Select a valid choice" in said(answer)
    root = world.member(Role.CLERK, "energo")
    form = _form(organization=str(world.north.pk), manager=str(world.staff["south", Role.CLERK].pk))
    assert "works for its organization or for one above it" in said(root.post(at("new_client"), form))
    assert not Client.objects.exclude(manager=None).exists()


def test_a_manager_above_stays_where_the_form_does_not_see_her(world: World, clerk: Browser) -> None:
    romashka, above = world.clients["romashka"], world.staff["energo", Role.CLERK]
    Client.objects.filter(pk=romashka.pk).update(manager=above)
    assert "somebody you do not see" in seen(clerk, at("client", romashka.pk))
    assert "as it is: somebody you do not see" in seen(clerk, at("edit_client", romashka.pk))
    clerk.post(at("edit_client", romashka.pk), _form(name="ООО «Ромашка»", manager=""))
    romashka.refresh_from_db()
    assert (romashka.name, romashka.manager) == ("ООО «Ромашка»", above)


def test_a_group_above_is_not_left_where_the_form_does_not_see_it(
    world: World, clerk: Browser, outsider: Browser
) -> None:
    tszh = world.clients["tszh"]
    group = {"organization": "energo", "code": "debtors", "name": "Должники"}
    client = {"organization": "north", "code": "tszh", "groups": ["vip", "debtors"]}
    faces.describe({"groups": [group], "clients": [client]})
    for page in (seen(clerk, at("client", tszh.pk)), seen(clerk, at("edit_client", tszh.pk))):
        assert "Важные" in page
        assert "Должники" not in page
    assert "Должники" in seen(world.member(Role.CLERK, "energo"), at("client", tszh.pk))
    form = _form(name=tszh.name, code="", phone="+7 921 000-00-09", groups=[str(tszh.groups.get(code="vip").pk)])
    assert outsider.post(at("edit_client", tszh.pk), {**form, "groups": []}).status_code == 404
    clerk.post(at("edit_client", tszh.pk), form)
    tszh.refresh_from_db()
    assert tszh.phone == "+7 921 000-00-09"
    assert set(tszh.groups.values_list("code", flat=True)) == {"vip", "debtors"}
    clerk.post(at("edit_client", tszh.pk), {**form, "groups": []})
    assert set(tszh.groups.values_list("code", flat=True)) == {"debtors"}


def test_nothing_found_says_what_the_search_looks_for(clerk: Browser) -> None:
    assert "The search looks for a part of the name" in seen(clerk, at("clients"), text="нет такого клиента")


def test_the_list_search_and_choices_show_nothing_of_the_sibling(clerk: Browser) -> None:
    assert MARKER not in seen(clerk, at("clients"))
    assert MARKER not in seen(clerk, at("clients"), text=MARKER[:5]).replace(MARKER[:5], "", 1)
    assert MARKER not in seen(clerk, at("new_client"))


def test_a_page_of_clients_costs_the_same_queries_however_many_there_are(
    world: World, clerk: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    faces.describe(
        {
            "clients": [{"organization": "north", "code": f"m{n:02d}", "name": f"Клиент {n:02d}"} for n in range(60)],
            "accounts": [
                {"organization": "north", "number": f"70{n:02d}", "client": f"m{n:02d}", "services": ["ad", "appps"]}
                for n in range(60)
            ],
        }
    )
    with django_assert_max_num_queries(25):
        page = seen(clerk, at("clients"))
    assert "Клиент 45" in page
    assert "Клиент 59" not in page


def test_the_next_page_begins_where_this_one_ends(world: World, clerk: Browser) -> None:
    faces.describe({"clients": [{"organization": "north", "code": f"m{n}", "name": f"Я{n:02d}"} for n in range(60)]})
    first = clerk.get(at("clients")).content.decode()
    cursor = re.search(r'rel="next" href="\?after=([^"&]+)', first)
    assert cursor is not None
    second = clerk.get(at("clients") + "?after=" + cursor[1]).content.decode()
    assert set(re.findall(r"Я\d\d", first)).isdisjoint(re.findall(r"Я\d\d", second))
    assert 'rel="prev"' in second
    assert "That place in the list is no more" in seen(clerk, at("clients"), after="broken")


def test_a_clerk_adds_a_client_and_the_audit_says_so(clerk: Browser, world: World) -> None:
    answer = clerk.post(at("new_client"), _form(organization=world.north.pk, tags="А, Б"), follow=True)
    assert "АО «Новый клиент» is added" in said(answer)
    client = Client.objects.get(code="new")
    assert (client.organization, client.tags) == (world.north, ["А", "Б"])
    assert AuditRecord.objects.filter(action="client.created", actor="clerk@north.test").exists()


def test_a_client_without_a_number_is_given_one(clerk: Browser, world: World) -> None:
    clerk.post(at("new_client"), _form(organization=world.north.pk, code=""))
    assert Client.objects.get(name="АО «Новый клиент»").code


def test_a_number_that_is_taken_is_refused_at_its_field(clerk: Browser, world: World) -> None:
    answer = clerk.post(at("new_client"), _form(organization=world.north.pk, code="romashka"))
    assert "There is a client of this number already." in said(answer)
    assert Client.objects.get(code="romashka").name == "ООО «Ромашка и партнёры»"


def test_a_client_cannot_be_added_to_the_sibling(clerk: Browser, world: World) -> None:
    said(clerk.post(at("new_client"), _form(organization=world.south.pk)))
    assert not Client.objects.filter(code="new").exists()


def test_a_client_is_changed_where_the_form_says_so_and_nowhere_else(clerk: Browser, world: World) -> None:
    client = world.clients["romashka"]
    form = _form(name="ООО «Ромашка»", phone=client.phone, email="new@north.test")
    said(clerk.post(at("edit_client", client.pk), form, follow=True))
    client.refresh_from_db()
    assert (client.name, client.email, client.code) == ("ООО «Ромашка»", "new@north.test", "romashka")


def test_closing_a_client_says_what_follows_and_then_does_it(clerk: Browser, world: World) -> None:
    client = world.clients["romashka"]
    page = at("client_status", client.pk, "closed")
    assert "Nobody is told anything about the client any more" in seen(clerk, page)
    clerk.post(page)
    client.refresh_from_db()
    assert client.status == Client.Status.CLOSED


def test_a_client_with_accounts_is_not_deleted_and_the_page_says_why(clerk: Browser, world: World) -> None:
    client = world.clients["romashka"]
    assert "it has accounts (1)" in said(clerk.post(at("delete_client", client.pk)))
    assert Client.objects.filter(pk=client.pk).exists()


def test_the_export_is_audited_and_a_formula_in_it_is_text(world: World, clerk: Browser) -> None:
    faces.describe({"clients": [{"organization": "north", "code": "evil", "name": '=HYPERLINK("http://x.test")'}]})
    answer = clerk.get(at("export_clients"))
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "'=HYPERLINK" in text
    assert MARKER not in text
    clerk.get(at("export_clients"), {"text": "Ромашка"})
    record = AuditRecord.objects.filter(action="clients.exported", organization=world.north).latest("pk")
    assert record.changes == {"narrowed_by": [None, ["text"]]}


@pytest.mark.parametrize(
    "name", ["client", "client_why", "edit_client", "delete_client", "client_note", "client_access"]
)
def test_an_outsider_finds_no_page_of_a_client(outsider: Browser, world: World, name: str) -> None:
    assert outsider.get(at(name, world.clients["romashka"].pk)).status_code == 404
    assert outsider.post(at("edit_client", world.clients["romashka"].pk), _form()).status_code == 404


def test_who_may_only_look_changes_and_exports_nothing(looker: Browser, world: World) -> None:
    client = world.clients["romashka"].pk
    assert looker.get(at("client", client)).status_code == 200
    for page in (at("new_client"), at("edit_client", client), at("delete_client", client), at("client_note", client)):
        assert looker.post(page, _form()).status_code == 403
    assert looker.get(at("export_clients")).status_code == 403


def test_who_may_change_clients_elsewhere_only_may_not_here(world: World) -> None:
    """A look in the north and a clerk in the south is no clerk of the north."""
    user = world.staff["north", Role.LOOK]
    faces.describe({"users": [{"email": user.email, "roles": [{"organization": "south", "role": "clerk"}]}]})
    browser = faces.signed_in(user)
    assert browser.post(at("edit_client", world.clients["romashka"].pk), _form()).status_code == 403
    assert browser.get(at("edit_client", world.clients["lastochka-romashka"].pk)).status_code == 200


def test_nobody_is_asked_to_sign_in(db: None) -> None:
    answer = Browser().get(at("clients"))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/login/?next=/console/clients/")
