"""What was given up is sent again: one delivery, or a range of them, after a dry run that says what would happen (G8).

Each is looked at as a worker would look at it just before sending: what is no longer true, overtaken or too old stays
as it is, and so does what another of the same range overtakes. What is replayed waits again under the same ids. That
something was sent already is never undone by a range.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from ostatok.delivery import checks, enqueue, log, subjects
from ostatok.delivery.channels.base import Channel
from ostatok.delivery.log import Filters
from ostatok.delivery.models import Delivery, DeliveryState
from ostatok.delivery.reasons import DropReason
from ostatok.kernel import sql
from ostatok.kernel.errors import OstatokError
from ostatok.parties import audit, wall
from ostatok.parties.access import Actor, Permission
from ostatok.rules import give_back

#: So many deliveries at most are looked at, and so replayed, in one go.
LIMIT: Final = 10_000
#: What a range may hold; what waits is on its way already, and what was sent was sent.
SETTLED: Final = (DeliveryState.DEAD, DeliveryState.UNKNOWN, DeliveryState.DROPPED)
#: What a range holds unless states are chosen: what somebody must mend, which is rare and has an index. What was
#: dropped was dropped for a good reason, and may be most of what there is.
GIVEN_UP: Final = (DeliveryState.DEAD, DeliveryState.UNKNOWN)

_CHUNK: Final = 500
_SQL = sql.load("ostatok.delivery", "replaying.sql")


class MoreThanAgreed(OstatokError):
    """More would be sent now than the dry run had said: look again."""


class NotReplayable(OstatokError):
    """The delivery is not to be sent again: it is on its way, or a check before sending objects."""

    def __init__(self, reason: str = "", detail: str = "") -> None:
        super().__init__(str(NotReplayable.__doc__))
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, kw_only=True, slots=True)
class Fate:
    """What replaying one delivery would come to: it goes, or stays as it is for a `reason` (see reasons.explain).

    `address` is where it would go.
    """

    id: int
    organization_id: int
    was: str
    was_reason: str
    address: str
    goes: bool
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What replaying the range that `filters` choose would do.

    `more`: there is more than LIMIT of it, the oldest were looked at.
    """

    filters: Filters
    fates: tuple[Fate, ...]
    more: bool

    @property
    def going(self) -> tuple[int, ...]:
        """Those that would be sent."""
        return tuple(fate.id for fate in self.fates if fate.goes)

    @property
    def maybe_twice(self) -> int:
        """How many of those that would be sent may have arrived already."""
        return sum(fate.goes and fate.was == DeliveryState.UNKNOWN for fate in self.fates)

    @property
    def by_reason(self) -> Mapping[str, int]:
        """Those that would be sent, by why they were not."""
        return Counter(fate.was_reason for fate in self.fates if fate.goes)

    @property
    def staying(self) -> Mapping[str, int]:
        """Those that would stay as they are, by the check that objects."""
        return Counter(fate.reason for fate in self.fates if not fate.goes)


def plan(actor: Actor, filters: Filters, *, now: datetime, channels: Mapping[str, Channel]) -> Plan:
    """Look at a range without touching it: what of it the actor may resend, and what would become of each."""
    states = [state for state in filters.states or GIVEN_UP if state in SETTLED]
    if not states:
        return Plan(filters=filters, fates=(), more=False)
    found = log.rows(actor, replace(filters, states=states), Permission.RESEND).select_related(None).order_by("pk")
    ids = list(found.values_list("pk", flat=True)[: LIMIT + 1])
    with wall.lowered(), connection.cursor() as cursor:
        fates = tuple(_together(list(_looked_at(cursor, ids[:LIMIT], now, channels))))
    return Plan(filters=filters, fates=fates, more=len(ids) > LIMIT)


def replay(actor: Actor, planned: Plan, *, at_most: int, now: datetime, origin: str) -> int:
    """Let all wait again that would be sent by a plan the actor made just now; returns how many.

    What is not as it was planned any more is left alone. `at_most` is what a dry run had said. Raises MoreThanAgreed
    where there is more by now; then nothing was done.
    """
    if len(planned.going) > at_most:
        raise MoreThanAgreed(str(MoreThanAgreed.__doc__))
    with wall.lowered(), transaction.atomic(), connection.cursor() as cursor:
        ids = _wait_again(cursor, planned.going, SETTLED, now)
        _audit_range(actor, planned.filters, [fate for fate in planned.fates if fate.id in ids], origin, now)
    return len(ids)


def retry(
    actor: Actor,
    delivery_id: int,
    *,
    now: datetime,
    channels: Mapping[str, Channel],
    origin: str,
    though_sent: bool = False,
) -> None:
    """Let one delivery wait again; one that was sent already only `though_sent`, since it will arrive twice.

    Raises Delivery.DoesNotExist where the actor may not resend it, NotReplayable where it would not be sent.
    """
    states = (*SETTLED, DeliveryState.SENT) if though_sent else SETTLED
    row = Delivery.objects.visible_to(actor, Permission.RESEND).select_related("organization").get(pk=delivery_id)
    if row.state not in states:
        raise NotReplayable
    with wall.lowered(), transaction.atomic(), connection.cursor() as cursor:
        [(_, fate)] = _looked_at(cursor, [row.pk], now, channels)
        if not fate.goes:
            raise NotReplayable(fate.reason, fate.detail)
        if not _wait_again(cursor, [row.pk], states, now):
            raise NotReplayable
        changes = {"state": (row.state, DeliveryState.WAITING.value), "reason": (row.reason, "")}
        action = "delivery.sent_again" if row.state == DeliveryState.SENT else "delivery.retried"
        audit.record(actor, action, f"delivery {row.pk}", row.organization, changes, origin, now)


