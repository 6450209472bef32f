"""Organizations: the tree of those who sell."""

from collections.abc import Sequence
from functools import partial

from ninja import Query, Router
from ninja.responses import Status
from pydantic import Field

from ostatok.api import addressing, etags, items, lists, writing
from ostatok.api.auth import require
from ostatok.api.fields import DryRun, Listed, PathCode, Told, Within
from ostatok.parties.access import Actor, Permission
from ostatok.parties.models import Language, Organization
from ostatok.web.requests import FaceRequest

router = Router(tags=["organizations"])


class OrganizationTold(Told):
    """An organization, as a description has it."""

    code: str = Field(examples=["energo"])
    parent: str | None = Field(
        description="The code of the one above it; null where that is out of reach, or there is none.",
        examples=[None],
    )
    name: str = Field(examples=["ООО «Энергосбыт»"])
    tax_id: str = Field(examples=["7701234567"])
    email: str = Field(examples=["ops@energo.test"])
    phone: str = Field(examples=[""])
    timezone: str = Field(examples=["Europe/Moscow"])
    language: Language = Field(examples=["ru"])
    top_up_url: str = Field(description="Where clients pay.", examples=[""])
    may_send_pin: bool = Field(examples=[False])


@router.get("", response=Listed[OrganizationTold])
def list_organizations(request: FaceRequest, at: Query[Within]) -> Listed[OrganizationTold]:
    """Organizations within reach. Ordered as they were made."""
    require(request.actor, Permission.SEE)
    rows = addressing.within(Organization.objects.visible_to(request.actor), request.actor, at.organization, "")
    return lists.page(rows, order=("pk",), at=at, tell=partial(_tell, request.actor))


@router.get("{path:code}", response=OrganizationTold)
@etags.of_one("organizations")
def get_organization(request: FaceRequest, code: PathCode) -> OrganizationTold:
    """One organization."""
    require(request.actor, Permission.SEE)
    return _tell(request.actor, [addressing.organization(request.actor, code)])[0]


@router.put("{path:code}", response=writing.PUT, openapi_extra=items.body("organizations"))
def put_organization(request: FaceRequest, code: PathCode, dry_run: DryRun = False) -> Status[writing.Change]:
    """Make or change an organization. What the body does not mention stays as it is; so does a `parent` of null."""
    place = Organization.objects.visible_to(request.actor).filter(code=code).first()
    item = writing.item_of(request, {"code": code})
    if item.get("parent") is None:
        item.pop("parent", None)
    return writing.status(writing.make(request, "organizations", item, place=place, dry_run=dry_run))


@router.delete("{path:code}", response=writing.DELETED)
def delete_organization(request: FaceRequest, code: PathCode, dry_run: DryRun = False) -> writing.Change:
    """Remove an organization that has nothing left."""
    place = addressing.organization(request.actor, code)
    return writing.delete(request, "organizations", {"code": code}, place=place, dry_run=dry_run)


def _tell(actor: Actor, rows: Sequence[Organization]) -> list[OrganizationTold]:
    """Who stands above them is told where that is within reach."""
    above = Organization.objects.visible_to(actor).filter(pk__in={row.parent_id for row in rows})
    codes = dict(above.values_list("pk", "code"))
    return [_told(row, codes.get(row.parent_id or 0)) for row in rows]


def _told(row: Organization, parent: str | None) -> OrganizationTold:
    return OrganizationTold(
        code=row.code,
        parent=parent,
        name=row.name,
        tax_id=row.tax_id,
        email=row.email,
        phone=row.phone,
        timezone=row.timezone,
        language=Language(row.language),
        top_up_url=row.top_up_url,
        may_send_pin=row.may_send_pin,
    )
