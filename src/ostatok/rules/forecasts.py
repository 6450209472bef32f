"""How long what is left lasts: noted with each refresh of the outlook, judged by the next sweep (forecasts.sql)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.backends.utils import CursorWrapper

from ostatok.kernel import sql
from ostatok.ledger import outlook
from ostatok.rules import silence, sweep

BATCH: Final = 5_000

_SQL = sql.load("ostatok.rules", "forecasts.sql")
_NOTE_ALL: Final = _SQL["note_all"].replace("{lasts}", outlook.LASTS)


def note(cursor: CursorWrapper, *, now: datetime) -> None:
    """Note whose forecast passed the days of a rule, of those that a refresh as of now has looked at.

    Within its transaction.
    """
    cursor.execute(_SQL["note"], {"now": now})


def note_all(cursor: CursorWrapper, *, at: datetime) -> None:
    """The same of everybody as of any moment, whatever the outlook is of: this works out the use of all anew."""
    cursor.execute(_NOTE_ALL, outlook.asked(at))


def roots_with_due(cursor: CursorWrapper) -> Sequence[int]:
    """The roots of the trees in which some forecast was noted."""
    cursor.execute(_SQL["roots"])
    return [root for (root,) in cursor.fetchall()]


def find_due(cursor: CursorWrapper, *, root: int, at: datetime) -> int:
    """Lock at most BATCH balances that were noted, judge them as of `at`, and leave in `fire` who is to be told.

    Returns how many balances that were.
    """
    cursor.execute(_SQL["lock"], {"root": root, "limit": BATCH})
    balances = [id_ for (id_,) in cursor.fetchall()]
    cursor.execute(_SQL["take"], {"balances": balances})
    cursor.execute(_SQL["analyze"])
    silence.find_standing(cursor, now=at)
    cursor.execute(_SQL["fire"])
    sweep.judge_quota(cursor, now=at)
    return len(balances)


def remember(cursor: CursorWrapper, *, at: datetime) -> None:
    """Store who was told, and who is on guard again."""
    silence.remember_fired(cursor, now=at)
    silence.rearm(cursor, now=at)
