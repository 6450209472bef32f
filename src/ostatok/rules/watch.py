"""Balances moved: the rules look at them, entry by entry (watch.sql)."""

from datetime import datetime

from django.db.backends.utils import CursorWrapper

from ostatok.kernel import sql

_SQL = sql.load("ostatok.rules", "watch.sql")


def prepare(cursor: CursorWrapper) -> None:
    cursor.execute(_SQL["prepare"])


def judge(cursor: CursorWrapper, *, now: datetime) -> None:
    """Judge every look in `look`; occasions are left in `fire`, with `raised` where one becomes a notice."""
    for step in ("thresholds", "bands", "quota"):
        cursor.execute(_SQL[step], {"now": now})


def judge_quota(cursor: CursorWrapper, *, now: datetime) -> None:
    cursor.execute(_SQL["quota"], {"now": now})


def remember_counts(cursor: CursorWrapper) -> None:
    """Count what was raised towards each epoch's max qty."""
    cursor.execute(_SQL["remember_counts"])


def remember(cursor: CursorWrapper, *, now: datetime) -> None:
    """Store what `judge` found in alarms, and put the tripwires where the next change of state lies."""
    for step in ("remember_counts", "remember_bands", "remember_thresholds", "remember_band_reasons", "set_tripwires"):
        cursor.execute(_SQL[step], {"now": now})
