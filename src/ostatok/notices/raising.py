"""Occasions that passed their quota become notices (raise.sql)."""

from datetime import datetime

from django.db.backends.utils import CursorWrapper

from ostatok.kernel import sql

_SQL = sql.load("ostatok.notices", "raise.sql")


def prepare(cursor: CursorWrapper) -> None:
    cursor.execute(_SQL["prepare"])


def raise_all(cursor: CursorWrapper, *, now: datetime) -> int:
    """Raise what `fire` says is to be raised; the new notices are left in `raised`. Returns their number."""
    cursor.execute(_SQL["raise"], {"now": now})
    return int(cursor.rowcount)
