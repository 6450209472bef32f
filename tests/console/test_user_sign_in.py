"""How a colleague signs in: what an owner can end and reset, and whose."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client as Browser

from ostatok.parties.access import Role
from ostatok.parties.models import AuditRecord, Membership
from tests import faces
from tests.faces import World


def place(world: World, role: Role = Role.CLERK, organization: str = "north") -> str:
    membership = Membership.objects.get(user=world.staff[organization, role])
    return f"/console/users/{membership.pk}/sign-in/"


@pytest.fixture
def clerks(world: World) -> Browser:
    """The browser of the clerk, signed in."""
    browser = world.member(Role.CLERK)
    assert browser.get("/console/").status_code == 200
    return browser


def test_an_owner_ends_all_sessions_of_a_colleague(world: World, owner: Browser, clerks: Browser) -> None:
    assert "127.0.0.1" in owner.get(place(world)).content.decode()
    assert owner.post(place(world), {"do": "sessions"}).status_code == 302
    assert clerks.get("/console/")["Location"].startswith("/account/login/")
    record = AuditRecord.objects.get(action="user.sessions_ended")
    assert (record.organization, record.actor) == (world.north, "owner@north.test")


def test_an_owner_resets_the_second_factor_of_who_lost_it(world: World, owner: Browser, clerks: Browser) -> None:
    clerk = world.staff["north", Role.CLERK]
    owner.post(place(world), {"do": "second_factor"})
    assert not Authenticator.objects.filter(user=clerk).exists()
    assert clerks.get("/console/")["Location"].startswith("/account/login/")
    assert faces.signed_in(clerk).get("/console/")["Location"] == "/account/2fa/"


def test_not_of_somebody_who_may_do_more_elsewhere(world: World, owner: Browser) -> None:
    clerk = world.staff["north", Role.CLERK]
    Membership.objects.create(user=clerk, organization=world.organizations["energo"], role=Role.OWNER)
    here = Membership.objects.get(user=clerk, organization=world.north)
    there = f"/console/users/{here.pk}/sign-in/"
    assert 'value="second_factor"' not in owner.get(there).content.decode()
    assert owner.post(there, {"do": "second_factor"}).status_code == 403
    assert Authenticator.objects.filter(user=clerk).exists()


def test_an_unknown_act_does_nothing(world: World, owner: Browser, clerks: Browser) -> None:
    assert owner.post(place(world), {"do": "everything"}).status_code == 200
    assert clerks.get("/console/").status_code == 200


@pytest.mark.parametrize("role", [Role.LOOK, Role.CLERK, Role.SERVICE_ADMINISTRATOR, Role.AUDITOR])
def test_only_who_may_change_users_may(world: World, role: Role) -> None:
    assert world.member(role).post(place(world), {"do": "sessions"}).status_code == 403


def test_to_an_outsider_it_is_not_there(world: World) -> None:
    stranger = world.member(Role.OWNER, "south")
    assert stranger.get(place(world)).status_code == 404
    assert stranger.post(place(world), {"do": "second_factor"}).status_code == 404
