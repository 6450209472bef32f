"""Sorting balances into segments whenever something an audience can ask for has changed."""

from collections.abc import Sequence
from enum import StrEnum

from django.db.backends.utils import CursorWrapper

from ostatok.kernel import sql

_SQL = sql.load("ostatok.ledger", "segments.sql")


#: So many at once were just written, most likely: what the planner knows of the tables is older.
_MANY = 1_000


class Scope(StrEnum):
    """Whose balances are to be sorted anew."""

    ACCOUNTS = "of_accounts"
    CLIENTS = "of_clients"
    ORGANIZATIONS = "of_organizations"


def prepare(cursor: CursorWrapper) -> None:
    cursor.execute(_SQL["prepare"])


def find(cursor: CursorWrapper, scope: Scope, ids: Sequence[int]) -> None:
    """Find each balance's segment; those that are to move are left in the temporary table `sorted`."""
    if len(ids) > _MANY or _look_empty(cursor):
        cursor.execute(_SQL["analyze"])
    facets = _SQL["facets"].format(scope=_SQL[scope])
    for step in ("add_facets", "sort", "add_segments", "find_segments", "keep_moved"):
        cursor.execute(_SQL[step].replace("{facets}", facets), {"ids": list(ids)})


def _look_empty(cursor: CursorWrapper) -> bool:
    """Whether the planner takes tables for empty that are not, since there are balances to sort."""
    cursor.execute(_SQL["look_empty"])
    [they_do] = cursor.fetchone()
    return bool(they_do)


def move(cursor: CursorWrapper) -> None:
    """Move the balances in `sorted` to their new segments; each meets the rules at its next posting."""
    cursor.execute(_SQL["move"])
