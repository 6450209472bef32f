"""The main job, to be read from top to bottom (DESIGN §1).

entries ─► ledger.post ─► rules.watch ─┐
clock ───► rules.sweep ────────────────┼─► notices ─► deliveries ─► COMMIT ─► worker
clock ───► notices.digests ────────────┤
rules, audiences ─► rules.silence ─────┘

Everything between an inlet and COMMIT is one transaction, so a notice can be neither lost nor
raised twice. The packages pass sets on in temporary tables: `touched` and `look` from the ledger,
`fire` from the rules, `raised` from the notices.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from weakref import WeakSet

import psycopg
import psycopg.errors
from django.db import Error, connection, transaction
from django.db.backends.utils import CursorWrapper

from ostatok.delivery import enqueue
from ostatok.kernel import sql
from ostatok.kernel.errors import OstatokError
from ostatok.ledger import entries, feeds, limits, locks, outlook, posting, segments, snapshots
from ostatok.notices import digests, raising
from ostatok.rules import audience, forecasts, marks, silence, sweep, watch
from ostatok.rules.changes import RuleChange

ATTEMPTS = 20

_SQL = sql.load("ostatok", "pipeline.sql")
# A concurrent posting won: what it wrote is visible now, so the same work comes out right when done again.
_LOST_A_RACE = (
    psycopg.errors.UniqueViolation,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
)
# The same, told by a constraint: somebody else's entry came before an opening.
_LOST_BY = "entry_opening_comes_first"

_Result = TypeVar("_Result")


class ContentionError(OstatokError):
    """Other postings kept winning the same rows; nothing of this batch was posted, try it again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a call did: entries by fate, and the notices and deliveries that committed with them."""

    posted: int = 0
    duplicates: int = 0
    refused: tuple[entries.Refusal, ...] = ()
    notices: int = 0
    deliveries: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            posted=self.posted + other.posted,
            duplicates=self.duplicates + other.duplicates,
            refused=self.refused + other.refused,
            notices=self.notices + other.notices,
            deliveries=self.deliveries + other.deliveries,
        )


#: What else commits with a batch: told what became of it, and the refs of its first and last entry where entries have
#: refs, within its transaction, which may be tried again.
Also = Callable[[Outcome, tuple[str, str]], None]


def post(
    *,
    organization_id: int,
    new: Iterable[entries.NewEntry],
    now: datetime,
    expect_duplicates: bool = False,
    also: Also | None = None,
) -> Outcome:
    """Post entries in their order, in transactions of at most 10,000; a bad entry does not stop the good ones.

    What was posted before an error stays posted, and posting it again finds it as duplicates; a caller
    that expects many of them saves itself a vain attempt at each batch.
    """
    with connection.cursor() as cursor:
        services = posting.services_of(cursor, organization_id)
    staged, refused = _stage(new, lambda entry: entries.stage(entry, services, now))
    outcome = Outcome(refused=refused)
    for batch in posting.cut(staged):
        careful = expect_duplicates or outcome.duplicates > 0
        ends = (batch.rows[0].ref, batch.rows[-1].ref)
        outcome += _in_transaction(_with(partial(_post, organization_id, batch, now, careful), also, ends))
    return _in_order(outcome)


def post_balances(
    *, organization_id: int, stated: Iterable[snapshots.StatedBalance], now: datetime, also: Also | None = None
) -> Outcome:
    """Bring balances to what another billing states; the difference becomes an entry."""
    with connection.cursor() as cursor:
        services = posting.services_of(cursor, organization_id)
    staged, refused = _stage(stated, lambda row: snapshots.stage(row, services, now))
    outcome = Outcome(refused=refused)
    for batch in _cut_stated(staged):
        outcome += _in_transaction(_with(partial(_post_balances, organization_id, batch, now), also))
    return _in_order(outcome)


def change_limits(*, organization_id: int, changes: Sequence[limits.LimitChange], now: datetime) -> Outcome:
    """Change credit limits, holds and packages: a look at the rules, as a posting is."""
    return _in_transaction(partial(_change_limits_of, organization_id, changes, now))


def tick(*, at: datetime, now: datetime | None = None) -> Outcome:
    """Look at all that time drives as of a moment: who lasts for fewer days, alarms that repeat each period, and
    mornings at which the run-out list goes by mail.

    What is raised may be sent from `now` on, the real time, where that is not the same. Forecasts are those that the
    last refresh of the outlook found; for a moment that is not the real one they are worked out anew.
    """
    with connection.cursor() as cursor:
        if now is not None and at != now:
            forecasts.note_all(cursor, at=at)
        foretold = forecasts.roots_with_due(cursor)
        mornings = digests.due(cursor, at=at)
    outcome = _in_transaction(partial(_tell_mornings, mornings, at, now or at)) if mornings else Outcome()
    for root in foretold:
        outcome += _until_nothing_is_left(partial(_look_ahead, root, at, now or at))
    with connection.cursor() as cursor:
        due = sweep.roots_with_due(cursor, at=at)
    for root in due:
        outcome += _until_nothing_is_left(partial(_sweep, root, at, now or at))
    return outcome


def refresh_outlook(*, now: datetime, whole: bool = False) -> outlook.Refreshed:
    """Bring bands, forecasts and feeds, which lists and counts read, to what is so now.

    Whose forecast passed the days of a rule is noted for the next tick.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        feeds.refresh(cursor)
        refreshed = outlook.refresh(cursor, now=now, bases=marks.of_segments(cursor), whole=whole)
        forecasts.note(cursor, now=refreshed.at)
        return refreshed


