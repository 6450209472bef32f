"""What was given up, by why, over which provider and by which rule."""

from ninja import Query, Router
from pydantic import Field

from ostatok.api import addressing
from ostatok.api.auth import require
from ostatok.api.fields import Asked, Code, Told, When, like
from ostatok.delivery import dead, reasons
from ostatok.parties.access import Permission
from ostatok.parties.models import Language
from ostatok.web.requests import FaceRequest

router = Router(tags=["deliveries"])


class Where(Asked):
    """Given up where."""

    organization: Code | None = Field(
        default=None,
        description="Only what belongs to this organization and those below it, by code.",
        json_schema_extra=like("energo"),
    )
    language: Language = Field(default=Language.ENGLISH, description="In which language reasons are explained.")


class DeadGroup(Told):
    """Deliveries given up for one reason, over one provider, by one rule."""

    reason: str = Field(examples=["address_refused"])
    explained: str = Field(examples=["the provider refused the address"])
    provider: str = Field(description="The last one; empty: over none.", examples=["smtp:mail.example:25"])
    rule: str | None = Field(description="Null: run-out lists by mail.", examples=["Остаток минут"])
    organization: str | None = Field(description="The code of the rule's.", examples=["energo"])
    deliveries: int = Field(ge=1, examples=[3])
    oldest: When
    newest: When


class DeadTold(Told):
    """What was given up: the largest groups first, 100 of them at most."""

    deliveries: int = Field(description="How many were looked at: 20,000 at most.", ge=0, examples=[3])
    more: bool = Field(description="There are others, so that each group may be larger.", examples=[False])
    groups: list[DeadGroup]
    groups_left_out: int = Field(description="How many smaller groups are not told.", ge=0, examples=[0])


@router.get("dead", response=DeadTold)
def list_dead_deliveries(request: FaceRequest, at: Query[Where]) -> DeadTold:
    """Deliveries within reach that were given up, by reason, provider and rule, the most first."""
    require(request.actor, Permission.SEE)
    place = addressing.organization(request.actor, at.organization).pk if at.organization else None
    found = dead.of(request.actor, organization=place)
    return DeadTold(
        deliveries=found.letters,
        more=found.more,
        groups=[_told(group, at.language) for group in found.groups],
        groups_left_out=found.left_out,
    )


def _told(group: dead.Group, language: str) -> DeadGroup:
    return DeadGroup(
        reason=group.reason,
        explained=reasons.words(group.reason, "", language) if group.reason else "",
        provider=group.provider,
        rule=group.rule,
        organization=group.organization,
        deliveries=group.letters,
        oldest=group.oldest,
        newest=group.newest,
    )
