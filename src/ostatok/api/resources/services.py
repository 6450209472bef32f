"""Services: what is sold, and what balances are kept of."""

from collections.abc import Iterable

from ninja import Query, Router
from ninja.responses import Status
from pydantic import Field

from ostatok.api import addressing, etags, items, lists, writing
from ostatok.api.auth import require
from ostatok.api.fields import (
    DryRun,
    Listed,
    Organization,
    OwnOrganization,
    PathCode,
    StatedAmount,
    Told,
    Within,
    stated,
)
from ostatok.kernel import units
from ostatok.ledger.models import Service
from ostatok.parties.access import Permission
from ostatok.web.requests import FaceRequest

router = Router(tags=["services"])
units_router = Router(tags=["services"])


class ServiceTold(Told):
    """A service, as a description has it."""

    organization: str = Field(examples=["energo"])
    code: str = Field(examples=["ad"])
    name: str = Field(examples=["АД"])
    full_name: str = Field(examples=["Автоматический обзвон должников"])
    unit: str = Field(examples=["min"])
    rearm_from: StatedAmount | None = Field(description="The smallest top-up that starts anew; 0 for any.")
    top_up_url: str = Field(examples=[""])


class UnitTold(Told):
    """A unit that balances can be kept in."""

    code: str = Field(examples=["min"])
    base: str = Field(description="The unit amounts are kept in.", examples=["s"])
    factor: int = Field(description="How many of those are one of it.", ge=1, examples=[60])
    is_money: bool = Field(examples=[False])


@router.get("", response=Listed[ServiceTold])
def list_services(request: FaceRequest, at: Query[Within]) -> Listed[ServiceTold]:
    """Services within reach."""
    require(request.actor, Permission.SEE)
    rows = addressing.within(Service.objects.visible_to(request.actor), request.actor, at.organization)
    order = ("organization_id", "code")
    return lists.page(rows.select_related("organization"), order=order, at=at, tell=_tell)


@router.get("{path:code}", response=ServiceTold)
@etags.of_one("services")
def get_service(request: FaceRequest, code: PathCode, organization: Organization = None) -> ServiceTold:
    """One service."""
    require(request.actor, Permission.SEE)
    return next(iter(_tell([addressing.one(Service.objects.visible_to(request.actor), organization, code=code)])))


@router.put("{path:code}", response=writing.PUT, openapi_extra=items.body("services"))
def put_service(
    request: FaceRequest, code: PathCode, organization: OwnOrganization = None, dry_run: DryRun = False
) -> Status[writing.Change]:
    """Make or change a service. What the body does not mention stays as it is."""
    place = addressing.home(request.actor, organization)
    return writing.put(request, "services", {"organization": place.code, "code": code}, place=place, dry_run=dry_run)


@router.delete("{path:code}", response=writing.DELETED)
def delete_service(
    request: FaceRequest, code: PathCode, organization: Organization = None, dry_run: DryRun = False
) -> writing.Change:
    """Remove a service that no account has and no rule speaks of."""
    row = addressing.one(Service.objects.visible_to(request.actor), organization, code=code)
    place = row.organization
    identity = {"organization": place.code, "code": code}
    return writing.delete(request, "services", identity, place=place, dry_run=dry_run)


@units_router.get("", response=list[UnitTold])
def list_units(request: FaceRequest) -> list[UnitTold]:
    """Units that balances can be kept in."""
    require(request.actor, Permission.SEE)
    known = map(units.get, units.codes())
    return [UnitTold(code=one.code, base=one.base, factor=one.factor, is_money=one.is_money) for one in known]


def _tell(rows: Iterable[Service]) -> Iterable[ServiceTold]:
    for row in rows:
        yield ServiceTold(
            organization=row.organization.code,
            code=row.code,
            name=row.name,
            full_name=row.full_name,
            unit=row.unit,
            rearm_from=stated(row.rearm_from, row.unit),
            top_up_url=row.top_up_url,
        )
