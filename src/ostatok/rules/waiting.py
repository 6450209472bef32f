"""What a worker is to do with a rule (models.Switching): one thing at a time, done once or not at all.

It is done, and found to be over, in one transaction under the lock that every change of a rule holds (ledger.locks). So
whoever holds that lock and finds it unfinished knows that nothing of it was done, and may take it back.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.db import connection

from ostatok.kernel.errors import OstatokError
from ostatok.rules.models import TAKEN_BACK, RuleState, Switching

# The advisory locks of workers at it: the letters of "bulb".
_SPACE: Final = int.from_bytes(b"bulb", "big")
_HELD: Final = """
    select exists (
        select from pg_locks
        where locktype = 'advisory' and classid = %s and objid = %s and objsubid = 2 and granted
            and database = (select oid from pg_database where datname = current_database())
    )
"""


class BeingChanged(OstatokError):
    """A worker is changing the rule: wait until that is done, and try again."""


class TakenBack(Exception):
    """It was taken back before it was done."""


@contextmanager
def at_it(switching_id: int) -> Iterator[bool]:
    """Whether no other worker is at it; that ends with this connection, however that ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", _key(switching_id))
        [is_ours] = cursor.fetchone()
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s, %s)", _key(switching_id))


def has_begun(one: Switching) -> bool:
    """Whether a worker, which is alive, is at it."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, _key(one.pk))
        [is_held] = cursor.fetchone()
    return bool(is_held)


def refuse_if_begun(organization: str, name: str) -> None:
    """Raise BeingChanged where a worker is changing the rule of that name: its lock would keep the caller waiting."""
    unfinished = Switching.objects.filter(finished_at=None, rule__organization__code=organization, rule__name=name)
    if any(has_begun(one) for one in unfinished.exclude(rule__state=RuleState.DELETED)):
        raise BeingChanged(str(BeingChanged.__doc__))


@contextmanager
def done(switching_id: int, *, clock: Callable[[], datetime]) -> Iterator[None]:
    """Within the transaction that does it, under the lock of the rule: it is over once that commits.

    Raises TakenBack where it is not to be done any more.
    """
    unfinished = Switching.objects.filter(pk=switching_id, finished_at=None)
    # Said before it is done: the change takes back whatever else waits for the rule.
    if not unfinished.exclude(rule__state=RuleState.DELETED).update(finished_at=clock()):
        raise TakenBack(str(TakenBack.__doc__))
    yield
    Switching.objects.filter(pk=switching_id).update(finished_at=clock())


def take_back(rules: Iterable[int], *, at: datetime) -> set[int]:
    """Take back what waits for these rules, under their lock; returns the rules for which something waited."""
    unfinished = Switching.objects.filter(rule__in=list(rules), finished_at=None)
    found = dict(unfinished.values_list("pk", "rule_id"))
    Switching.objects.filter(pk__in=found).update(finished_at=at, problem=TAKEN_BACK)
    return set(found.values())


def _key(switching_id: int) -> list[int]:
    return [_SPACE, switching_id % 2**31]
