"""How a colleague signs in: what an owner can end and reset, and whose."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client as Browser

from ostatok.parties.access import Role
from ostatok.parties.models import AuditRecord, Membership
from ostatok.web.signing_in.oidc import links
from ostatok.web.signing_in.oidc.provider import Provider
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


@pytest.fixture
def linked(world: World, settings: Any) -> Provider:
    """A provider by which the clerk and nobody else has come in."""
    provider = Provider(issuer="https://id.test", client_id="ostatok", client_secret="тайна", name="Энерго-ID")
    settings.OSTATOK_OIDC = provider
    links.keep(world.staff["north", Role.CLERK], provider=provider.key, subject="s-1")
    return provider


def test_an_owner_sees_who_signs_in_by_the_provider(world: World, owner: Browser, linked: Provider) -> None:
    assert "Signs in with Энерго-ID" in owner.get(place(world)).content.decode()
    assert "Has not signed in with Энерго-ID yet" in owner.get(place(world, Role.LOOK)).content.decode()


def test_without_a_provider_nothing_is_said_of_one(world: World, owner: Browser) -> None:
    assert 'id="oidc"' not in owner.get(place(world)).content.decode()


def test_an_owner_cuts_the_link_of_a_colleague(world: World, owner: Browser, clerks: Browser, linked: Provider) -> None:
    assert owner.post(place(world), {"do": "oidc"}).status_code == 302
    assert not SocialAccount.objects.exists()
    assert clerks.get("/console/")["Location"].startswith("/account/login/")
    record = AuditRecord.objects.get(action="user.oidc_disconnected")
    assert (record.organization, record.actor) == (world.north, "owner@north.test")


def test_not_the_link_of_somebody_who_may_do_more_elsewhere(world: World, owner: Browser, linked: Provider) -> None:
    clerk = world.staff["north", Role.CLERK]
    Membership.objects.create(user=clerk, organization=world.organizations["energo"], role=Role.OWNER)
    here = Membership.objects.get(user=clerk, organization=world.north)
    there = f"/console/users/{here.pk}/sign-in/"
    assert 'value="oidc"' not in owner.get(there).content.decode()
    assert owner.post(there, {"do": "oidc"}).status_code == 403
    assert SocialAccount.objects.exists()


def test_to_an_outsider_the_link_is_not_there(world: World, linked: Provider) -> None:
    stranger = world.member(Role.OWNER, "south")
    assert stranger.post(place(world), {"do": "oidc"}).status_code == 404
    assert SocialAccount.objects.exists()
