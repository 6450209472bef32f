"""How things are found: through the doors, by their own codes, and by their organization where that does not do."""

from typing import Any, Final, TypeVar

from django.db import models

from ostatok.api.problems import Kind, Refused, invalid
from ostatok.parties.access import Actor, Key, Member, Permission
from ostatok.parties.models import Organization, User
from ostatok.web.requests import FaceRequest

M = TypeVar("M", bound=models.Model)

#: What a person calls itself.
ME: Final = "me"

_CHOICES: Final = 20


def organization(actor: Actor, code: str, permission: Permission | None = None) -> Organization:
    """The organization of that code. Raises Refused: what is out of reach is not there."""
    found = Organization.objects.visible_to(actor, permission).filter(code=code).first()
    if found is None:
        raise Refused(Kind.NOT_FOUND, f"There is no organization {code!r}.")
    return found


def home(actor: Actor, code: str | None) -> Organization:
    """The organization named, or the one that needs no naming: a key's own, a member's only one."""
    if code is not None:
        return organization(actor, code, _any_permission(actor))
    own = _own(actor)
    if len(own) != 1:
        raise invalid("query.organization", "is missing: you work in several organizations")
    return Organization.objects.get(pk=own[0])


def manager(request: FaceRequest, said: str | None) -> int | None:
    """The user whose clients are meant: by e-mail, or `me`. Raises Refused: who is out of reach is not there."""
    if said is None:
        return None
    if said == ME:
        return _oneself(request)
    found = User.objects.visible_to(request.actor).filter(email=User.objects.normalize_email(said))
    pk = found.values_list("pk", flat=True).first()
    if pk is None:
        raise Refused(Kind.NOT_FOUND, f"There is no user {said!r}.")
    return pk


def one(rows: models.QuerySet[M], organization: str | None = None, **by: Any) -> M:
    """The one of these visible rows. Raises Refused: not found, or ambiguous with the organizations to choose from."""
    found = rows.filter(**by).select_related("organization")
    if organization is not None:
        found = found.filter(organization__code=organization)
    choices = list(found.order_by("organization__code")[:_CHOICES])
    if not choices:
        raise Refused(Kind.NOT_FOUND)
    if len(choices) > 1:
        codes = [owner_of(row).code for row in choices]
        raise Refused(Kind.AMBIGUOUS, f"Add `?organization=` and one of {', '.join(codes)}.", choices=codes)
    return choices[0]


def by_id(rows: models.QuerySet[M], pk: int) -> M:
    """The row of that id among these visible rows. Raises Refused."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Refused(Kind.NOT_FOUND)
    return found


def within(rows: models.QuerySet[M], actor: Actor, code: str | None, door: str = "organization") -> models.QuerySet[M]:
    """Of these visible rows, those of an organization and all below it. Raises Refused where it is not there."""
    if code is None:
        return rows
    path = f"{door}__path" if door else "path"
    return rows.filter(**{f"{path}__contains": [organization(actor, code).pk]})


def owner_of(row: models.Model) -> Organization:
    """The organization that a row belongs to."""
    owner: Organization = row.organization  # type: ignore[attr-defined]
    return owner


def _oneself(request: FaceRequest) -> int:
    if isinstance(request.actor, Key) or not isinstance(request.user, User):
        raise invalid("query.manager", "a key has no clients of its own: name a user")
    return request.user.pk


def _own(actor: Actor) -> list[int]:
    match actor:
        case Key():
            return [actor.organization_id]
        case Member():
            return list(actor.roles)
    return list(Organization.objects.filter(parent=None).values_list("pk", flat=True)[:2])


def _any_permission(actor: Actor) -> Permission | None:
    """A key that may do one thing only still finds the organization it may do it in."""
    if isinstance(actor, Key) and Permission.SEE not in actor.permissions:
        return min(actor.permissions)
    return None
