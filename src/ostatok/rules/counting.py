"""Who stands below a rule, counted in pieces: where it speaks to a million balances, one look takes half a minute.

Each piece looks at balances in the order of their ids for as long as was allowed, adds to what the pieces before found,
and says where the next begins. What is posted meanwhile may be counted or not, as it may by a look that takes as long.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.backends.utils import CursorWrapper

from ostatok.kernel import sql
from ostatok.rules import preview, silence
from ostatok.rules.models import Rule, RuleState
from ostatok.rules.preview import Fate, Letters, Preview

#: So long a piece looks before it says what it has found.
PATIENCE: Final = timedelta(seconds=1.5)
#: So many balances are looked at between two looks at the time: less than half a second.
CHUNK: Final = 10_000

_SQL = sql.load("ostatok.rules", "preview.sql")
_WATCHED = _SQL["watched"].replace("{watched}", _SQL["one_by_one"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """What was counted so far, and `after` which balance it goes on; `urgent` are the ids of the most urgent found.

    It is good for one version of one rule.
    """

    rule_id: int
    version: int
    after: int = 0
    watched: int = 0
    looked: int = 0
    unmeasured: int = 0
    unknown: int = 0
    fates: Mapping[Fate, int]
    letters: tuple[Letters, ...] = ()
    urgent: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """What is known of a rule after `looked` of its balances; `rest` is where it goes on, None at the end."""

    preview: Preview
    looked: int
    rest: Tally | None

    @property
    def is_whole(self) -> bool:
        """Whether the figures are of all balances."""
        return self.rest is None


def of_rule(
    rule: Rule,
    *,
    now: datetime,
    so_far: Tally | None = None,
    size: int = preview.SIZE,
    patience: timedelta = PATIENCE,
    chunk: int = CHUNK,
) -> Count:
    """Count on from a tally of this rule, or begin: at least one chunk, and more while there is time.

    The caller found the rule through its door.
    """
    if rule.state == RuleState.DELETED:
        return Count(preview=preview.NOBODY, looked=0, rest=None)
    before = so_far if so_far and (so_far.rule_id, so_far.version) == (rule.pk, rule.version) else None
    deadline = time.monotonic() + patience.total_seconds()
    with preview.as_if_on(rule) as cursor:
        cursor.execute(_SQL["segments"])
        [segments] = cursor.fetchone()
        looking = _Looking(cursor, rule, segments, before or _nothing(cursor, rule, segments))
        while (ended := looking.look_on(chunk, now)) is False and time.monotonic() < deadline:
            pass
        return looking.counted(now, size, whole=ended, at_once=before is None)


def watched(rule: Rule) -> int:
    """How many balances a rule would speak to if it were on."""
    with preview.as_if_on(rule) as cursor:
        cursor.execute(_SQL["segments"])
        [segments] = cursor.fetchone()
        return _nothing(cursor, rule, segments).watched


def _nothing(cursor: CursorWrapper, rule: Rule, segments: list[int]) -> Tally:
    cursor.execute(_SQL["size"], {"segments": segments})
    [watched] = cursor.fetchone()
    return Tally(rule_id=rule.pk, version=rule.version, watched=watched, fates={})


class _Looking:
    """One piece of a count: whom it found stays in `standing`."""

    def __init__(self, cursor: CursorWrapper, rule: Rule, segments: list[int], before: Tally) -> None:
        self._cursor = cursor
        self._rule = rule.pk
        self._segments = segments
        self._before = before
        self._after, self._looked = before.after, before.looked
        self._unmeasured, self._unknown = before.unmeasured, before.unknown

    def look_on(self, chunk: int, now: datetime) -> bool:
        """Look at the next balances; whether they were the last."""
        self._run("let_go")
        [count, self._after] = self._run("piece", after=self._after, chunk=chunk).fetchone()
        self._cursor.execute(_WATCHED, {"rule": self._rule})
        [_, unmeasured, unknown] = self._cursor.fetchone()
        silence.find_standing(self._cursor, now=now)
        self._looked += count
        self._unmeasured += unmeasured
        self._unknown += unknown
        return bool(count < chunk)

    def counted(self, now: datetime, size: int, *, whole: bool, at_once: bool) -> Count:
        """What this piece found added to those before; `at_once` where there were none."""
        before = self._before
        found, clients = preview.fates_of(self._cursor, self._rule, now=now)
        fates = {fate: found.get(fate, 0) + before.fates.get(fate, 0) for fate in {*found, *before.fates}}
        letters = _together((*before.letters, *preview.letters_of(self._cursor, self._rule, now=now)))
        self._recall(before.urgent, now)
        items, following = preview.page(self._cursor, self._rule, now=now, after=None, size=size)
        seen = Preview(
            watched=max(before.watched, self._looked),
            unmeasured=self._unmeasured,
            unknown=self._unknown,
            below=sum(fates.values()),
            clients=clients if whole and at_once else None,
            fates=fates,
            letters=letters,
            items=items,
            next=following if whole and at_once else None,
        )
        return Count(preview=seen, looked=self._looked, rest=None if whole else self._rest(seen))

    def _recall(self, balances: Sequence[int], now: datetime) -> None:
        """Those whom earlier pieces found most urgent are shown again, as they stand now; they are counted already."""
        self._run("let_go")
        self._run("these", balances=list(balances))
        silence.find_standing(self._cursor, now=now)

    def _rest(self, seen: Preview) -> Tally:
        return Tally(
            rule_id=self._rule,
            version=self._before.version,
            after=self._after,
            watched=seen.watched,
            looked=self._looked,
            unmeasured=seen.unmeasured,
            unknown=seen.unknown,
            fates=seen.fates,
            letters=seen.letters,
            urgent=tuple(one.balance_id for one in seen.items),
        )

    def _run(self, block: str, **values: Any) -> CursorWrapper:
        self._cursor.execute(_SQL[block], {"rule": self._rule, "segments": self._segments, **values})
        return self._cursor


def _together(letters: Sequence[Letters]) -> tuple[Letters, ...]:
    """Letters of the same kind of recipient over the same channel, as one."""
    by_kind: dict[tuple[str, str], Letters] = {}
    for one in letters:
        key = (one.recipient, one.channel)
        already = by_kind.get(key)
        by_kind[key] = one if already is None else _sum(already, one)
    return tuple(by_kind[key] for key in sorted(by_kind))


def _sum(one: Letters, other: Letters) -> Letters:
    return Letters(
        recipient=one.recipient,
        channel=one.channel,
        count=one.count + other.count,
        without_address=one.without_address + other.without_address,
    )
