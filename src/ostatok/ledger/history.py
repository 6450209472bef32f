"""What was left of a balance over time: the points of its chart."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from ostatok.kernel import sql
from ostatok.ledger.models import Balance

#: A chart is no wider than some hundreds of pixels: finer steps would not be seen.
STEPS: Final = 300

_MOVED: Final = sql.load("ostatok.ledger", "history.sql")["moved"]


@dataclass(frozen=True, slots=True)
class Point:
    """What was left, in base units, from a moment on."""

    at: datetime
    amount: Decimal


def of_balance(balance: Balance, *, since: datetime, now: datetime) -> list[Point]:
    """What was left since a moment, the oldest point first, STEPS + 1 points at most; none before the first entry.

    The balance must have come through an access door. By when entries occurred, so a late one changes the past; what is
    held now counts as held all along. One query.
    """
    if balance.first_entry_at is None:
        return []
    step = max((now - since) / STEPS, timedelta(seconds=1))
    given: Mapping[str, Any] = {
        "organization": balance.organization_id,
        "balance": balance.pk,
        "since": since,
        "step": step,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, given)
        moved = cursor.fetchall()
    left, points = balance.amount - balance.held, []
    for at, net in moved:
        points.append(Point(min(at, now), left))
        left -= net
    begins = max(since, balance.first_entry_at)
    if not points or begins < points[-1].at:
        points.append(Point(begins, left))
    return points[::-1]
