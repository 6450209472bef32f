"""Whose balance runs out, soonest first, as of the last refresh of the outlook (FEATURES A11, run_out.sql)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from ostatok.kernel import slices, sql
from ostatok.kernel.slices import Slice
from ostatok.ledger.models import Outlook
from ostatok.ledger.standing import Band
from ostatok.parties import access
from ostatok.parties.access import Actor, Customer, Permission
from ostatok.parties.models import CallNote

#: How far ahead people look, and for how long who has run out stays on their list.
AHEAD: Final = timedelta(days=7)
BEHIND: Final = timedelta(days=7)
#: A call older than this is forgotten: it is time for another.
CALLED_LATELY: Final = timedelta(days=7)
ORDER: Final = ("runs_out_at", "balance_id")
#: What `RunOut.called` asks for beside the kinds of call notes.
NOT_CALLED: Final = "no"

_SQL = sql.load("ostatok.ledger", "run_out.sql")
_PIECE: Final = 500

#: A place in the list: when a balance runs out, and its id.
Key = tuple[datetime, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOut:
    """Which balances: those that run out after `since` and not after `until`, or did; None narrows nothing.

    `organization` includes those below it, `service` is a code, `manager` the user whose client it is. `called` is
    the kind of a note about the client made after `called_since`, or NOT_CALLED.
    """

    since: datetime
    until: datetime
    organization: int | None = None
    service: str | None = None
    band: Band | None = None
    manager: int | None = None
    called: str | None = None
    called_since: datetime | None = None


def outlooks(
    actor: Actor,
    wanted: RunOut,
    permission: Permission = Permission.SEE,
    *,
    after: Key | None = None,
    before: Key | None = None,
    size: int = 50,
) -> Slice[Outlook]:
    """Balances that run out, in ORDER, with their organization, service, account and client."""
    if isinstance(actor, Customer):
        return Slice(items=(), more=False)
    given = _given(actor, wanted, permission, before or after, size + 1) | {"backwards": before is not None}
    with connection.cursor() as cursor:
        cursor.execute(_SQL["list"], given)
        found = cursor.fetchall()
    rows = Outlook.objects.visible_to(actor, permission).filter(
        organization__in={at for at, _ in found}, balance__in=[balance for _, balance in found]
    )
    known = {row.balance_id: row for row in rows.select_related("organization", "service", "balance__account__client")}
    listed = [known[balance] for _, balance in found if balance in known]
    return slices.of(listed, size=size, backwards=before is not None)


def every(actor: Actor, wanted: RunOut, permission: Permission) -> Iterator[Outlook]:
    """The whole list, read piece by piece."""
    after: Key | None = None
    while True:
        found = outlooks(actor, wanted, permission, after=after, size=_PIECE)
        yield from found.items
        last = found.items[-1] if found.more else None
        if last is None or last.runs_out_at is None:
            return
        after = (last.runs_out_at, last.balance_id)


def count_clients(actor: Actor, wanted: RunOut, *, most: int) -> int:
    """How many clients have such a balance, of the first `most` balances."""
    if isinstance(actor, Customer):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_SQL["count_clients"], _given(actor, wanted, Permission.SEE, None, most))
        (count,) = cursor.fetchone()
        return int(count)


def last_notes(clients: Iterable[int], now: datetime) -> dict[int, CallNote]:
    """The newest note of each of these clients, by whom it was written, if a call then is not forgotten by now."""
    recent = CallNote.objects.filter(client__in=set(clients), at__gt=now - CALLED_LATELY)
    newest = recent.order_by("client", "-at", "-pk").distinct("client")
    return {note.client_id: note for note in newest.select_related("by")}


def _given(actor: Actor, wanted: RunOut, permission: Permission, beyond: Key | None, size: int) -> dict[str, Any]:
    roots = access.reach(actor, permission)
    beyond_at, beyond_id = beyond or (None, None)
    return {
        "roots": None if roots is None else list(roots),
        "organization": wanted.organization,
        "service": wanted.service,
        "band": None if wanted.band is None else str(wanted.band),
        "manager": wanted.manager,
        "called": wanted.called,
        "called_since": wanted.called_since,
        "since": wanted.since,
        "until": wanted.until,
        "beyond_at": beyond_at,
        "beyond_id": beyond_id,
        "backwards": False,
        "size": size,
    }
