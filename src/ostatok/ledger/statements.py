"""The statement of a balance: its entries by when they occurred, the newest first, and what was left after each.

Rules are judged in the order of posting; a statement is about days. A late entry stands on its own day and changes what
was left on the days after it, as in the chart (history.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db.models import Q, QuerySet, Sum

from ostatok.ledger.models import Balance, Entry

#: Entries of one moment stand in the order in which they were posted.
ORDER: Final = ("-occurred_at", "-seq")


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """Entries that occurred from `since` on and before `until`; None: open on that side."""

    since: datetime | None = None
    until: datetime | None = None

    def of(self, rows: QuerySet[Entry]) -> QuerySet[Entry]:
        """Those that occurred in it."""
        if self.since:
            rows = rows.filter(occurred_at__gte=self.since)
        if self.until:
            rows = rows.filter(occurred_at__lt=self.until)
        return rows


@dataclass(frozen=True, kw_only=True, slots=True)
class Sums:
    """What came and what went, in base units; `went` is not above 0."""

    came: Decimal
    went: Decimal


def sums(rows: QuerySet[Entry]) -> Sums:
    """The sums of entries."""
    zero = Decimal(0)
    found = rows.aggregate(
        came=Sum("amount", filter=Q(amount__gt=0), default=zero),
        went=Sum("amount", filter=Q(amount__lt=0), default=zero),
    )
    return Sums(came=found["came"], went=found["went"])


def left_after(every: QuerySet[Entry], balance: Balance, shown: Sequence[Entry]) -> Mapping[int, Decimal]:
    """What was left after each of the entries shown, by their seq, in base units; two queries.

    `every` has all entries of the balance: what was left is told backwards from what it has, and entries that are not
    shown count too.
    """
    if not shown:
        return {}
    first, last = shown[0], shown[-1]
    later = every.filter(_after(first)).aggregate(Sum("amount", default=Decimal(0)))["amount__sum"]
    left = balance.amount - later
    after: dict[int, Decimal] = {}
    between = every.exclude(_after(first)).filter(_after(last) | Q(seq=last.seq)).order_by(*ORDER)
    for seq, amount in between.values_list("seq", "amount"):
        after[seq] = left
        left -= amount
    return after


def _after(entry: Entry) -> Q:
    """What occurred later, or at the same moment and was posted later."""
    return Q(occurred_at__gt=entry.occurred_at) | Q(occurred_at=entry.occurred_at, seq__gt=entry.seq)
