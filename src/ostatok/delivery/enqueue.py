"""Notices become deliveries, one for each recipient and channel (enqueue.sql); a digest becomes one."""

from collections.abc import Sequence
from datetime import datetime

from django.db.backends.utils import CursorWrapper

from ostatok.kernel import sql

WAKE_CHANNEL = "ostatok_outbox"

_SQL = sql.load("ostatok.delivery", "enqueue.sql")


def enqueue_raised(cursor: CursorWrapper, *, now: datetime) -> int:
    """Put the deliveries of all notices in `raised` into the outbox; returns how many."""
    cursor.execute(_SQL["enqueue"], {"now": now})
    deliveries = int(cursor.rowcount)
    cursor.execute(_SQL["settle_undeliverable"], {"now": now})
    return deliveries


def enqueue_digests(cursor: CursorWrapper, digests: Sequence[int], *, now: datetime) -> int:
    """Put the deliveries of these digests into the outbox; returns how many."""
    cursor.execute(_SQL["enqueue_digests"], {"digests": list(digests), "now": now})
    return int(cursor.rowcount)
