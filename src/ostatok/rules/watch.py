"""Balances moved: the rules look at them, entry by entry (watch.sql)."""

from datetime import datetime

from django.db.backends.utils import CursorWrapper

from ostatok.kernel import sql
from ostatok.ledger import outlook

_SQL = sql.load("ostatok.rules", "watch.sql")
_THRESHOLDS = _SQL["thresholds"].replace("{lasted}", outlook.LASTED_AT_LOOK)


def prepare(cursor: CursorWrapper) -> None:
    cursor.execute(_SQL["prepare"])


def judge(cursor: CursorWrapper, *, now: datetime) -> int:
    """Judge every look in `look`; returns how many occasions there were.

    They are left in `fire`, with the reason `raised` where one becomes a notice.
    """
    cursor.execute(_THRESHOLDS, outlook.asked(now))
    cursor.execute(_SQL["bands"])
    return judge_quota(cursor, now=now)


def judge_quota(cursor: CursorWrapper, *, now: datetime) -> int:
    """Let the quota decide on every occasion in `fire`; returns how many there are."""
    cursor.execute(_SQL["quota"], {"now": now})
    return int(cursor.rowcount)


def remember_counts(cursor: CursorWrapper) -> None:
    """Count what was raised towards each epoch's max qty."""
    cursor.execute(_SQL["remember_counts"])


def remember(cursor: CursorWrapper, *, now: datetime) -> None:
    """Store what `judge` found in alarms, and leave in `tripwire` where the next change of state lies."""
    for step in ("remember_counts", "remember_bands", "remember_thresholds", "remember_band_reasons", "tripwires"):
        cursor.execute(_SQL[step], {"now": now})
