"""Records of the audit found by who, what, where and when, the newest first (finding_audit.sql)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from ostatok.kernel import slices, sql
from ostatok.kernel.slices import Slice
from ostatok.parties import access
from ostatok.parties.access import Actor, Customer, Permission
from ostatok.parties.models import AuditRecord

#: The names of what makes a record's place in the list.
ORDER: Final = ("at", "pk")

_SQL = sql.load("ostatok.parties", "finding_audit.sql")

#: A place in the list: the moment of a record, written as text or not, and its id.
Key = tuple[datetime | str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What narrows the audit; empty or None narrows nothing.

    `actor` and `subject` are parts of what is written, in small letters or capitals, with `exactly` the whole of it;
    `thing` is the first word of an action, `action` all of it; `organization` includes those below it;
    `until` is not included.
    """

    actor: str = ""
    thing: str = ""
    action: str = ""
    subject: str = ""
    origin: str = ""
    organization: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    exactly: frozenset[str] = frozenset()


def records(
    actor: Actor, wanted: Wanted, *, after: Key | None = None, before: Key | None = None, size: int = 50
) -> Slice[AuditRecord]:
    """Records that the actor may see, the newest first, after or before a key; with their organizations."""
    found = _found(actor, wanted, after, before, size + 1)
    rows = AuditRecord.objects.visible_to(actor).select_related("organization").filter(pk__in=found)
    known = {row.pk: row for row in rows}
    return slices.of([known[pk] for pk in found if pk in known], size=size, backwards=before is not None)


def _found(actor: Actor, wanted: Wanted, after: Key | None, before: Key | None, size: int) -> list[int]:
    if isinstance(actor, Customer):
        return []
    roots = access.reach(actor, Permission.SEE_AUDIT)
    beyond_at, beyond_id = before or after or (None, None)
    given = {
        "roots": None if roots is None else list(roots),
        "organization": wanted.organization,
        "actor": _part(wanted.actor),
        "thing": wanted.thing or wanted.action.partition(".")[0] or None,
        "subject": _part(wanted.subject),
        "origin": wanted.origin or None,
        "since": wanted.since,
        "until": wanted.until,
        "beyond_at": beyond_at,
        "beyond_id": beyond_id,
        "backwards": before is not None,
        "size": size,
        "exact_actor": _whole(wanted, "actor"),
        "exact_action": wanted.action or None,
        "exact_subject": _whole(wanted, "subject"),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL["records"], given)
        return [pk for (pk,) in cursor.fetchall()]


def _part(written: str) -> str | None:
    """What is looked for, in small letters."""
    return written.lower() or None


def _whole(wanted: Wanted, name: str) -> str | None:
    return getattr(wanted, name) or None if name in wanted.exactly else None
