"""Keys for programs: issued for one organization, with some of the rights of whoever issues them, until a day.

A key is told once, as `ost_<prefix>_<secret>`. Its rights are its own from then on: they do not follow those of its
issuer, so whoever takes a role away looks at the keys too.
"""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from ostatok.kernel.errors import OstatokError
from ostatok.parties import access, audit, tokens
from ostatok.parties.access import Actor, Key, Member, Permission
from ostatok.parties.models import ApiKey, Organization

_MARK: Final = "ost"
_PREFIX_BYTES: Final = 6
LONGEST: Final = timedelta(days=731)
#: How exactly `last_used_at` tells: a key in use would otherwise be written at every request.
USED_WITHIN: Final = timedelta(minutes=1)


class KeyRefused(OstatokError):
    """The key cannot be issued so."""


def issue(
    actor: Actor,
    organization: Organization,
    *,
    name: str,
    permissions: Collection[Permission],
    expires_at: datetime,
    origin: str,
    now: datetime,
) -> tuple[ApiKey, str]:
    """Issue a key; return it and its text, which nobody can tell again.

    Takes CHANGE_USERS in the organization, and every permission that the key gets. Raises KeyRefused.
    """
    _check(actor, organization, name, permissions, expires_at, now)
    secret = tokens.make()
    with transaction.atomic():
        key = ApiKey.objects.create(
            organization=organization,
            name=name.strip(),
            prefix=secrets.token_hex(_PREFIX_BYTES),
            digest=tokens.digest(secret),
            permissions=sorted(permissions),
            expires_at=expires_at,
            created_by_id=actor.user_id if isinstance(actor, Member) else None,
            created_at=now,
        )
        given = {"permissions": (None, key.permissions), "expires_at": (None, key.expires_at)}
        audit.record(actor, "api_key.issued", str(key), organization, given, origin, now)
    return key, f"{_MARK}_{key.prefix}_{secret}"


def revoke(actor: Actor, key: ApiKey, *, origin: str, now: datetime) -> None:
    """End a key at once; again does nothing. Takes CHANGE_USERS in its organization. Raises KeyRefused."""
    if not access.permits(actor, Permission.CHANGE_USERS, key.organization.path):
        raise KeyRefused(_("You may not revoke keys of this organization."))
    with transaction.atomic():
        if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
            key.revoked_at = now
            audit.record(actor, "api_key.revoked", str(key), key.organization, {}, origin, now)


def actor_of(text: str, now: datetime) -> Key | None:
    """Who signs in with this text, or None: never issued, revoked or expired."""
    mark, prefix, secret = [*text.split("_", 2), "", ""][:3]
    if mark != _MARK or not secret:
        return None
    key = ApiKey.objects.filter(prefix=prefix).first()
    if key is None or not tokens.fits(secret, key.digest) or not is_valid(key, now):
        return None
    _remember_use(key, now)
    return _actor(key)


def still_actor(key: ApiKey, now: datetime) -> Key | None:
    """The program that asked for something with this key earlier, or None: revoked or expired since."""
    return _actor(key) if is_valid(key, now) else None


def is_valid(key: ApiKey, now: datetime) -> bool:
    """Whether the key still opens anything."""
    return key.revoked_at is None and now < key.expires_at


def _check(
    actor: Actor,
    organization: Organization,
    name: str,
    permissions: Collection[Permission],
    expires_at: datetime,
    now: datetime,
) -> None:
    if not access.permits(actor, Permission.CHANGE_USERS, organization.path):
        raise KeyRefused(_("You may not issue keys of this organization."))
    beyond = [one for one in permissions if not access.permits(actor, one, organization.path)]
    if beyond:
        raise KeyRefused(_("You may not give what you do not have: %(list)s.") % {"list": ", ".join(sorted(beyond))})
    if not permissions:
        raise KeyRefused(_("A key needs at least one permission."))
    if not name.strip():
        raise KeyRefused(_("A key needs a name that says what it is for."))
    if not now < expires_at <= now + LONGEST:
        raise KeyRefused(_("A key expires within %(days)d days from now.") % {"days": LONGEST.days})


def _actor(key: ApiKey) -> Key:
    permissions = frozenset(Permission(name) for name in key.permissions if name in set(Permission))
    return Key(key_id=key.pk, name=str(key), organization_id=key.organization_id, permissions=permissions)


def _remember_use(key: ApiKey, now: datetime) -> None:
    if key.last_used_at is None or key.last_used_at <= now - USED_WITHIN:
        seen_earlier = Q(last_used_at=None) | Q(last_used_at__lte=now - USED_WITHIN)
        ApiKey.objects.filter(seen_earlier, pk=key.pk).update(last_used_at=now)
