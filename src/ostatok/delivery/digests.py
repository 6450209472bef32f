"""What is so now about claimed deliveries of digests (digests.sql), what speaks against them, and their lines.

Few among many: a batch without digests costs nothing here.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.backends.utils import CursorWrapper
from psycopg import AsyncConnection
from psycopg.rows import class_row

from ostatok.delivery.checks import GO, Drop, Verdict
from ostatok.delivery.reasons import DropReason
from ostatok.kernel import sql
from ostatok.ledger import run_out
from ostatok.notices.digest_letter import SHOWN, Line
from ostatok.parties.access import PERMISSIONS, Permission

#: Counting lines stops here: beyond it the figure only needs to be large.
COUNTED: Final = 1000
#: The list of a morning is of no use in the next.
KEEP_FOR: Final = timedelta(hours=20)

_SQL = sql.load("ostatok.delivery", "digests.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One claimed delivery of a digest and what is around it, as digests.sql names it.

    `lines` counts what the recipient would see, COUNTED + 1 at most. `permitted`: it may see the clients there.
    """

    id: int
    attempts: int
    channel: str
    created_at: datetime
    organization_id: int
    user_id: int
    address: str
    recipient_active: bool
    subscribed: bool
    permitted: bool
    language: str
    timezone: str
    mine: bool
    site: str
    organization_name: str
    organization_phone: str
    sender_address: str
    lines: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Facts:
    row: Row
    channel_open: bool
    address_valid: bool


async def fetch(connection: AsyncConnection, ids: Sequence[int], now: datetime) -> list[Row]:
    """The rows of those of these deliveries that are of digests, in the order of their ids."""
    cursor = connection.cursor(row_factory=class_row(Row))
    return await (await cursor.execute(_SQL["facts"], _asked(ids, now))).fetchall()


def fetch_now(cursor: CursorWrapper, ids: Sequence[int], now: datetime) -> list[Row]:
    """The same for whoever asks from a page or a command."""
    cursor.execute(_SQL["facts"], _asked(ids, now))
    names = [column[0] for column in cursor.description]
    return [Row(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


async def fetch_lines(connection: AsyncConnection, ids: Sequence[int], now: datetime) -> Mapping[int, list[Line]]:
    """The first lines of each digest, by the id of its delivery, as its recipient may see them now."""
    lines: defaultdict[int, list[Line]] = defaultdict(list)
    cursor = await connection.execute(_SQL["lines"], _asked(ids, now))
    async for delivery, *line in cursor:
        lines[delivery].append(Line(*line))
    return lines


def _asked(ids: Sequence[int], now: datetime) -> dict[str, Any]:
    return {
        "ids": list(ids),
        "roles": [role.value for role, may in PERMISSIONS.items() if Permission.SEE in may],
        "since": now - run_out.BEHIND,
        "until": now + run_out.AHEAD,
        "called_since": now - run_out.CALLED_LATELY,
        "counted": COUNTED + 1,
        "shown": SHOWN,
    }


def decide(row: Row, now: datetime, *, channel_open: bool, address_valid: bool) -> Verdict:
    """The first objection to sending a digest, or Go; in the order of a notice's checks."""
    facts = _Facts(row=row, channel_open=channel_open, address_valid=address_valid)
    return next((Drop(reason) for objects, reason in _OBJECTIONS if objects(facts, now)), GO)


_OBJECTIONS: Final[tuple[tuple[Callable[[_Facts, datetime], bool], DropReason], ...]] = (
    (lambda facts, _now: not facts.row.recipient_active, DropReason.RECIPIENT_INACTIVE),
    (lambda facts, _now: not facts.row.permitted, DropReason.ROLE_LOST),
    (lambda facts, _now: not facts.channel_open, DropReason.CHANNEL_OFF),
    (lambda facts, _now: not facts.row.subscribed, DropReason.UNSUBSCRIBED),
    (lambda facts, _now: not facts.row.lines, DropReason.NOBODY_RUNS_OUT),
    (lambda facts, now: now - facts.row.created_at >= KEEP_FOR, DropReason.EXPIRED),
    (lambda facts, _now: not facts.address_valid, DropReason.BAD_ADDRESS),
)
