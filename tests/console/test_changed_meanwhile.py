"""What somebody else changed while a form was open: told, and not undone unknowingly."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from ostatok.console import meanwhile
from ostatok.parties.access import Role, System
from ostatok.parties.models import Contact
from ostatok.rules.models import Rule, RuleState, Switching
from ostatok.web import changes
from tests import faces
from tests.walk import forms
from tests.walk.forms import Form

pytestmark = pytest.mark.django_db

NAME = "Остаток минут"
HERE = {"organization": "north"}


@pytest.fixture
def admin(world: faces.World) -> Browser:
    return world.member(Role.SERVICE_ADMINISTRATOR)


def rule() -> Rule:
    return Rule.objects.get(organization__code="north", name=NAME)


def rule_url(name: str = "edit_rule") -> str:
    return reverse(f"console:{name}", args=[rule().pk])


def form_of(response: Any) -> Form:
    """The form of a page that can be saved."""
    return next(form for form in forms.of(response.content.decode()) if meanwhile.NAME in form.fields)


def text_of(response: HttpResponse) -> str:
    return response.content.decode()


def test_a_rule_that_was_switched_off_is_not_on_again_by_saving_a_typo(admin: Browser, world: faces.World) -> None:
    opened = form_of(admin.get(rule_url()))
    world.member(Role.OWNER).post(rule_url("switch_rule"), {"state": "inactive"})

    refused = admin.post(rule_url(), opened.data(cooldown=["1h"]))

    text = text_of(refused)  # type: ignore[arg-type]
    assert "Changed meanwhile by owner@north.test" in text
    assert "State: now “Off”" in text
    assert rule().state == RuleState.INACTIVE
    anew = form_of(refused)
    assert (anew.fields["state"].values, anew.fields["cooldown"].values) == (["inactive"], ["1h"])
    assert admin.post(rule_url(), anew.data()).status_code == 302
    assert (rule().state, rule().cooldown.seconds) == (RuleState.INACTIVE, 3600)  # type: ignore[union-attr]


def test_a_state_that_was_chosen_in_the_form_is_set(admin: Browser) -> None:
    opened = form_of(admin.get(rule_url()))
    assert admin.post(rule_url(), opened.data(state=["shadow"])).status_code == 302
    assert rule().state == RuleState.SHADOW


def test_a_form_that_leaves_the_state_alone_leaves_what_waits_for_a_worker(admin: Browser, world: faces.World) -> None:
    opened = form_of(admin.get(rule_url()))
    user = world.staff["north", Role.OWNER]
    Switching.objects.create(rule=rule(), state="inactive", balances=1, asked_by=user, asked_at=timezone.now())
    assert admin.post(rule_url(), opened.data(cooldown=["1h"])).status_code == 302
    assert not Switching.objects.get().is_over
    admin.post(rule_url(), form_of(admin.get(rule_url())).data(state=["shadow"]))
    assert Switching.objects.get().was_taken_back


def test_who_is_out_of_sight_is_somebody(clerk: Browser, world: faces.World, looker: Browser) -> None:
    url = reverse("console:edit_client", args=[world.clients["romashka"].pk])
    opened = form_of(clerk.get(url))
    above = world.member(Role.CLERK, "energo")
    assert above.post(url, form_of(above.get(url)).data(phone=["+7 1"])).status_code == 302
    text = text_of(clerk.post(url, opened.data()))  # type: ignore[arg-type]
    assert "Changed meanwhile by somebody" in text
    assert "energo.test" not in text
    owner = world.member(Role.OWNER)
    assert "Changed meanwhile by clerk@energo.test" in text_of(owner.post(url, opened.data()))  # type: ignore[arg-type]


def test_the_addresses_of_a_contact_are_kept_as_they_were_typed(admin: Browser, world: faces.World) -> None:
    boss = Contact.objects.get(organization=world.north)
    url = reverse("console:contact", args=[boss.pk])
    opened = form_of(admin.get(url))
    told = {"kind": "email", "address": "other@north.test"}
    changes.apply(System(), {"contacts": [{**HERE, "code": "boss", "points": [told]}]}, origin="test")

    left_alone = admin.post(url, opened.data(position=["директор"]))
    typed = admin.post(url, opened.data(**{"points-0-address": ["mine@north.test"]}))

    assert "Addresses: now “other@north.test”" in text_of(typed)  # type: ignore[arg-type]
    assert form_of(left_alone).fields["points-0-address"].values == ["other@north.test"]
    assert form_of(typed).fields["points-0-address"].values == ["mine@north.test"]
    assert admin.post(url, form_of(typed).data()).status_code == 302
    assert list(boss.points.values_list("address", flat=True)) == ["mine@north.test"]


def test_an_account_that_went_to_another_client_does_not_come_back(clerk: Browser, world: faces.World) -> None:
    account = world.accounts["100001"]
    url = reverse("console:edit_account", args=[account.pk])
    opened = form_of(clerk.get(url))
    changes.apply(System(), {"accounts": [{**HERE, "number": "100001", "client": "ric"}]}, origin="test")
    assert clerk.post(url, opened.data(address=["ул. Мира, 1"])).status_code == 302
    account.refresh_from_db()
    assert (account.client.code, account.address) == ("ric", "ул. Мира, 1")


def test_what_was_chosen_of_many_is_compared_whatever_its_order(clerk: Browser, world: faces.World) -> None:
    changes.apply(System(), {"groups": [{**HERE, "code": "new", "name": "Новые"}]}, origin="test")
    changes.apply(System(), {"clients": [{**HERE, "code": "romashka", "groups": ["new", "vip"]}]}, origin="test")
    url = reverse("console:edit_client", args=[world.clients["romashka"].pk])
    opened = form_of(clerk.get(url))
    assert len(opened.fields["groups"].values) == 2
    changes.apply(System(), {"clients": [{**HERE, "code": "romashka", "groups": ["vip", "new"]}]}, origin="test")
    assert clerk.post(url, opened.data(phone=["+7 2"])).status_code == 302
    changes.apply(System(), {"clients": [{**HERE, "code": "romashka", "groups": ["vip"]}]}, origin="test")
    assert "Groups: now “Важные”" in text_of(clerk.post(url, opened.data()))  # type: ignore[arg-type]
