"""Keys for programs: told once, scoped, expiring, revoked at once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from ostatok.parties import api_keys, tokens
from ostatok.parties.access import Actor, Key, Member, Permission, Role
from ostatok.parties.models import ApiKey, AuditRecord, Client, Organization
from tests.parties.house import House

pytestmark = pytest.mark.django_db

NOW = datetime.fromisoformat("2026-11-22T09:00:00+00:00")
MONTH = timedelta(days=30)
POSTING = frozenset({Permission.SEE, Permission.POST_ENTRIES})


def _member(organization: Organization, role: Role = Role.OWNER) -> Member:
    return Member(user_id=organization.memberships.get().user_id, name="olga@x.test", roles={organization.pk: role})


def _issue(
    organization: Organization,
    *,
    by: Actor | None = None,
    permissions: frozenset[Permission] = POSTING,
    lasts: timedelta = MONTH,
    name: str = "billing",
) -> tuple[ApiKey, str]:
    return api_keys.issue(
        by or _member(organization),
        organization,
        name=name,
        permissions=permissions,
        expires_at=NOW + lasts,
        origin="10.0.0.1",
        now=NOW,
    )


def test_a_key_signs_in_as_what_it_was_issued_for(house: House) -> None:
    key, text = _issue(house.left)
    assert api_keys.actor_of(text, NOW) == Key(
        key_id=key.pk, name=str(key), organization_id=house.left.pk, permissions=POSTING
    )


def test_a_key_reaches_its_organization_and_below_with_its_permissions_only(house: House) -> None:
    _key, text = _issue(house.parent)
    actor = api_keys.actor_of(text, NOW)
    assert actor
    assert Client.objects.visible_to(actor).count() == 3
    assert Client.objects.visible_to(actor, Permission.POST_ENTRIES).count() == 3
    assert not Client.objects.visible_to(actor, Permission.CHANGE_CLIENTS)
    _key, text = _issue(house.left, permissions=frozenset({Permission.POST_ENTRIES}))
    blind = api_keys.actor_of(text, NOW)
    assert blind
    assert not Client.objects.visible_to(blind)


def test_the_secret_is_kept_nowhere(house: House) -> None:
    key, text = _issue(house.left)
    secret = text.split("_", 2)[2]
    assert key.digest == tokens.digest(secret)
    kept = [str(list(rows.values())) for rows in (ApiKey.objects.all(), AuditRecord.objects.all())]
    assert not any(secret in one for one in kept)


def test_a_text_that_is_no_key_signs_nobody_in(house: House) -> None:
    key, text = _issue(house.left)
    other, _ = _issue(house.right)
    secret = text.removeprefix(f"ost_{key.prefix}_")
    for wrong in (
        "",
        "ost",
        "ost__",
        text[:-1],
        text + "x",
        f"ost_{other.prefix}_{secret}",
        f"x_{key.prefix}_{secret}",
    ):
        assert api_keys.actor_of(wrong, NOW) is None
    assert api_keys.actor_of(f"ost_{key.prefix}_\N{SNOWMAN}", NOW) is None


def test_a_key_ends_when_it_expires(house: House) -> None:
    key, text = _issue(house.left)
    assert api_keys.actor_of(text, key.expires_at - timedelta(seconds=1))
    assert api_keys.actor_of(text, key.expires_at) is None


def test_a_revoked_key_ends_at_once_and_once(house: House) -> None:
    key, text = _issue(house.left)
    owner = _member(house.left)
    api_keys.revoke(owner, key, origin="10.0.0.1", now=NOW)
    assert api_keys.actor_of(text, NOW) is None
    api_keys.revoke(owner, key, origin="10.0.0.1", now=NOW + MONTH)
    assert ApiKey.objects.get(pk=key.pk).revoked_at == NOW
    assert AuditRecord.objects.filter(action="api_key.revoked").count() == 1


def test_issuing_is_in_the_audit_with_rights_and_without_the_secret(house: House) -> None:
    key, _text = _issue(house.left)
    record = AuditRecord.objects.get(action="api_key.issued")
    assert (record.actor, record.subject, record.origin) == ("olga@x.test", str(key), "10.0.0.1")
    assert record.changes["permissions"] == [None, ["post_entries", "see"]]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
def test_only_who_may_change_users_issues_and_revokes_keys(house: House, role: Role) -> None:
    key, _text = _issue(house.left)
    with pytest.raises(api_keys.KeyRefused):
        _issue(house.left, by=_member(house.left, role))
    with pytest.raises(api_keys.KeyRefused):
        api_keys.revoke(_member(house.left, role), key, origin="", now=NOW)


def test_no_key_is_issued_for_an_organization_out_of_reach(house: House) -> None:
    with pytest.raises(api_keys.KeyRefused):
        _issue(house.right, by=_member(house.left))


def test_a_key_can_give_no_more_than_it_has(house: House) -> None:
    _key, text = _issue(house.left, permissions=frozenset({Permission.SEE, Permission.CHANGE_USERS}))
    actor = api_keys.actor_of(text, NOW)
    assert actor
    with pytest.raises(api_keys.KeyRefused, match="post_entries"):
        _issue(house.left, by=actor)
    assert _issue(house.left, by=actor, permissions=frozenset({Permission.SEE}))


@pytest.mark.parametrize("lasts", [timedelta(0), -MONTH, api_keys.LONGEST + timedelta(seconds=1)])
def test_a_key_expires_within_two_years(house: House, lasts: timedelta) -> None:
    with pytest.raises(api_keys.KeyRefused, match="expires"):
        _issue(house.left, lasts=lasts)


def test_a_key_has_a_name_and_permits_something(house: House) -> None:
    with pytest.raises(api_keys.KeyRefused, match="name"):
        _issue(house.left, name=" ")
    with pytest.raises(api_keys.KeyRefused, match="at least one"):
        _issue(house.left, permissions=frozenset())


def test_use_is_remembered_to_the_minute(house: House) -> None:
    key, text = _issue(house.left)
    seen = []
    for seconds in (0, 30, 59, 60, 90):
        api_keys.actor_of(text, NOW + timedelta(seconds=seconds))
        key.refresh_from_db()
        assert key.last_used_at
        seen.append((key.last_used_at - NOW).seconds)
    assert seen == [0, 0, 0, 60, 60]


def test_a_key_of_a_permission_that_is_no_more_keeps_the_others(house: House) -> None:
    key, text = _issue(house.left)
    ApiKey.objects.filter(pk=key.pk).update(permissions=["see", "levitate"])
    actor = api_keys.actor_of(text, NOW)
    assert actor
    assert actor.permissions == {Permission.SEE}


def test_the_database_refuses_a_key_without_rights_or_end(house: House) -> None:
    key, _text = _issue(house.left)
    row = ApiKey.objects.filter(pk=key.pk)
    refused: tuple[dict[str, Any], ...] = (
        {"permissions": []},
        {"expires_at": NOW},
        {"digest": "secret"},
        {"prefix": "x"},
        {"name": ""},
    )
    for change in refused:
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(**change)