def _post(
    organization_id: int, batch: posting.SubBatch, now: datetime, careful: bool, cursor: CursorWrapper, tries: int
) -> Outcome:
    """Post one sub-batch as if all of it were new; carefully, where that turned out wrong."""
    locks.share(cursor, organization_id)
    written = posting.write(cursor, organization_id=organization_id, batch=batch, now=now, careful=careful or tries > 0)
    return _look(cursor, written.looks, now) + Outcome(
        posted=written.posted, duplicates=written.duplicates, refused=written.refused
    )


def _post_balances(
    organization_id: int, rows: Sequence[snapshots.StagedBalance], now: datetime, cursor: CursorWrapper, _tries: int
) -> Outcome:
    locks.share(cursor, organization_id)
    compared = snapshots.compare(cursor, organization_id=organization_id, rows=rows)
    alone = snapshots.set_as_of(cursor)
    written = posting.write_staged(cursor, organization_id=organization_id, now=now)
    outcome = _look(cursor, written.looks, now) + Outcome(
        posted=written.posted, duplicates=compared.duplicates, refused=compared.refused
    )
    if alone:
        _clear(cursor)
        outcome += _change_limits(cursor, alone, now)
    return outcome


def _change_limits_of(
    organization_id: int, changes: Sequence[limits.LimitChange], now: datetime, cursor: CursorWrapper, _tries: int
) -> Outcome:
    locks.share(cursor, organization_id)
    return _change_limits(cursor, changes, now)


def _change_limits(cursor: CursorWrapper, changes: Sequence[limits.LimitChange], now: datetime) -> Outcome:
    return _look(cursor, limits.write(cursor, changes), now)


def _look(cursor: CursorWrapper, looks: int, now: datetime) -> Outcome:
    if not looks:
        return Outcome()
    occasions = watch.judge(cursor, now=now)
    outcome = _raise(cursor, now) if occasions else Outcome()
    watch.remember(cursor, now=now)
    posting.settle(cursor)
    return outcome


def _until_nothing_is_left(work: Callable[[CursorWrapper, int], tuple[int, Outcome]]) -> Outcome:
    """Do work that tells how many balances it found: a batch is so many, and several alarms may be of one balance."""
    outcome, balances = Outcome(), 1
    while balances:
        balances, swept = _in_transaction(work)
        outcome += swept
    return outcome


def _look_ahead(root: int, at: datetime, now: datetime, cursor: CursorWrapper, _tries: int) -> tuple[int, Outcome]:
    locks.share(cursor, root)
    balances = forecasts.find_due(cursor, root=root, at=at)
    outcome = _raise(cursor, at, send_from=now)
    forecasts.remember(cursor, at=at)
    return balances, outcome


