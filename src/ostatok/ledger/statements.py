"""The statement of a balance: its entries in the order of posting, the newest first, and what was left after each; and
that of an account, which is those of its balances, merged.

It is the order in which rules are judged, and the one that the primary key serves: a page of a balance with a hundred
thousand entries costs what one of a hundred does. A late entry stands among what was posted with it and says both its
moments; a period has what occurred in it.
"""

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db.models import Q, QuerySet, Sum

from ostatok.ledger.models import Balance, Entry

#: In the order in which the balance was posted to, the last first.
ORDER: Final = ("-seq",)

#: How far the statement of an account was read: by balance, the seq from which on upwards nothing is left to read.
Places = Mapping[int, int]


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
class Piece:
    """Some entries of an account, and where those after them begin; None: there are none."""

    items: Sequence[Entry]
    below: Places | None


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


def of_account(every: QuerySet[Entry], balances: Sequence[Balance], *, below: Places | None = None, size: int) -> Piece:
    """Entries of an account's balances, the newest first, `size` of them, from `below` on; one query.

    Each balance is read downwards by the primary key, whatever the others hold, and of what comes next in each that
    comes first which was posted last. So the order is that of posting within a balance, by when it was posted between
    balances, and the same on whichever page an entry stands; what is posted meanwhile is not in the pages that follow.
    """
    known = {balance.pk: balance for balance in balances if below is None or balance.pk in below}
    nearest = [_down(every, balance, below)[: size + 1] for balance in known]
    columns: defaultdict[int, list[Entry]] = defaultdict(list)
    for entry in nearest[0].union(*nearest[1:], all=True) if nearest else ():
        entry.balance = known[entry.balance_id]
        columns[entry.balance_id].append(entry)
    for column in columns.values():
        column.sort(key=_seq, reverse=True)
    merged = list(heapq.merge(*columns.values(), key=_posted, reverse=True))
    return Piece(items=merged[:size], below=_after(columns, merged[:size]) if len(merged) > size else None)


def _down(every: QuerySet[Entry], balance: int, below: Places | None) -> QuerySet[Entry]:
    rows = every.filter(balance=balance)
    return (rows if below is None else rows.filter(seq__lt=below[balance])).order_by(*ORDER)


def _after(columns: Mapping[int, Sequence[Entry]], read: Sequence[Entry]) -> Places:
    """Behind what was read of each; a balance of which nothing was read yet begins with what was found on top of it."""
    places = {balance: column[0].seq + 1 for balance, column in columns.items()}
    return places | {entry.balance_id: entry.seq for entry in read}


def _seq(entry: Entry) -> int:
    return entry.seq


def _posted(entry: Entry) -> tuple[datetime, int]:
    return entry.posted_at, entry.balance_id
