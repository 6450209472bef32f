"""The audit: who did what, when, from where."""

from collections.abc import Iterable, Sequence
from typing import Any

from ninja import Query, Router
from pydantic import Field

from ostatok.api import addressing, lists
from ostatok.api.auth import require
from ostatok.api.fields import Listed, Moment, Text, Told, When, Within, like
from ostatok.api.resources.notices import since
from ostatok.parties.access import Permission
from ostatok.parties.models import AuditRecord, Organization
from ostatok.web.requests import FaceRequest

router = Router(tags=["audit"])


class ActTold(Told):
    """One thing that was done. Personal data and secrets are not in it: that they changed is."""

    id: int = Field(examples=[1])
    organization: str | None = Field(examples=["energo"])
    actor: str = Field(examples=["anna@energo.test"])
    action: str = Field(examples=["rule.changed"])
    subject: str = Field(examples=["rule energo/Остаток минут"])
    changes: dict[str, Any] = Field(
        description="Each field before and after.", examples=[{"state": ["inactive", "active"]}]
    )
    origin: str = Field(description="Where it came from: an address, or `cli`.", examples=["192.0.2.1"])
    at: When


class Wanted(Within):
    """Which acts."""

    actor: Text | None = Field(default=None, description="Done by whoever is called exactly so.")
    action: Text | None = Field(
        default=None, description="Exactly this, or all that begin with it and a dot.", json_schema_extra=like("rule")
    )
    since: Moment | None = None
    until: Moment | None = None


@router.get("", response=Listed[ActTold])
def list_audit(request: FaceRequest, at: Query[Wanted]) -> Listed[ActTold]:
    """What was done within reach, newest first."""
    require(request.actor, Permission.SEE_AUDIT)
    rows = addressing.within(AuditRecord.objects.visible_to(request.actor), request.actor, at.organization)
    rows = since(rows, "at", at.since, at.until)
    if at.actor is not None:
        rows = rows.filter(actor=at.actor)
    if at.action is not None:
        whole, _, fate = at.action.partition(".")
        rows = rows.filter(action=at.action) if fate else rows.filter(action__startswith=f"{whole}.")
    return lists.page(rows, order=("-at", "-id"), at=at, tell=_tell)


def _tell(rows: Sequence[AuditRecord]) -> Iterable[ActTold]:
    """An act outlives its organization: what is gone has no code any more."""
    owners = Organization.objects.filter(pk__in={row.organization_id for row in rows})
    codes = dict(owners.values_list("pk", "code"))
    for row in rows:
        yield ActTold(
            id=row.pk,
            organization=codes.get(row.organization_id or 0),
            actor=row.actor,
            action=row.action,
            subject=row.subject,
            changes=row.changes,
            origin=row.origin,
            at=row.at,
        )