def _sweep(root: int, at: datetime, now: datetime, cursor: CursorWrapper, _tries: int) -> tuple[int, Outcome]:
    locks.share(cursor, root)
    balances = sweep.find_due(cursor, root=root, at=at)
    outcome = _raise(cursor, at, send_from=now)
    watch.remember_counts(cursor)
    sweep.remember(cursor, at=at)
    return balances, outcome


def _tell_mornings(
    mornings: Sequence[digests.Due], at: datetime, now: datetime, cursor: CursorWrapper, _tries: int
) -> Outcome:
    raised = digests.raise_all(cursor, mornings, now=at)
    if not raised:
        return Outcome()
    deliveries = enqueue.enqueue_digests(cursor, raised, now=now)
    transaction.on_commit(_wake_workers)
    return Outcome(notices=len(raised), deliveries=deliveries)


def _raise(cursor: CursorWrapper, now: datetime, *, send_from: datetime | None = None) -> Outcome:
    notices = raising.raise_all(cursor, now=now)
    if not notices:
        return Outcome()
    deliveries = enqueue.enqueue_raised(cursor, now=send_from or now)
    if deliveries:
        transaction.on_commit(_wake_workers)
    return Outcome(notices=notices, deliveries=deliveries)


def _wake_workers() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"notify {enqueue.WAKE_CHANNEL}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Effects:
    """What follows from changes of parties, accounts and rules, within the caller's transaction.

    `lock` comes first, before the changes are written; `starts` collects how each rule started.
    """

    now: datetime
    starts: list[silence.Start] = field(default_factory=list)

    def lock(self, organizations: Iterable[int]) -> None:
        """Keep postings out of the trees of these organizations until the transaction ends."""
        with connection.cursor() as cursor:
            _prepare(cursor)
            locks.take(cursor, organizations)

    def clients_changed(self, client_ids: Sequence[int]) -> None:
        """Status, tags or groups of clients changed: they may join or leave audiences."""
        self._sort(segments.Scope.CLIENTS, client_ids)

    def accounts_changed(self, account_ids: Sequence[int]) -> None:
        """Accounts are new, got balances, or changed their billing."""
        self._sort(segments.Scope.ACCOUNTS, account_ids)

    def organizations_moved(self, organization_ids: Sequence[int]) -> None:
        """Organizations have another parent: other rules speak to their clients."""
        self._sort(segments.Scope.ORGANIZATIONS, organization_ids)

    def limits_changed(self, changes: Sequence[limits.LimitChange]) -> Outcome:
        with connection.cursor() as cursor:
            _prepare(cursor)
            return _change_limits(cursor, changes, self.now)

    def rules_changed(self, changes: Sequence[RuleChange]) -> Outcome:
        """Rules were switched on or off or edited: silence, or notices for those who are to be notified now."""
        with connection.cursor() as cursor:
            _prepare(cursor)
            self._match(cursor, changes)
            silence.find_standing(cursor, now=self.now)
            silence.choose_to_notify(cursor, [c.rule_id for c in changes if c.notify_now], now=self.now)
            outcome = _raise(cursor, self.now)
            silence.remember(cursor, rules=[c.rule_id for c in changes if c.is_on], now=self.now)
            self.starts.extend(silence.summary(cursor))
            return outcome

    def _match(self, cursor: CursorWrapper, changes: Sequence[RuleChange]) -> None:
        come = audience.match(cursor, [change.rule_id for change in changes])
        anew = {c.rule_id for c in changes if c.is_on and (c.became_on or c.trigger_changed)}
        silence.join_rules(cursor, sorted(anew), [reach for reach in come if reach.rule_id not in anew])
        silence.hush(cursor, [change.rule_id for change in changes if not change.is_on])

    def _sort(self, scope: segments.Scope, ids: Sequence[int]) -> None:
        with connection.cursor() as cursor:
            _prepare(cursor)
            segments.find(cursor, scope, ids)
            audience.match_new_segments(cursor)
            silence.join_moved(cursor)
            segments.move(cursor)
            silence.find_standing(cursor, now=self.now)
            silence.remember(cursor, rules=[], now=self.now)


