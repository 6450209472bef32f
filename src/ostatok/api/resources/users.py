"""Users: people of staff, and their roles within reach."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Annotated

from ninja import P, PathEx, Query, Router
from ninja.responses import Status
from pydantic import AfterValidator, Field, StringConstraints

from ostatok.api import addressing, etags, items, lists, writing
from ostatok.api.auth import require
from ostatok.api.fields import DryRun, Listed, Text, Told, Within, like
from ostatok.api.problems import Kind, Refused
from ostatok.parties import finding
from ostatok.parties.access import Actor, Permission, Role
from ostatok.parties.models import Language, Membership, User
from ostatok.web.requests import FaceRequest

router = Router(tags=["people"])

Email = PathEx[
    Annotated[Text, StringConstraints(min_length=1), AfterValidator(str.lower)],
    P(description="What the user signs in with.", example="anna@energo.test"),
]


class RoleTold(Told):
    """A role in an organization, and so in everything below it."""

    organization: str = Field(examples=["energo"])
    role: Role = Field(examples=["clerk"])


class UserTold(Told):
    """A user, as a description has it. Roles in organizations out of reach are not told."""

    email: str = Field(examples=["anna@energo.test"])
    name: str = Field(examples=["Анна"])
    language: Language = Field(examples=["ru"])
    roles: list[RoleTold]


class Wanted(Within):
    """Which users."""

    search: Text | None = Field(default=None, description="Part of a name or e-mail.", json_schema_extra=like("анна"))


@router.get("", response=Listed[UserTold])
def list_users(request: FaceRequest, at: Query[Wanted]) -> Listed[UserTold]:
    """Users with a role within reach."""
    require(request.actor, Permission.SEE)
    held = addressing.within(Membership.objects.visible_to(request.actor), request.actor, at.organization)
    rows = User.objects.filter(pk__in=held.values("user_id"))
    if at.search:
        rows = rows.filter(finding.users(at.search))
    return lists.page(rows, order=("email",), at=at, tell=partial(_tell, request.actor))


@router.get("{path:email}", response=UserTold)
@etags.of_one("users")
def get_user(request: FaceRequest, email: Email) -> UserTold:
    """One user."""
    require(request.actor, Permission.SEE)
    return next(iter(_tell(request.actor, [_user(request.actor, email)])))


@router.put("{path:email}", response=writing.PUT, openapi_extra=items.body("users"))
def put_user(request: FaceRequest, email: Email, dry_run: DryRun = False) -> Status[writing.Change]:
    """Make or change a user. Roles that are not mentioned stay; a new user sets a password by an invitation."""
    return writing.put(request, "users", {"email": email}, place=None, dry_run=dry_run)


@router.delete("{path:email}", response=writing.DELETED)
def delete_user(request: FaceRequest, email: Email, dry_run: DryRun = False) -> writing.Change:
    """Remove a user whom no rule tells anything."""
    _user(request.actor, email)
    return writing.delete(request, "users", {"email": email}, place=None, dry_run=dry_run)


def _user(actor: Actor, email: str) -> User:
    found = User.objects.visible_to(actor).filter(email=email).first()
    if found is None:
        raise Refused(Kind.NOT_FOUND)
    return found


def _tell(actor: Actor, rows: Sequence[User]) -> Iterable[UserTold]:
    held = Membership.objects.visible_to(actor).filter(user__in=rows).order_by("organization__code")
    roles: defaultdict[int, list[RoleTold]] = defaultdict(list)
    for user_id, code, role in held.values_list("user_id", "organization__code", "role"):
        roles[user_id].append(RoleTold(organization=code, role=Role(role)))
    for row in rows:
        yield UserTold(email=row.email, name=row.name, language=Language(row.language), roles=roles[row.pk])
