"""Contacts: people of an organization who can be told things without signing in."""

from collections.abc import Iterable, Sequence

from ninja import Query, Router
from ninja.responses import Status
from pydantic import Field

from ostatok.api import addressing, etags, items, lists, writing
from ostatok.api.auth import require
from ostatok.api.fields import DryRun, Listed, Organization, OwnOrganization, PathCode, Text, Told, Within, like
from ostatok.intake.description.sections.contacts import points_of
from ostatok.parties import finding
from ostatok.parties.access import Permission
from ostatok.parties.models import Contact, ContactPoint
from ostatok.web.requests import FaceRequest

router = Router(tags=["organizations"])


class PointTold(Told):
    """One address of a contact."""

    kind: ContactPoint.Kind = Field(examples=["email"])
    address: str = Field(examples=["duty@energo.test"])
    label: str = Field(examples=[""])


class ContactTold(Told):
    """A contact, as a description has it."""

    organization: str = Field(examples=["energo"])
    code: str = Field(examples=["duty"])
    name: str = Field(examples=["Дежурный"])
    position: str = Field(examples=["диспетчер"])
    points: list[PointTold]


class Wanted(Within):
    """Which contacts."""

    search: Text | None = Field(default=None, description="Part of a name.", json_schema_extra=like("ольга"))


@router.get("", response=Listed[ContactTold])
def list_contacts(request: FaceRequest, at: Query[Wanted]) -> Listed[ContactTold]:
    """Contacts within reach."""
    require(request.actor, Permission.SEE)
    rows = addressing.within(Contact.objects.visible_to(request.actor), request.actor, at.organization)
    if at.search:
        rows = rows.filter(finding.contacts(at.search))
    order = ("organization_id", "code")
    return lists.page(rows.select_related("organization"), order=order, at=at, tell=_tell)


@router.get("{path:code}", response=ContactTold)
@etags.of_one("contacts")
def get_contact(request: FaceRequest, code: PathCode, organization: Organization = None) -> ContactTold:
    """One contact."""
    require(request.actor, Permission.SEE)
    return next(iter(_tell([addressing.one(Contact.objects.visible_to(request.actor), organization, code=code)])))


@router.put("{path:code}", response=writing.PUT, openapi_extra=items.body("contacts"))
def put_contact(
    request: FaceRequest, code: PathCode, organization: OwnOrganization = None, dry_run: DryRun = False
) -> Status[writing.Change]:
    """Make or change a contact. `points`, where they are mentioned, are all its addresses."""
    place = addressing.home(request.actor, organization)
    return writing.put(request, "contacts", {"organization": place.code, "code": code}, place=place, dry_run=dry_run)


@router.delete("{path:code}", response=writing.DELETED)
def delete_contact(
    request: FaceRequest, code: PathCode, organization: Organization = None, dry_run: DryRun = False
) -> writing.Change:
    """Remove a contact whom no rule tells anything."""
    row = addressing.one(Contact.objects.visible_to(request.actor), organization, code=code)
    place = row.organization
    return writing.delete(request, "contacts", {"organization": place.code, "code": code}, place=place, dry_run=dry_run)


def _tell(rows: Sequence[Contact]) -> Iterable[ContactTold]:
    points = points_of([row.pk for row in rows])
    for row in rows:
        yield ContactTold(
            organization=row.organization.code,
            code=row.code,
            name=row.name,
            position=row.position,
            points=[
                PointTold(kind=ContactPoint.Kind(kind), address=address, label=label)
                for kind, address, label in points.get(row.pk, ())
            ],
        )
