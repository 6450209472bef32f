"""API keys: told once, no more than their issuer may, revoked."""

import re
from typing import Any

from django.test import Client as Browser

from ostatok.parties.access import Permission, Role
from ostatok.parties.models import ApiKey
from tests.console.reading import at, said, seen
from tests.faces import World


def _form(world: World, **other: Any) -> dict[str, Any]:
    permissions = [Permission.SEE.value, Permission.POST_ENTRIES.value]
    return {"name": "биллинг", "organization": world.north.pk, "permissions": permissions, "life": 90, **other}


def test_a_key_is_told_once_and_opens_the_api(owner: Browser, world: World) -> None:
    page = said(owner.post(at("new_key"), _form(world)))
    assert "Copy the key now: it is shown only here" in page
    text = re.search(r"Bearer (ost_[0-9a-f]{12}_[\w-]+)", page)
    assert text is not None
    listed = seen(owner, at("keys"))
    assert "биллинг" in listed
    assert text[1] not in listed
    answer = Browser().get("/api/v1/clients", headers={"Authorization": f"Bearer {text[1]}"})
    assert answer.status_code == 200


def test_a_revoked_key_opens_nothing(owner: Browser, world: World) -> None:
    page = said(owner.post(at("new_key"), _form(world)))
    key = ApiKey.objects.get()
    assert "refused from the next request on" in seen(owner, at("revoke_key", key.pk))
    owner.post(at("revoke_key", key.pk))
    assert "revoked" in seen(owner, at("keys"))
    text = re.search(r"Bearer (ost_\S+)", page)
    assert text is not None
    answer = Browser().get("/api/v1/clients", headers={"Authorization": f"Bearer {text[1]}"})
    assert answer.status_code == 401


def test_a_key_needs_a_permission_and_a_name(owner: Browser, world: World) -> None:
    page = said(owner.post(at("new_key"), _form(world, permissions=[], name="")))
    assert "2 things to correct before saving" in page
    assert not ApiKey.objects.exists()


def test_keys_are_seen_by_owners_and_auditors_and_changed_by_owners(world: World, owner: Browser) -> None:
    owner.post(at("new_key"), _form(world))
    key = ApiKey.objects.get()
    assert "биллинг" in seen(world.member(Role.AUDITOR), at("keys"))
    for role in (Role.LOOK, Role.CLERK, Role.SERVICE_ADMINISTRATOR):
        assert world.member(role).get(at("keys")).status_code == 403
    for role in (Role.CLERK, Role.AUDITOR):
        assert world.member(role).post(at("revoke_key", key.pk)).status_code == 403
        assert world.member(role).post(at("new_key"), _form(world)).status_code == 403
    stranger = world.member(Role.OWNER, "south")
    assert "биллинг" not in seen(stranger, at("keys"))
    assert (
        stranger.get(at("revoke_key", key.pk)).status_code,
        stranger.post(at("revoke_key", key.pk)).status_code,
    ) == (404, 404)
    said(stranger.post(at("new_key"), _form(world)))
    assert ApiKey.objects.count() == 1
