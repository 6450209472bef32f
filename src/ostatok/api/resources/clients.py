"""Clients: whoever pays and is told."""

from collections.abc import Iterable, Sequence
from functools import partial

from ninja import Query, Router
from ninja.responses import Status
from pydantic import Field

from ostatok.api import addressing, etags, items, lists, writing
from ostatok.api.auth import require
from ostatok.api.fields import (
    Code,
    DryRun,
    Found,
    Manager,
    Organization,
    OwnOrganization,
    PathCode,
    Text,
    Told,
    Within,
    like,
)
from ostatok.intake.description.sections.clients import groups_of
from ostatok.ledger import searching
from ostatok.ledger.models import Service
from ostatok.ledger.standing import Band
from ostatok.parties.access import Actor, Permission
from ostatok.parties.models import Client, ClientGroup, Language, User
from ostatok.web.requests import FaceRequest

router = Router(tags=["clients"])


class ClientTold(Told):
    """A client, as a description has it."""

    organization: str = Field(examples=["energo"])
    code: str = Field(examples=["c1"])
    name: str = Field(examples=["ООО «Ромашка»"])
    tax_id: str = Field(examples=["7812345678"])
    email: str = Field(examples=["c1@client.test"])
    phone: str = Field(examples=["+7 921 000-00-01"])
    language: Language | None = Field(description="Null: that of the organization.", examples=["ru"])
    timezone: str = Field(description="Empty: that of the organization.", examples=[""])
    status: Client.Status = Field(examples=["active"])
    tags: list[str] = Field(examples=[["new"]])
    groups: list[str] = Field(description="Codes of its groups within reach.", examples=[["vip"]])
    manager: str | None = Field(
        description="The e-mail of whoever looks after it; null: nobody, or somebody out of reach.",
        examples=["olga@energo.test"],
    )
    bank_account: str = Field(examples=[""])


class Wanted(Within):
    """Which clients."""

    search: Text | None = Field(
        default=None,
        description="Parts of a name, code, tax id or phone, or of a number or address of an account. "
        "With an @: part of an e-mail address.",
        json_schema_extra=like("ромаш"),
    )
    band: Band | None = Field(default=None, description="With a balance as low as this.")
    status: Client.Status | None = None
    group: Code | None = Field(
        default=None, description="Only those in a group of this code.", json_schema_extra=like("vip")
    )
    service: Code | None = Field(
        default=None, description="Only those with a balance of a service of this code.", json_schema_extra=like("ad")
    )
    tag: Code | None = Field(default=None, json_schema_extra=like("new"))
    manager: Manager | None = Field(
        default=None,
        description="Only those that this user looks after, by e-mail; `me` for one's own.",
        json_schema_extra=like("olga@energo.test"),
    )
    tax_id: Code | None = Field(default=None, json_schema_extra=like("7812345678"))


@router.get("", response=Found[ClientTold])
def list_clients(request: FaceRequest, at: Query[Wanted]) -> Found[ClientTold]:
    """Clients within reach, by name."""
    require(request.actor, Permission.SEE)
    search = _search(request, at)
    cut = searching.clients_are_cut(request.actor, search)
    fetch = partial(searching.clients, request.actor, search)
    return lists.searched(fetch, order=searching.CLIENT_ORDER, at=at, tell=partial(tell, request.actor), cut=cut)


@router.get("{path:code}", response=ClientTold)
@etags.of_one("clients")
def get_client(request: FaceRequest, code: PathCode, organization: Organization = None) -> ClientTold:
    """One client."""
    require(request.actor, Permission.SEE)
    row = addressing.one(Client.objects.visible_to(request.actor), organization, code=code)
    return next(iter(tell(request.actor, [row])))


@router.put("{path:code}", response=writing.PUT, openapi_extra=items.body("clients"))
def put_client(
    request: FaceRequest, code: PathCode, organization: OwnOrganization = None, dry_run: DryRun = False
) -> Status[writing.Change]:
    """Make or change a client. What the body does not mention stays; `tags` are all, `groups` all within reach."""
    place = addressing.home(request.actor, organization)
    return writing.put(request, "clients", {"organization": place.code, "code": code}, place=place, dry_run=dry_run)


@router.delete("{path:code}", response=writing.DELETED)
def delete_client(
    request: FaceRequest, code: PathCode, organization: Organization = None, dry_run: DryRun = False
) -> writing.Change:
    """Remove a client without accounts."""
    row = addressing.one(Client.objects.visible_to(request.actor), organization, code=code)
    place = row.organization
    return writing.delete(request, "clients", {"organization": place.code, "code": code}, place=place, dry_run=dry_run)


def _search(request: FaceRequest, at: Wanted) -> searching.Search:
    actor, place, group, service = request.actor, at.organization, at.group, at.service
    return searching.Search(
        text=" ".join(filter(None, (at.search, at.tax_id))),
        organization=addressing.organization(actor, place).pk if place else None,
        statuses=[at.status] if at.status else None,
        group=addressing.one(ClientGroup.objects.visible_to(actor), place, code=group).pk if group else None,
        service=addressing.one(Service.objects.visible_to(actor), place, code=service).pk if service else None,
        tag=at.tag,
        band=at.band,
        manager=addressing.manager(request, at.manager),
    )


def tell(actor: Actor, rows: Sequence[Client]) -> Iterable[ClientTold]:
    """Clients as the API tells them: one query more for their groups, one for managers."""
    groups = groups_of(actor, [row.pk for row in rows])
    managers = dict(User.objects.filter(pk__in={row.manager_id for row in rows}).values_list("pk", "email"))
    for row in rows:
        yield ClientTold(
            organization=row.organization.code,
            code=row.code,
            name=row.name,
            tax_id=row.tax_id,
            email=row.email,
            phone=row.phone,
            language=Language(row.language) if row.language else None,
            timezone=row.timezone,
            status=Client.Status(row.status),
            tags=row.tags,
            manager=managers.get(row.manager_id or 0),
            groups=sorted(set(groups.get(row.pk, {}).values())),
            bank_account=row.bank_account,
        )
