"""Rules begin to speak to balances: those already below are marked silently, or notified now (silence.sql)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.backends.utils import CursorWrapper

from ostatok.kernel import sql
from ostatok.ledger import outlook
from ostatok.rules import sweep, watch
from ostatok.rules.audience import Reach

_SQL = sql.load("ostatok.rules", "silence.sql")
_STAND = _SQL["stand"].replace("{lasts}", outlook.LASTS)
#: From so many rows on a plan made for few takes longer than counting them.
_MANY: Final = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """How a rule started: `below` balances were below its threshold or in a band, `notified` of them were told."""

    rule_id: int
    below: int
    notified: int


def prepare(cursor: CursorWrapper) -> None:
    cursor.execute(_SQL["prepare"])


def join_rules(cursor: CursorWrapper, rules: Sequence[int], come: Sequence[Reach]) -> None:
    """All balances of these rules, and the segments that came to others, are about to be looked at."""
    cursor.execute(
        _SQL["join_segments"],
        {
            "rules": list(rules),
            "come_rules": [reach.rule_id for reach in come],
            "come_segments": [reach.segment_id for reach in come],
        },
    )


def join_moved(cursor: CursorWrapper) -> None:
    """Balances that moved to another segment join the rules that their old one did not have."""
    cursor.execute(_SQL["join_moved"])


def find_standing(cursor: CursorWrapper, *, now: datetime) -> None:
    """Find how those who join stand with their rules: the preview of what switching on would do.

    What follows joins them with tables as large: without fresh statistics each of many would be looked for among all.
    """
    cursor.execute(_STAND, outlook.asked(now))
    if cursor.rowcount >= _MANY:
        cursor.execute("analyze standing")


def choose_to_notify(cursor: CursorWrapper, rules: Sequence[int], *, now: datetime) -> None:
    """Leave an occasion in `fire` for everybody whom these rules would otherwise pass over silently."""
    cursor.execute(_SQL["notify"], {"rules": list(rules)})
    sweep.judge_quota(cursor, now=now)


def remember(cursor: CursorWrapper, *, rules: Sequence[int], now: datetime) -> None:
    """Store who was notified and who was marked silently; `rules` are rescheduled by their new period.

    Epochs are written before alarms, here as everywhere: who writes both waits for the other, never in a circle.
    """
    watch.remember_counts(cursor)
    for step in ("find_passing", "pass_bands", "remember_notified", "silence", "rearm", "reschedule"):
        cursor.execute(_SQL[step], {"rules": list(rules), "now": now})


def remember_fired(cursor: CursorWrapper, *, now: datetime) -> None:
    """Store what each occasion in `fire` came to: its alarm is firing from now on."""
    watch.remember_counts(cursor)
    cursor.execute(_SQL["remember_notified"], {"now": now})


def rearm(cursor: CursorWrapper, *, now: datetime) -> None:
    """Put those on guard again who stand clear of their rule."""
    cursor.execute(_SQL["rearm"], {"now": now})


def hush(cursor: CursorWrapper, rules: Sequence[int]) -> None:
    """These rules are off: nothing of theirs falls due."""
    cursor.execute(_SQL["hush"], {"rules": list(rules)})


def summary(cursor: CursorWrapper) -> list[Start]:
    cursor.execute(_SQL["summary"])
    return [Start(rule_id=rule, below=below, notified=notified) for rule, below, notified in cursor.fetchall()]
