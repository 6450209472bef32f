"""Invitations: to a role in an organization, or to a client's cabinet."""

from collections.abc import Iterable, Sequence
from typing import Literal

from django.utils.timezone import now
from ninja import Query, Router
from ninja.responses import Status
from pydantic import Field

from ostatok.api import addressing, lists, repeating
from ostatok.api.auth import needs, require
from ostatok.api.fields import Asked, Code, Id, Listed, OwnOrganization, Text, Told, When, Within
from ostatok.api.problems import Kind, ProblemError, Refused
from ostatok.api.repeating import IdempotencyKey
from ostatok.parties import invitations
from ostatok.parties.access import Permission, Role
from ostatok.parties.invitations import InvitationRefused
from ostatok.parties.models import Client, Invitation, Organization
from ostatok.web import requests
from ostatok.web.requests import FaceRequest
from ostatok.web.signing_in import invitations as letters

router = Router(tags=["people"])


class InvitationTold(Told):
    """A way in that was mailed to somebody."""

    id: int = Field(examples=[1])
    organization: str = Field(examples=["energo"])
    email: str = Field(examples=["anna@energo.test"])
    role: Role | None = Field(description="To which role; null for a cabinet.", examples=["clerk"])
    client: str | None = Field(description="To whose cabinet, by code; null for a role.", examples=[None])
    state: Literal["open", "accepted", "revoked", "expired"] = Field(examples=["open"])
    created_at: When
    expires_at: When


class Invited(InvitationTold):
    """A new invitation, and what became of its mail."""

    mailed: bool = Field(description="Whether the link is on its way.", examples=[True])
    link: str | None = Field(
        description="The link to hand over yourself, where no mail could be sent. Null for a user who has not set a"
        " password yet: only their mailbox may have it."
    )


class NewInvitation(Asked):
    """Somebody to be invited: to a role, or to the cabinet of a client."""

    email: Text = Field(min_length=1, examples=["anna@energo.test"])
    role: Role | None = Field(default=None, examples=["clerk"])
    client: Code | None = Field(default=None, description="The code of a client.", examples=[None])


@router.get("", response=Listed[InvitationTold])
def list_invitations(request: FaceRequest, at: Query[Within]) -> Listed[InvitationTold]:
    """Invitations within reach, newest first."""
    require(request.actor, Permission.SEE)
    rows = addressing.within(Invitation.objects.visible_to(request.actor), request.actor, at.organization)
    return lists.page(rows.select_related("organization", "client"), order=("-id",), at=at, tell=_tell)


@router.post("", response={201: Invited})
@needs(Permission.CHANGE_USERS, Permission.CHANGE_CLIENTS)
def invite(
    request: FaceRequest,
    new: NewInvitation,
    organization: OwnOrganization = None,
    idempotency_key: IdempotencyKey = None,
) -> Status[Invited]:
    """Invite somebody by mail. Who is invited again gets another link, and the one before is dead.

    With an `Idempotency-Key`, the same again answers the same; 409 where the first answer told the link itself.
    """
    to = _to(request, new, organization)
    with repeating.once(request, to if isinstance(to, Organization) else to.organization, idempotency_key) as call:
        if call.kept:
            return call.replay()
        invitation, token = _invite(request, to, new)
        call.keep(f"the invitation {invitation.pk}")
    mailed = letters.send(invitation, token, request)
    link = None if mailed else letters.link_by_hand(invitation, token, request.build_absolute_uri("/")) or None
    answer = Status(201, Invited(**_told(invitation).model_dump(), mailed=mailed, link=link))
    if not link:
        call.add(answer)
    return answer


@router.delete("{int:id}", response=InvitationTold)
def revoke_invitation(request: FaceRequest, id: Id) -> InvitationTold:  # noqa: A002 (its name in the address)
    """Take an invitation back: its link leads nowhere any more. One that is over stays as it is."""
    require(request.actor, Permission.SEE)
    rows = Invitation.objects.visible_to(request.actor).select_related("organization", "client")
    found = addressing.by_id(rows, id)
    require(request.actor, _permission(found.client), found.organization)
    invitations.revoke(request.actor, found, origin=requests.origin(request), now=now())
    return _told(found)


def _invite(request: FaceRequest, to: Organization | Client, new: NewInvitation) -> tuple[Invitation, str]:
    try:
        return invitations.invite(
            request.actor, to, email=new.email, role=new.role, origin=requests.origin(request), now=now()
        )
    except InvitationRefused as error:
        raise Refused(Kind.INVALID, errors=[ProblemError(place="body", detail=str(error))]) from None


def _to(request: FaceRequest, new: NewInvitation, organization: str | None) -> Organization | Client:
    if (new.role is None) == (new.client is None):
        raise Refused(Kind.INVALID, "Name either a role or a client.")
    if new.client is None:
        place = addressing.home(request.actor, organization)
        require(request.actor, Permission.CHANGE_USERS, place)
        return place
    client = addressing.one(Client.objects.visible_to(request.actor), organization, code=new.client)
    require(request.actor, Permission.CHANGE_CLIENTS, client.organization)
    return client


def _permission(client: Client | None) -> Permission:
    return Permission.CHANGE_CLIENTS if client else Permission.CHANGE_USERS


def _tell(rows: Sequence[Invitation]) -> Iterable[InvitationTold]:
    return [_told(row) for row in rows]


def _told(row: Invitation) -> InvitationTold:
    return InvitationTold(
        id=row.pk,
        organization=row.organization.code,
        email=row.email,
        role=Role(row.role) if row.role else None,
        client=row.client.code if row.client else None,
        state=_STATES[invitations.over(row, now())],
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


_STATES: dict[str, Literal["open", "accepted", "revoked", "expired"]] = {
    "": "open",
    "accepted": "accepted",
    "revoked": "revoked",
    "expired": "expired",
}
