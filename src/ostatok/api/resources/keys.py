"""API keys: issued, seen, ended."""

from collections.abc import Iterable, Sequence

from django.utils.timezone import now
from ninja import P, PathEx, Query, Router
from ninja.responses import Status
from pydantic import Field

from ostatok.api import addressing, lists, repeating
from ostatok.api.auth import needs, require
from ostatok.api.fields import Asked, Code, Listed, Moment, OwnOrganization, Text, Told, When, Within
from ostatok.api.problems import Kind, ProblemError, Refused
from ostatok.api.repeating import IdempotencyKey
from ostatok.parties import api_keys
from ostatok.parties.access import Permission
from ostatok.parties.api_keys import KeyRefused
from ostatok.parties.models import ApiKey, Organization
from ostatok.web import requests
from ostatok.web.requests import FaceRequest

router = Router(tags=["keys"])

Prefix = PathEx[Code, P(description="The part of a key that names it.", example="0a1b2c3d4e5f")]


class KeyTold(Told):
    """A key, without what makes it one."""

    organization: str = Field(examples=["energo"])
    prefix: str = Field(examples=["0a1b2c3d4e5f"])
    name: str = Field(examples=["billing"])
    permissions: list[str] = Field(examples=[["post_entries", "see"]])
    created_at: When
    expires_at: When
    revoked_at: When | None = Field(examples=[None])
    last_used_at: When | None = Field(description="To about a minute.")
    valid: bool = Field(description="Whether it still opens anything.", examples=[True])


class KeyIssued(KeyTold):
    """A new key. Nobody can tell its text again."""

    text: str = Field(examples=["ost_0a1b2c3d4e5f_…"])


class NewKey(Asked):
    """A key to be issued."""

    name: Text = Field(description="What it is for.", min_length=1, examples=["billing"])
    permissions: list[Permission] = Field(min_length=1, examples=[["see", "post_entries"]])
    expires_at: Moment = Field(description="Within two years.", examples=["2027-11-21T00:00:00Z"])


@router.get("", response=Listed[KeyTold])
def list_keys(request: FaceRequest, at: Query[Within]) -> Listed[KeyTold]:
    """Keys within reach, the revoked and the expired too."""
    require(request.actor, Permission.SEE_AUDIT)
    rows = addressing.within(ApiKey.objects.visible_to(request.actor), request.actor, at.organization)
    return lists.page(rows.select_related("organization"), order=("-id",), at=at, tell=_tell)


@router.post("", response={201: KeyIssued})
@needs(Permission.CHANGE_USERS)
def issue_key(
    request: FaceRequest, new: NewKey, organization: OwnOrganization = None, idempotency_key: IdempotencyKey = None
) -> Status[KeyIssued]:
    """Issue a key. It gets no permission that you do not have; each call makes another.

    With an `Idempotency-Key`, the same again is 409 and names the key that was made: its text is told once.
    """
    place = addressing.home(request.actor, organization)
    require(request.actor, Permission.CHANGE_USERS, place)
    with repeating.once(request, place, idempotency_key) as call:
        if call.kept:
            return call.replay()
        key, text = _issue(request, place, new)
        call.keep(f"the key {key.prefix}")
    return Status(201, KeyIssued(**_told(key).model_dump(), text=text))


@router.delete("{prefix}", response=KeyTold)
def revoke_key(request: FaceRequest, prefix: Prefix) -> KeyTold:
    """End a key at once. Again does nothing."""
    require(request.actor, Permission.CHANGE_USERS)
    rows = ApiKey.objects.visible_to(request.actor, Permission.CHANGE_USERS)
    key = addressing.one(rows, prefix=prefix)
    api_keys.revoke(request.actor, key, origin=requests.origin(request), now=now())
    return _told(key)


def _issue(request: FaceRequest, place: Organization, new: NewKey) -> tuple[ApiKey, str]:
    try:
        return api_keys.issue(
            request.actor,
            place,
            name=new.name,
            permissions=set(new.permissions),
            expires_at=new.expires_at,
            origin=requests.origin(request),
            now=now(),
        )
    except KeyRefused as error:
        raise Refused(Kind.INVALID, errors=[ProblemError(place="body", detail=str(error))]) from None


def _tell(rows: Sequence[ApiKey]) -> Iterable[KeyTold]:
    return [_told(row) for row in rows]


def _told(row: ApiKey) -> KeyTold:
    return KeyTold(
        organization=row.organization.code,
        prefix=row.prefix,
        name=row.name,
        permissions=row.permissions,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        valid=api_keys.is_valid(row, now()),
    )
