"""Notices that reached nobody do not count, until they are to be sent again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper
from psycopg import AsyncConnection

from ostatok.kernel import sql

_SQL = sql.load("ostatok.rules", "give_back.sql")
# In this order, after the balances: whoever takes the same rows does so in the same order.
STEPS = ("uncount", "repeat_again")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """What one notice took up of its rule's max qty: in which epoch of which balance."""

    rule: int
    balance: int
    epoch: int


async def give_back(connection: AsyncConnection, places: Sequence[Place], *, now: datetime) -> None:
    """Uncount these notices, and let alarms that were waiting for them repeat again after their period.

    Within the caller's transaction, as its last step: it waits for postings to the same balances.
    """
    if not places:
        return
    await connection.execute(_SQL["lock"], {"balances": sorted({place.balance for place in places})})
    for step in STEPS:
        await connection.execute(_SQL[step], {**_columns(places), "now": now})


def take_again(cursor: CursorWrapper, places: Sequence[Place]) -> None:
    """Count these notices again: they are to be sent after all. As the last step, as `give_back`."""
    if places:
        cursor.execute(_SQL["lock"], {"balances": sorted({place.balance for place in places})})
        cursor.execute(_SQL["count_again"], _columns(places))


def _columns(places: Sequence[Place]) -> dict[str, Any]:
    return {
        "rules": [place.rule for place in places],
        "balances": [place.balance for place in places],
        "epochs": [place.epoch for place in places],
    }
