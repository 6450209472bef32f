"""The audit: who did what, when, from where."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from ninja import Query, Router
from pydantic import Field

from ostatok.api import addressing, lists
from ostatok.api.auth import require
from ostatok.api.fields import Listed, Moment, Text, Told, When, Within, like
from ostatok.parties import finding_audit
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
    subject: Text | None = Field(
        default=None,
        description="Part of what it was done to, in small letters or capitals.",
        json_schema_extra=like("rule energo"),
    )
    origin: Text | None = Field(default=None, description="From exactly there: an address, or `cli`.")
    since: Moment | None = None
    until: Moment | None = None


@router.get("", response=Listed[ActTold])
def list_audit(request: FaceRequest, at: Query[Wanted]) -> Listed[ActTold]:
    """What was done within reach, newest first."""
    require(request.actor, Permission.SEE_AUDIT)
    fetch = partial(finding_audit.records, request.actor, _meant(request, at))
    return lists.found(fetch, order=finding_audit.ORDER, at=at, tell=_tell)


def _meant(request: FaceRequest, at: Wanted) -> finding_audit.Wanted:
    thing, _, fate = (at.action or "").partition(".")
    return finding_audit.Wanted(
        actor=at.actor or "",
        thing=thing,
        action=at.action or "" if fate else "",
        subject=at.subject or "",
        origin=at.origin or "",
        organization=addressing.organization(request.actor, at.organization).pk if at.organization else None,
        since=at.since,
        until=at.until,
        exactly=frozenset({"actor"}),
    )


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
