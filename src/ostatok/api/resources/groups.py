"""Groups of clients."""

from collections.abc import Iterable

from ninja import Query, Router
from ninja.responses import Status
from pydantic import Field

from ostatok.api import addressing, etags, items, lists, writing
from ostatok.api.auth import require
from ostatok.api.fields import DryRun, Listed, Organization, OwnOrganization, PathCode, Told, Within
from ostatok.parties.access import Permission
from ostatok.parties.models import ClientGroup
from ostatok.web.requests import FaceRequest

router = Router(tags=["clients"])


class GroupTold(Told):
    """A group of clients, as a description has it."""

    organization: str = Field(examples=["energo"])
    code: str = Field(examples=["vip"])
    name: str = Field(examples=["Важные клиенты"])


@router.get("", response=Listed[GroupTold])
def list_groups(request: FaceRequest, at: Query[Within]) -> Listed[GroupTold]:
    """Groups of clients within reach."""
    require(request.actor, Permission.SEE)
    rows = addressing.within(ClientGroup.objects.visible_to(request.actor), request.actor, at.organization)
    order = ("organization_id", "code")
    return lists.page(rows.select_related("organization"), order=order, at=at, tell=_tell)


@router.get("{path:code}", response=GroupTold)
@etags.of_one("groups")
def get_group(request: FaceRequest, code: PathCode, organization: Organization = None) -> GroupTold:
    """One group of clients."""
    require(request.actor, Permission.SEE)
    return next(iter(_tell([addressing.one(ClientGroup.objects.visible_to(request.actor), organization, code=code)])))


@router.put("{path:code}", response=writing.PUT, openapi_extra=items.body("groups"))
def put_group(
    request: FaceRequest, code: PathCode, organization: OwnOrganization = None, dry_run: DryRun = False
) -> Status[writing.Change]:
    """Make or rename a group of clients."""
    place = addressing.home(request.actor, organization)
    return writing.put(request, "groups", {"organization": place.code, "code": code}, place=place, dry_run=dry_run)


@router.delete("{path:code}", response=writing.DELETED)
def delete_group(
    request: FaceRequest, code: PathCode, organization: Organization = None, dry_run: DryRun = False
) -> writing.Change:
    """Remove a group that no rule speaks of."""
    row = addressing.one(ClientGroup.objects.visible_to(request.actor), organization, code=code)
    place = row.organization
    return writing.delete(request, "groups", {"organization": place.code, "code": code}, place=place, dry_run=dry_run)


def _tell(rows: Iterable[ClientGroup]) -> Iterable[GroupTold]:
    for row in rows:
        yield GroupTold(organization=row.organization.code, code=row.code, name=row.name)
