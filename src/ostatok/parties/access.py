"""The access doors: who asks, what their roles permit, and the one condition that keeps everything else out of sight.

Every query of a face begins with `Model.objects.visible_to(actor)`. A row belongs to an organization; an actor reaches
the organizations it has a role in and everything below them, a customer the clients it stands for and nothing else.
What is out of reach is not refused, it is not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Generic, Self, TypeVar

from django.db import models

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class Role(models.TextChoices):
    """What a user is in an organization, and so in everything below it."""

    LOOK = "look", "look"
    CLERK = "clerk", "clerk"
    SERVICE_ADMINISTRATOR = "service_administrator", "service administrator"
    AUDITOR = "auditor", "auditor"
    OWNER = "owner", "owner"


class Permission(StrEnum):
    """What a role may do. Each names one kind of act, so that a page asks for exactly one."""

    SEE = "see"
    SEE_AUDIT = "see_audit"
    EXPORT = "export"
    CHANGE_CLIENTS = "change_clients"
    POST_ENTRIES = "post_entries"
    RESEND = "resend"
    CHANGE_SERVICES = "change_services"
    CHANGE_CONTACTS = "change_contacts"
    CHANGE_RULES = "change_rules"
    CHANGE_TEMPLATES = "change_templates"
    CHANGE_USERS = "change_users"
    CHANGE_ORGANIZATIONS = "change_organizations"


_LOOK = frozenset({Permission.SEE})
_CLERK = _LOOK | {Permission.EXPORT, Permission.CHANGE_CLIENTS, Permission.POST_ENTRIES, Permission.RESEND}
_SETTINGS = frozenset(
    {
        Permission.CHANGE_SERVICES,
        Permission.CHANGE_CONTACTS,
        Permission.CHANGE_RULES,
        Permission.CHANGE_TEMPLATES,
    }
)

#: Settings are a service administrator's (seed 002); an auditor reads everything, the audit included, changes nothing.
PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.LOOK: _LOOK,
        Role.CLERK: _CLERK,
        Role.SERVICE_ADMINISTRATOR: _CLERK | _SETTINGS,
        Role.AUDITOR: _LOOK | {Permission.SEE_AUDIT, Permission.EXPORT},
        Role.OWNER: frozenset(Permission),
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class System:
    """The installation itself: the command line, a worker, its superuser. It reaches every organization."""

    name: str = "system"


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A person with roles; `roles` maps ids of organizations to the role held there."""

    user_id: int
    name: str
    roles: Mapping[int, Role]


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A program with an API key of one organization, which says itself what it may be used for."""

    key_id: int
    name: str
    organization_id: int
    permissions: frozenset[Permission]


@dataclass(frozen=True, kw_only=True, slots=True)
class Customer:
    """A person in the cabinet, who sees what belongs to these clients (by their ids) and changes none of it."""

    user_id: int
    name: str
    clients: tuple[int, ...]


Actor = System | Member | Key | Customer


def reach(actor: Actor, permission: Permission = Permission.SEE) -> tuple[int, ...] | None:
    """Ids of the organizations below and including which the actor may do this; None where nothing limits it."""
    match actor:
        case System():
            return None
        case Member():
            return tuple(sorted(at for at, role in actor.roles.items() if permission in PERMISSIONS[role]))
        case Key():
            return (actor.organization_id,) if permission in actor.permissions else ()
        case Customer():
            return ()


def permits(actor: Actor, permission: Permission, path: Sequence[int]) -> bool:
    """Whether the actor may do this in the organization at the end of this path from the root."""
    roots = reach(actor, permission)
    return roots is None or any(at in roots for at in path)


def may_grant(actor: Actor, role: Role, path: Sequence[int]) -> bool:
    """Whether the actor may give someone this role there: nobody gives more than it has."""
    return all(permits(actor, one, path) for one in (Permission.CHANGE_USERS, *PERMISSIONS[role]))


class Doors(models.QuerySet[M_co], Generic[M_co]):
    """Rows that belong to an organization.

    A model says by `door` which lookup leads from it to its organization ("" for the organization itself; default
    `organization`), by `seen_with` which permission it takes to see it (default `SEE`), by `client_door` which lookup
    leads to the client whose customer may see it (none: no customer may), by `client_sees` which of those rows only.
    """

    def visible_to(self, actor: Actor, permission: Permission | None = None) -> Self:
        """Rows that the actor may see, or do what `permission` names with. Rows of no organization: only System's."""
        wanted = permission or _seen_with(self.model)
        if isinstance(actor, Customer):
            return self._of_clients(actor.clients) if wanted is Permission.SEE else self.none()
        roots = reach(actor, wanted)
        if roots is None:
            return self.all()
        return self.filter(**{_path(self.model) + "overlap": list(roots)}) if roots else self.none()

    def _of_clients(self, clients: tuple[int, ...]) -> Self:
        door: str | None = getattr(self.model, "client_door", None)
        if not door or not clients:
            return self.none()
        return self.filter(getattr(self.model, "client_sees", models.Q()), **{f"{door}__in": clients})


class DoorManager(models.Manager[M_co], Generic[M_co]):
    """The manager of a model behind a door."""

    def get_queryset(self) -> Doors[M_co]:
        """All rows: only what follows `visible_to` may reach a face."""
        return Doors(self.model, using=self._db)

    def visible_to(self, actor: Actor, permission: Permission | None = None) -> Doors[M_co]:
        """Rows that the actor may see: see `Doors.visible_to`."""
        return self.get_queryset().visible_to(actor, permission)


def _path(model: type[models.Model]) -> str:
    door: Any = getattr(model, "door", "organization")
    return f"{door}__path__" if door else "path__"


def _seen_with(model: type[models.Model]) -> Permission:
    permission: Permission = getattr(model, "seen_with", Permission.SEE)
    return permission
