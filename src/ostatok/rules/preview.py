"""Before a rule is switched on or saved: who would be notified now, and why (preview.sql). Nothing is sent or kept."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

import psycopg.errors
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from ostatok.kernel import sql
from ostatok.kernel.errors import OstatokError
from ostatok.parties import wall
from ostatok.rules import audience, silence
from ostatok.rules.changes import RuleChange
from ostatok.rules.models import Rule, RuleState

SIZE: Final = 50
LARGEST: Final = 500

_SQL = sql.load("ostatok.rules", "preview.sql")
_JUDGED = {name: _SQL[name].replace("{judged}", _SQL["judged"]) for name in ("fates", "letters", "page")}
_WATCHED = _SQL["watched"].replace("{watched}", _SQL["whole_segments"])


class TooSlow(OstatokError):
    """It speaks to so many that looking at them all takes longer than was waited."""


class Fate(StrEnum):
    """What «notify them now» would come to for one balance: a notice, or why there is none.

    `told`: told already, or passed over silently when it came so far.
    """

    RAISED = "raised"
    TOLD = "told"
    COOLDOWN = "cooldown"
    MAX_QTY = "max_qty"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a page ends: the figure and the balance of its last row."""

    figure: Decimal
    balance_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """One balance below the threshold or in a band, with the figures that say so; amounts in base units of `unit`.

    `left` is the balance less what is held; `percent`, `mark` and the edges are None for a rule without bands, `days`
    for one that is not about how long it lasts. `lasts_until` is None then too, and where it lasts no longer.
    """

    balance_id: int
    account_id: int
    account: str
    client_id: int
    client: str
    service: str
    unit: str
    left: Decimal
    available: Decimal
    mark: Decimal | None
    percent: Decimal | None
    band_upper: Decimal | None
    band_lower: Decimal | None
    threshold: Decimal | None
    days: int | None
    lasts_until: datetime | None
    fate: Fate
    figure: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Letters:
    """Messages that notifying now would make for one kind of recipient over one channel."""

    recipient: str
    channel: str
    count: int
    without_address: int

    @property
    def can_go(self) -> int:
        """Those that have somewhere to go."""
        return self.count - self.without_address


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """Whom a rule speaks to and who is below now, the most urgent first, `items` of them from the place asked for.

    `watched` balances join it, `unmeasured` of which have no mark and `unknown` of which were never posted to; `fates`
    counts those below. `clients` is None where they were counted in pieces: who has several balances may be in several.
    `next` is where the following page begins, None at the end.
    """

    watched: int
    unmeasured: int
    unknown: int
    below: int
    clients: int | None
    fates: Mapping[Fate, int]
    letters: tuple[Letters, ...]
    items: tuple[Standing, ...]
    next: Place | None

    @property
    def notified(self) -> int:
        """How many notices «notify them now» would raise."""
        return self.fates.get(Fate.RAISED, 0)


NOBODY: Final = Preview(
    watched=0, unmeasured=0, unknown=0, below=0, clients=0, fates={}, letters=(), items=(), next=None
)


def of_rule(
    rule: Rule, *, now: datetime, after: Place | None = None, size: int = SIZE, patience: timedelta | None = None
) -> Preview:
    """Who stands below a saved rule, as if it were switched on now; a deleted one speaks to nobody. Raises TooSlow
    where looking takes longer than `patience`; counting.of_rule looks in pieces.

    The caller found the rule through its door.
    """
    if rule.state == RuleState.DELETED:
        return NOBODY
    with no_longer_than(patience), as_if_on(rule) as cursor:
        _limit(cursor, patience)
        silence.find_standing(cursor, now=now)
        return _look(cursor, rule.pk, now=now, after=after, size=size)


@contextmanager
def no_longer_than(patience: timedelta | None) -> Iterator[None]:
    """Raises TooSlow where a statement within was stopped since it took longer than `patience`."""
    try:
        yield
    except OperationalError as error:
        if patience is not None and isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            raise TooSlow(str(TooSlow.__doc__)) from None
        raise