def fate_of(delivery_id: int, *, now: datetime, channels: Mapping[str, Channel]) -> Fate:
    """What trying one delivery again would come to. The caller found it through its door."""
    with wall.lowered(), connection.cursor() as cursor:
        [(_, fate)] = _looked_at(cursor, [delivery_id], now, channels)
    return fate


def _looked_at(
    cursor: CursorWrapper, ids: Sequence[int], now: datetime, channels: Mapping[str, Channel]
) -> Iterator[tuple[subjects.Row, Fate]]:
    """Each by itself, as if nothing else were replayed."""
    for chunk in _chunks(ids):
        was = {pk: (state, reason) for pk, state, reason in _states(chunk)}
        for row in subjects.look_up_now(cursor, chunk, now):
            yield row, _fate(row, was[row.id], subjects.decide(row, channels, now))


def _together(looked_at: Sequence[tuple[subjects.Row, Fate]]) -> Iterator[Fate]:
    """All at once: of one rule and balance only the latest notice goes, and of a notice one to each address."""
    alone = [row for row, fate in looked_at if fate.goes and isinstance(row, subjects.Told)]
    latest: dict[tuple[int, int], tuple[int, int]] = {}
    for row in alone:
        latest[_place(row)] = max(_occasion(row), latest.get(_place(row), _occasion(row)))
    stays = {row.id: DropReason.SUPERSEDED for row in alone if _occasion(row) < latest[_place(row)]}
    taken: set[tuple[int, str, str]] = set()
    for row in sorted((row for row in alone if row.id not in stays), key=lambda row: row.id):
        if _post_box(row) in taken:
            stays[row.id] = DropReason.SAME_ADDRESS
        taken.add(_post_box(row))
    for _, fate in looked_at:
        yield replace(fate, goes=False, reason=stays[fate.id]) if fate.id in stays else fate


def _place(row: subjects.Told) -> tuple[int, int]:
    return row.row.rule_id, row.row.balance_id


def _occasion(row: subjects.Told) -> tuple[int, int]:
    return row.row.occasion, row.row.step


def _post_box(row: subjects.Told) -> tuple[int, str, str]:
    return row.row.notice_id, row.channel, row.address.lower()


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]


def _states(ids: Sequence[int]) -> Iterator[tuple[int, str, str]]:
    yield from Delivery.objects.filter(pk__in=ids).values_list("pk", "state", "reason")


def _fate(row: subjects.Row, was: tuple[str, str], verdict: checks.Verdict) -> Fate:
    objection = verdict if isinstance(verdict, checks.Drop) else None
    return Fate(
        id=row.id,
        organization_id=row.organization_id,
        was=was[0],
        was_reason=was[1],
        address=row.address,
        goes=objection is None,
        reason=objection.reason if objection else "",
        detail=objection.detail if objection else "",
    )


def _wait_again(
    cursor: CursorWrapper, ids: Sequence[int], states: Sequence[DeliveryState], now: datetime
) -> frozenset[int]:
    """Within the caller's transaction: those of the deliveries that are still in these states, and now wait."""
    cursor.execute(_SQL["lock"], {"ids": list(ids), "states": [state.value for state in states]})
    still = [id_ for (id_,) in cursor.fetchall()]
    locked: dict[str, Any] = {"ids": still, "now": now}
    cursor.execute(_SQL["lock_notices"], locked)
    cursor.execute(_SQL["reopen_notices"], locked)
    reopened = cursor.fetchall()
    cursor.execute(_SQL["wait_again"], locked)
    places = [give_back.Place(rule=r, balance=b, epoch=e) for r, b, e, told_nobody in reopened if told_nobody]
    give_back.take_again(cursor, places)
    cursor.execute(f"notify {enqueue.WAKE_CHANNEL}")
    return frozenset(still)


def _audit_range(actor: Actor, filters: Filters, fates: Sequence[Fate], origin: str, now: datetime) -> None:
    """One act for each organization: how many, and by what they were chosen, but for the address."""
    asked: audit.Changes = {
        name: (None, getattr(filters, name))
        for name in ("states", "reason", "channel", "provider", "rule", "digests", "client", "since", "until")
        if getattr(filters, name) not in ("", None, (), False)
    }
    counted = Counter(fate.organization_id for fate in fates)
    acts = [
        audit.Act(
            action="deliveries.replayed",
            subject="deliveries",
            organization_id=organization,
            changes={"count": (None, count), **asked},
        )
        for organization, count in sorted(counted.items())
    ]
    audit.record_all(actor, acts, origin=origin, at=now)
