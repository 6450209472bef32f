"""What happened to a client, newest first: entries, notices with their deliveries, calls; page by page, each by key."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate, islice
from typing import Final

from django.core import signing
from django.db.models import Q, QuerySet
from django.utils.timezone import localtime

from ostatok.console.clients import telling
from ostatok.console.clients.telling import ShownNotice
from ostatok.delivery import history
from ostatok.ledger.models import Balance, Entry
from ostatok.notices.models import Notice, NoticeState
from ostatok.parties.access import Actor
from ostatok.parties.models import CallNote, Client

SIZE: Final = 30
_SALT: Final = "ostatok.timeline"
_NOT_SENT: Final = Q(state__in=(NoticeState.DROPPED, NoticeState.FAILED))


class Kind(StrEnum):
    """What a reader may want to see alone."""

    ALL = ""
    ENTRIES = "entries"
    NOTICES = "notices"
    NOT_SENT = "not_sent"
    CALLS = "calls"


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One of entry, notice or note is there. `order` places it among the others, `at` is when it was.

    `what` says what kind of entry it is, `left` what its balance had after it, in base units.
    """

    order: datetime
    at: datetime
    entry: Entry | None = None
    balance: Balance | None = None
    what: str = ""
    left: Decimal | None = None
    notice: Notice | None = None
    told: ShownNotice | None = None
    note: CallNote | None = None

    @property
    def is_out_of_place(self) -> bool:
        """Whether it is about another day than those it stands among: an entry that came late."""
        return localtime(self.at).date() != localtime(self.order).date()

    @property
    def posted_at(self) -> datetime | None:
        """When an entry was posted, if on a later day than it is about."""
        return telling.posted_later(self.entry) if self.entry else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """How far a reader has come: of each balance the seq, and what was left before it; of notices and notes the id."""

    entries: Mapping[int, tuple[int, Decimal]]
    notice: int | None
    note: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    """Events by day, and the cursor of what was earlier; None where there is no more."""

    days: Sequence[tuple[datetime, Sequence[Event]]]
    earlier: str | None


BEGINNING: Final = Place(entries={}, notice=None, note=None)


def of(actor: Actor, client: Client, balances: Sequence[Balance], *, kind: Kind, cursor: str | None) -> Timeline:
    """A page of the timeline; a broken cursor leads to its beginning."""
    place = _decoded(cursor)
    sources: list[Iterator[Event]] = []
    if kind in (Kind.ALL, Kind.ENTRIES):
        sources.append(_entries(client, balances, place))
    if kind in (Kind.ALL, Kind.NOTICES, Kind.NOT_SENT):
        sources.append(_notices(actor, client, place, _NOT_SENT if kind is Kind.NOT_SENT else Q()))
    if kind in (Kind.ALL, Kind.CALLS):
        sources.append(_notes(actor, client, place))
    merged = list(islice(heapq.merge(*sources, key=lambda event: event.order, reverse=True), SIZE + 1))
    shown = merged[:SIZE]
    return Timeline(days=_by_day(shown), earlier=_encoded(_reached(place, shown)) if len(merged) > SIZE else None)


def _entries(client: Client, balances: Sequence[Balance], place: Place) -> Iterator[Event]:
    """The newest entries of each balance in the order of posting, merged by when they occurred."""
    known = {balance.pk: balance for balance in balances}
    own = [_of_balance(client, pk, place.entries.get(pk)) for pk in known]
    rows = list(own[0].union(*own[1:], all=True)) if own else []
    lines: dict[int, list[Entry]] = {pk: [] for pk in known}
    for entry in sorted(rows, key=lambda entry: -entry.seq):
        lines[entry.balance_id].append(entry)
    each = (_in_order(line, known[pk], place.entries.get(pk)) for pk, line in lines.items())
    return heapq.merge(*each, key=lambda event: event.order, reverse=True)


def _of_balance(client: Client, balance: int, reached: tuple[int, Decimal] | None) -> QuerySet[Entry]:
    rows = Entry.objects.filter(organization=client.organization_id, balance=balance)
    return (rows if reached is None else rows.filter(seq__lt=reached[0])).order_by("-seq")[: SIZE + 1]


def _in_order(entries: Sequence[Entry], balance: Balance, reached: tuple[int, Decimal] | None) -> Iterator[Event]:
    """A late entry stands where it was posted: the order of posting is the one in which balances and notices came, and
    rules are judged. It says which day it is about.

    What was left is told backwards, from what the balance has or from where the reader has come.
    """
    left = balance.amount if reached is None else reached[1]
    for entry, order in zip(entries, _orders(entries), strict=True):
        yield Event(
            order=order, at=entry.occurred_at, entry=entry, balance=balance, what=telling.kind_of(entry), left=left
        )
        left -= entry.amount


def _orders(entries: Sequence[Entry]) -> list[datetime]:
    """When each entry came among the others: not before those that were posted before it. The newest come first."""
    oldest_first = accumulate((entry.occurred_at for entry in reversed(entries)), max)
    return list(oldest_first)[::-1]


def _notices(actor: Actor, client: Client, place: Place, which: Q) -> Iterator[Event]:
    rows = Notice.objects.visible_to(actor).filter(which)
    teller = telling.teller_of(client)
    for notice, told in history.of_client(rows, client.pk, before=place.notice, limit=SIZE + 1):
        shown = telling.notice(told, teller)
        yield Event(order=notice.raised_at, at=notice.raised_at, notice=notice, told=shown)


def _notes(actor: Actor, client: Client, place: Place) -> Iterator[Event]:
    rows = CallNote.objects.visible_to(actor).filter(client=client).select_related("by").order_by("-pk")
    for note in (rows if place.note is None else rows.filter(pk__lt=place.note))[: SIZE + 1]:
        yield Event(order=note.at, at=note.at, note=note)


def _reached(place: Place, shown: Sequence[Event]) -> Place:
    entries, notice, note = dict(place.entries), place.notice, place.note
    for event in shown:
        if event.entry and event.left is not None:
            entries[event.entry.balance_id] = (event.entry.seq, event.left - event.entry.amount)
        elif event.notice:
            notice = event.notice.pk
        elif event.note:
            note = event.note.pk
    return Place(entries=entries, notice=notice, note=note)


def _by_day(events: Sequence[Event]) -> list[tuple[datetime, list[Event]]]:
    days: list[tuple[datetime, list[Event]]] = []
    for event in events:
        if not days or localtime(days[-1][0]).date() != localtime(event.order).date():
            days.append((event.order, []))
        days[-1][1].append(event)
    return days


def _encoded(place: Place) -> str:
    entries = [(balance, seq, str(left)) for balance, (seq, left) in place.entries.items()]
    return signing.dumps([entries, place.notice, place.note], salt=_SALT, compress=True)


def _decoded(cursor: str | None) -> Place:
    if not cursor:
        return BEGINNING
    try:
        entries, notice, note = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError):
        return BEGINNING
    reached = {balance: (seq, Decimal(left)) for balance, seq, left in entries}
    return Place(entries=reached, notice=notice, note=note)