@contextmanager
def as_if_on(rule: Rule) -> Iterator[CursorWrapper]:
    """A cursor that finds in `joining` whom the rule would speak to; what is written there is taken back.

    It takes no lock: neither waits it for a worker that switches the rule, nor do postings wait for it.
    """
    with wall.lowered(), transaction.atomic(), connection.cursor() as cursor:
        _prepare(cursor)
        audience.join(cursor, [rule.pk], anew=[rule.pk], as_if_on=[rule.pk])
        yield cursor
        transaction.set_rollback(True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Onlooker:
    """What a description sets off when it is only tried: the rules look at who would join, and do nothing.

    It takes no lock, so it keeps no posting waiting; `found` holds a preview for each rule that would start or change.
    Who asks again and again as a form is filled in has only so much `patience` with each statement: then
    OperationalError.
    """

    now: datetime
    after: Place | None = None
    size: int = SIZE
    patience: timedelta | None = None
    starts: list[silence.Start] = field(default_factory=list)
    found: dict[int, Preview] = field(default_factory=dict)

    def lock(self, organizations: Iterable[int]) -> None:  # noqa: ARG002 (the name is that of the protocol)
        """Nothing is written for good, so nobody is kept out; nor is whoever holds what is tried waited for long."""
        with connection.cursor() as cursor:
            _limit(cursor, self.patience)

    def organizations_moved(self, organization_ids: Sequence[int]) -> None:
        """Not looked at: a preview is of rules."""

    def clients_changed(self, client_ids: Sequence[int]) -> None:
        """Not looked at: a preview is of rules."""

    def accounts_changed(self, account_ids: Sequence[int]) -> None:
        """Not looked at: a preview is of rules."""

    def limits_changed(self, changes: Sequence[Any]) -> None:
        """Not looked at: a preview is of rules."""

    def rules_changed(self, changes: Sequence[RuleChange]) -> None:
        """Look at those whom the rules would begin to speak to, or to speak to anew."""
        on = [change for change in changes if change.is_on]
        with connection.cursor() as cursor:
            _prepare(cursor)
            anew = [change.rule_id for change in on if change.became_on or change.trigger_changed]
            audience.join(cursor, [change.rule_id for change in on], anew=anew)
            silence.find_standing(cursor, now=self.now)
            for change in on:
                self.found[change.rule_id] = _look(
                    cursor, change.rule_id, now=self.now, after=self.after, size=self.size
                )


def _limit(cursor: CursorWrapper, patience: timedelta | None) -> None:
    """Until the transaction ends, no statement of it takes longer."""
    if patience is not None:
        milliseconds = str(max(1, patience // timedelta(milliseconds=1)))
        cursor.execute("select set_config('statement_timeout', %s, true)", [milliseconds])


def _prepare(cursor: CursorWrapper) -> None:
    """Within a transaction of the caller's the tables may hold rows of an earlier step."""
    cursor.execute("set local client_min_messages = warning")
    silence.prepare(cursor)
    cursor.execute("delete from joining; delete from joining_balance; delete from standing")


def _look(cursor: CursorWrapper, rule: int, *, now: datetime, after: Place | None, size: int) -> Preview:
    """The preview of a rule whose segments are in `joining`, and who is below in `standing`."""
    [[watched, unmeasured, unknown]] = _rows(cursor, _WATCHED, {"rule": rule})
    fates, clients = fates_of(cursor, rule, now=now)
    shown, following = page(cursor, rule, now=now, after=after, size=size)
    return Preview(
        watched=watched,
        unmeasured=unmeasured,
        unknown=unknown,
        below=sum(fates.values()),
        clients=clients,
        fates=fates,
        letters=letters_of(cursor, rule, now=now),
        items=shown,
        next=following,
    )


def fates_of(cursor: CursorWrapper, rule: int, *, now: datetime) -> tuple[dict[Fate, int], int]:
    """How many of those in `standing` have which fate, and how many clients they are of."""
    found = _rows(cursor, _JUDGED["fates"], {"rule": rule, "now": now})
    clients = next((clients for fate, _, clients in found if fate is None), 0)
    return {Fate(fate): count for fate, count, _ in found if fate is not None}, clients


def letters_of(cursor: CursorWrapper, rule: int, *, now: datetime) -> tuple[Letters, ...]:
    """What notifying those in `standing` now would send."""
    found = _rows(cursor, _JUDGED["letters"], {"rule": rule, "now": now})
    return tuple(Letters(recipient=r, channel=c, count=n, without_address=w) for r, c, n, w in found)


def page(
    cursor: CursorWrapper, rule: int, *, now: datetime, after: Place | None, size: int
) -> tuple[tuple[Standing, ...], Place | None]:
    """Those in `standing`, the most urgent first, and where the following page begins."""
    items = _page(cursor, {"rule": rule, "now": now}, after, min(size, LARGEST))
    more, shown = len(items) > min(size, LARGEST), items[: min(size, LARGEST)]
    return tuple(shown), Place(figure=shown[-1].figure, balance_id=shown[-1].balance_id) if more else None


def _page(cursor: CursorWrapper, asked: Mapping[str, Any], after: Place | None, size: int) -> list[Standing]:
    place: dict[str, Any] = {"figure": after and after.figure, "balance": after and after.balance_id, "limit": size + 1}
    cursor.execute(_JUDGED["page"], {**asked, **place})
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [Standing(**{**row, "fate": Fate(row["fate"])}) for row in rows]


def _rows(cursor: CursorWrapper, query: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    cursor.execute(query, dict(asked))
    found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
