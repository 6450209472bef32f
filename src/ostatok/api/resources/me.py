"""Who asks, and what it may do where."""

from typing import Literal

from ninja import Router
from pydantic import Field

from ostatok.api.fields import Told
from ostatok.parties.access import PERMISSIONS, Actor, Key, Member, Permission, Role
from ostatok.parties.models import Organization
from ostatok.web.requests import FaceRequest

router = Router(tags=["keys"])


class ReachTold(Told):
    """An organization, and so everything below it."""

    organization: str = Field(examples=["energo"])
    role: Role | None = Field(description="The role there; null for a key.", examples=[None])
    permissions: list[Permission] = Field(examples=[["see", "post_entries"]])


class MeTold(Told):
    """Who asks."""

    kind: Literal["key", "member", "system"] = Field(examples=["key"])
    name: str = Field(examples=["billing (0a1b2c3d4e5f)"])
    reach: list[ReachTold] = Field(description="Where it may do what; the installation itself: everywhere.")


@router.get("", response=MeTold)
def get_me(request: FaceRequest) -> MeTold:
    """Who you are, and what you may do where."""
    actor = request.actor
    kind: Literal["key", "member", "system"] = (
        "key" if isinstance(actor, Key) else "member" if isinstance(actor, Member) else "system"
    )
    return MeTold(kind=kind, name=actor.name, reach=_reach(actor))


def _reach(actor: Actor) -> list[ReachTold]:
    if isinstance(actor, Key):
        code = Organization.objects.values_list("code", flat=True).get(pk=actor.organization_id)
        return [ReachTold(organization=code, role=None, permissions=sorted(actor.permissions))]
    if isinstance(actor, Member):
        codes = Organization.objects.filter(pk__in=actor.roles).order_by("code").values_list("pk", "code")
        return [_of_role(code, actor.roles[pk]) for pk, code in codes]
    return []


def _of_role(code: str, role: Role) -> ReachTold:
    return ReachTold(organization=code, role=role, permissions=sorted(PERMISSIONS[role]))
