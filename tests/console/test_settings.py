"""Organizations, services, units: what everything else hangs on."""

import re
from typing import Any

import pytest
from django.test import Client as Browser

from ostatok.ledger.models import Service
from ostatok.parties.access import Role
from ostatok.parties.models import Organization
from tests.console.reading import at, said, seen
from tests.faces import MARKER, World

ORGANIZATION = {"name": "Филиал", "timezone": "Europe/Moscow", "language": "ru"}
SERVICE = {"name": "Электричество", "unit": "kWh", "rearm_from": "10,5"}


def test_the_tree_begins_where_the_reader_has_a_role(clerk: Browser, world: World) -> None:
    page = seen(clerk, at("organizations"))
    assert "Северо-Запад" in page
    assert "ООО «Энергосбыт»" not in page
    root = seen(world.member(Role.CLERK, "energo"), at("organizations"))
    assert "ООО «Энергосбыт»" in root
    assert "Северо-Запад" not in root


def test_an_organization_shows_what_belongs_to_it_and_who_works_there(clerk: Browser, world: World) -> None:
    page = seen(clerk, at("organization", world.north.pk))
    assert "Автоматический обзвон должников" in page
    assert "Наталья clerk" in page
    assert "boss@north.test" in page
    assert MARKER not in page


def test_an_organization_is_added_below_and_changed(owner: Browser, world: World) -> None:
    page = at("new_organization", world.north.pk)
    assert "is added" in said(owner.post(page, {**ORGANIZATION, "code": "branch"}, follow=True))
    branch = Organization.objects.get(code="branch")
    assert branch.parent == world.north
    said(owner.post(at("edit_organization", branch.pk), {**ORGANIZATION, "name": "Филиал № 2"}, follow=True))
    branch.refresh_from_db()
    assert branch.name == "Филиал № 2"
    assert "This code is taken." in said(owner.post(page, {**ORGANIZATION, "code": "branch"}))


def test_what_still_belongs_to_an_organization_keeps_it(owner: Browser, world: World) -> None:
    assert "it still has" in said(owner.post(at("delete_organization", world.north.pk)))
    assert Organization.objects.filter(pk=world.north.pk).exists()


def test_a_root_is_the_installations_to_make(owner: Browser, clerk: Browser) -> None:
    assert owner.get(at("new_root")).status_code == 403
    assert owner.post(at("new_root"), {**ORGANIZATION, "code": "mine"}).status_code == 403
    assert not Organization.objects.filter(code="mine").exists()


def test_a_service_is_added_with_its_smallest_top_up_in_its_unit(world: World) -> None:
    browser = world.member(Role.SERVICE_ADMINISTRATOR)
    form = {**SERVICE, "organization": world.north.pk, "code": "power"}
    assert "Электричество is saved." in said(browser.post(at("new_service"), form, follow=True))
    service = Service.objects.get(code="power")
    assert (service.unit, service.rearm_from) == ("kWh", 10_500)
    page = browser.get(at("service", service.pk)).content.decode()
    assert 'value="10.5"' in page


def test_a_unit_that_measures_something_else_is_refused_at_its_field(world: World) -> None:
    browser = world.member(Role.SERVICE_ADMINISTRATOR)
    service = Service.objects.get(organization=world.north, code="ad")
    answer = browser.post(at("service", service.pk), {**SERVICE, "rearm_from": ""})
    assert "cannot become another unit than min" in said(answer)
    assert re.search(r"\d balances are counted in it", seen(browser, at("service", service.pk)))


def test_units_say_what_they_are_kept_in(clerk: Browser) -> None:
    page = seen(clerk, at("units"))
    assert "1 min is 60 s" in page
    assert "1,234.5 min" in page


@pytest.mark.parametrize(
    ("name", "form"),
    [("new_service", SERVICE), ("new_organization", ORGANIZATION), ("service", SERVICE), ("delete_service", {})],
)
def test_a_clerk_changes_no_settings(clerk: Browser, world: World, name: str, form: dict[str, Any]) -> None:
    service = Service.objects.get(organization=world.north, code="ad")
    arguments = {"new_organization": [world.north.pk], "service": [service.pk], "delete_service": [service.pk]}
    assert clerk.post(at(name, *arguments.get(name, [])), form).status_code == 403


def test_outsiders_find_neither_organization_nor_service(world: World) -> None:
    outsider = world.member(Role.OWNER, "south")
    service = Service.objects.get(organization=world.north, code="ad")
    for page in (
        at("organization", world.north.pk),
        at("edit_organization", world.north.pk),
        at("delete_organization", world.north.pk),
        at("new_organization", world.north.pk),
        at("service", service.pk),
        at("delete_service", service.pk),
    ):
        assert outsider.get(page).status_code == 404
    assert outsider.post(at("service", service.pk), SERVICE).status_code == 404
    form = {**SERVICE, "organization": world.north.pk, "code": "mine"}
    said(outsider.post(at("new_service"), form))
    assert not Service.objects.filter(code="mine").exists()
