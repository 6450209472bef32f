"""The statement of a balance: its entries in the order of posting, the newest first, and what was left after each.

It is the order in which rules are judged, and the one that the primary key serves: a page of a balance with a hundred
thousand entries costs what one of a hundred does. A late entry stands among what was posted with it and says both its
moments; a period has what occurred in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db.models import Q, QuerySet, Sum

from ostatok.ledger.models import Balance, Entry

#: In the order in which the balance was posted to, the last first.
ORDER: Final = ("-seq",)


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

    def has(self, at: datetime) -> bool:
        """Whether that moment is in it."""
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


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
    between = every.filter(seq__gte=shown[-1].seq)
    later = between.filter(seq__gt=shown[0].seq).aggregate(Sum("amount", default=Decimal(0)))["amount__sum"]
    left = balance.amount - later
    after: dict[int, Decimal] = {}
    for seq, amount in between.filter(seq__lte=shown[0].seq).order_by(*ORDER).values_list("seq", "amount"):
        after[seq] = left
        left -= amount
    return after
