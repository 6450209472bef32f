"""What the outbox looks like now, for whoever watches it. All organizations together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db.backends.utils import CursorWrapper

from ostatok.kernel import sql

_SQL: Final = sql.load(__package__, "gauges.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Gauges:
    """Counts of deliveries by state; `oldest_due` in seconds."""

    deliveries: Mapping[str, int]
    oldest_due: float
    circuits_open: int
    workers: int


def read(cursor: CursorWrapper) -> Gauges:
    """Look at the outbox: its partial indexes only."""
    cursor.execute(_SQL["now"])
    waiting, sending, oldest, circuits, workers = cursor.fetchone()
    return Gauges(
        deliveries={"waiting": waiting, "sending": sending},
        oldest_due=max(0.0, oldest),
        circuits_open=circuits,
        workers=workers,
    )