def _with(
    work: Callable[[CursorWrapper, int], Outcome], also: Also | None, ends: tuple[str, str] = ("", "")
) -> Callable[[CursorWrapper, int], Outcome]:
    """The work, and what commits with it."""
    if also is None:
        return work

    def both(cursor: CursorWrapper, tries: int) -> Outcome:
        outcome = work(cursor, tries)
        also(outcome, ends)
        return outcome

    return both


def _in_transaction(work: Callable[[CursorWrapper, int], _Result]) -> _Result:
    """Do the work, which is told how often it was tried, in one transaction; again where it lost a race."""
    _prepare_connection()
    return until_it_wins(partial(_once, work))


def _once(work: Callable[[CursorWrapper, int], _Result], tries: int) -> _Result:
    with transaction.atomic(), _planning_cursor() as cursor:
        _clear(cursor)
        return work(cursor, tries)


@contextmanager
def _planning_cursor() -> Iterator[CursorWrapper]:
    """A cursor whose values travel beside their statement, so that PostgreSQL keeps the plans of this session."""
    connection.ensure_connection()
    wrap: Callable[[Any], CursorWrapper] = (
        connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    )
    with psycopg.Cursor(connection.connection) as cursor:
        yield wrap(cursor)


def _clear(cursor: CursorWrapper) -> None:
    """Empty the temporary tables of what the work before left."""
    cursor.execute(_SQL["are_large"])
    [large] = cursor.fetchone()
    cursor.execute(_SQL["shrink" if large else "clear"])


def until_it_wins(work: Callable[[int], _Result]) -> _Result:
    """Do the work, a whole transaction that is told how often it was tried; again where it lost a race.

    Raises ContentionError where others kept winning.
    """
    for tries in range(ATTEMPTS):
        try:
            return work(tries)
        except Error as error:
            if not _lost_a_race(error.__cause__):
                raise
            last = error
    raise ContentionError(str(ContentionError.__doc__)) from last


def _lost_a_race(cause: BaseException | None) -> bool:
    if isinstance(cause, psycopg.errors.CheckViolation):
        return cause.diag.constraint_name == _LOST_BY
    return isinstance(cause, _LOST_A_RACE)


def _prepare_connection() -> None:
    """Make the temporary tables, once for a connection.

    Within a transaction of the caller's a rollback may take them away, so there they are made each time.
    """
    if connection.in_atomic_block or connection.connection not in _prepared:
        with connection.cursor() as cursor:
            _prepare(cursor)
    if not connection.in_atomic_block:
        _prepared.add(connection.connection)


_prepared: WeakSet[object] = WeakSet()


def _prepare(cursor: CursorWrapper) -> None:
    cursor.execute("set client_min_messages = warning")
    for package in (posting, snapshots, segments, watch, silence, raising):
        package.prepare(cursor)
    _clear(cursor)


_Stated = TypeVar("_Stated", entries.NewEntry, snapshots.StatedBalance)


def _stage(
    rows: Iterable[_Stated], stage: Callable[[_Stated], _Result]
) -> tuple[list[_Result], tuple[entries.Refusal, ...]]:
    staged, refused = [], []
    for row in rows:
        try:
            staged.append(stage(row))
        except entries.RefusedError as error:
            refused.append(entries.Refusal(position=row.position, ref=row.ref, reason=error.reason, message=str(error)))
    return staged, tuple(refused)


def _cut_stated(rows: Iterable[snapshots.StagedBalance]) -> Iterable[list[snapshots.StagedBalance]]:
    """Batches in which each balance is stated at most once."""
    batch: dict[tuple[str, int], snapshots.StagedBalance] = {}
    for row in rows:
        key = (row.stated.account, row.service.id)
        if key in batch or len(batch) >= posting.BATCH:
            yield list(batch.values())
            batch = {}
        batch[key] = row
    if batch:
        yield list(batch.values())


def _in_order(outcome: Outcome) -> Outcome:
    return Outcome(
        posted=outcome.posted,
        duplicates=outcome.duplicates,
        refused=tuple(sorted(outcome.refused, key=lambda refusal: refusal.position)),
        notices=outcome.notices,
        deliveries=outcome.deliveries,
    )
