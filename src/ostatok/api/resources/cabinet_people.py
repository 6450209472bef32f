"""Who may see a client in the cabinet. They are let in by an invitation; here they are seen, and shut out."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.timezone import now
from ninja import Query, Router
from pydantic import Field

from ostatok.api import addressing, lists
from ostatok.api.auth import require
from ostatok.api.fields import Listed, Organization, Paging, PathCode, Told, When
from ostatok.api.problems import Kind, Refused
from ostatok.api.resources.users import Email
from ostatok.parties import audit
from ostatok.parties.access import Permission
from ostatok.parties.models import Client, ClientUser
from ostatok.web import requests
from ostatok.web.requests import FaceRequest

router = Router(tags=["clients"])


class PersonTold(Told):
    """A person who may see the client in the cabinet."""

    email: str = Field(examples=["anna@client.test"])
    name: str = Field(examples=["Анна"])
    since: When


@router.get("{path:code}/people", response=Listed[PersonTold])
def list_cabinet_people(
    request: FaceRequest, code: PathCode, at: Query[Paging], organization: Organization = None
) -> Listed[PersonTold]:
    """Who may see one client in the cabinet."""
    rows = ClientUser.objects.visible_to(request.actor).filter(client=_client(request, code, organization))
    return lists.page(rows.select_related("user"), order=("id",), at=at, tell=_tell)


@router.delete("{path:code}/people/{path:email}", response=PersonTold)
def shut_out_of_cabinet(
    request: FaceRequest, code: PathCode, email: Email, organization: Organization = None
) -> PersonTold:
    """Let a person see a client no longer. Letters to the client go on."""
    client = _client(request, code, organization)
    require(request.actor, Permission.CHANGE_CLIENTS, client.organization)
    rows = ClientUser.objects.visible_to(request.actor).filter(client=client, user__email=email)
    found = rows.select_related("user").first()
    if found is None:
        raise Refused(Kind.NOT_FOUND)
    told = next(iter(_tell([found])))
    subject = f"client {client.organization.code}/{client.code}"
    with transaction.atomic():
        found.delete()
        changes: audit.Changes = {"email": (email, None)}
        origin = requests.origin(request)
        audit.record(request.actor, "client.access_taken", subject, client.organization, changes, origin, now())
    return told


def _client(request: FaceRequest, code: str, organization: str | None) -> Client:
    require(request.actor, Permission.SEE)
    return addressing.one(Client.objects.visible_to(request.actor), organization, code=code)


def _tell(rows: Sequence[ClientUser]) -> Iterable[PersonTold]:
    for row in rows:
        yield PersonTold(email=row.user.email, name=row.user.name, since=row.created_at)
