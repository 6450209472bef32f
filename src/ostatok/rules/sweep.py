"""Time passed: alarms that are firing repeat each period (sweep.sql)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from ostatok.kernel import sql
from ostatok.ledger import outlook

BATCH = 5_000

_SQL = sql.load("ostatok.rules", "sweep.sql")
_DUE = _SQL["due"].replace("{lasting}", _SQL["lasting"])
_LOCK_DUE, _FIRE_DUE = (
    _SQL[block].replace("{due}", _DUE).replace("{lasts}", outlook.LASTS) for block in ("lock_due", "fire_due")
)


def roots_with_due(cursor: CursorWrapper, *, at: datetime) -> Sequence[int]:
    """The roots of the trees in which some alarm is due."""
    cursor.execute(_SQL["roots"], {"at": at})
    return [root for (root,) in cursor.fetchall()]


def find_due(cursor: CursorWrapper, *, root: int, at: datetime) -> int:
    """Lock the balances of at most BATCH due alarms and leave what is due of them in `fire`; returns how many."""
    due: dict[str, Any] = {"root": root, "at": at, "limit": BATCH, **outlook.asked(at)}
    cursor.execute(_LOCK_DUE, due)
    balances = [id_ for (id_,) in cursor.fetchall()]
    cursor.execute(_FIRE_DUE, due | {"balances": balances})
    judge_quota(cursor, now=at)
    return len(balances)


def judge_quota(cursor: CursorWrapper, *, now: datetime) -> None:
    """Let the quota decide on every occasion in `fire`; none of them waits for a next check, since this is one."""
    cursor.execute(_SQL["quota"], {"now": now})


def remember(cursor: CursorWrapper, *, at: datetime) -> None:
    cursor.execute(_SQL["remember"], {"now": at})
