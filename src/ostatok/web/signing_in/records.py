"""The audit of signing in: in every organization a user belongs to, so that its owner can read it.

A secret is never recorded, nor what somebody typed into a field for addresses: people type passwords there.
"""

from datetime import datetime
from typing import Final

from django.dispatch import Signal

from ostatok.parties import audit, wall
from ostatok.parties.access import Actor, System
from ostatok.parties.models import Organization, User

#: Who acts before they are known.
NOBODY: Final = System(name="nobody")

#: Somebody gave a wrong password: `request`, `email`.
sign_in_failed = Signal()


def write(actor: Actor, user: User, action: str, *, origin: str, at: datetime, **told: object) -> None:
    """Record what became of a user's sign-in; `told` says more of it, and holds no secret."""
    changes = {name: (None, value) for name, value in told.items()}
    with wall.lowered():  # whoever does it need not reach all of them
        acts = [
            audit.Act(action=action, subject=user.email, organization_id=organization, changes=changes)
            for organization in _organizations(user)
        ]
    audit.record_all(actor, acts, origin=origin, at=at)


def write_unknown(action: str, *, origin: str, at: datetime) -> None:
    """Record what somebody tried with an address that nobody signs in with."""
    audit.record_all(
        NOBODY, [audit.Act(action=action, subject="an unknown address", organization_id=None)], origin=origin, at=at
    )


def _organizations(user: User) -> list[int | None]:
    """Where a user has a role or is a client; nowhere: the installation's own."""
    staff = Organization.objects.filter(memberships__user=user)
    clients = Organization.objects.filter(clients__client_users__user=user)
    return [*staff.union(clients).order_by("pk").values_list("pk", flat=True)] or [None]
