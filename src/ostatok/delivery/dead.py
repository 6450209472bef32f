"""What was given up, by why, over which provider and by which rule (dead.sql): what there is to mend, most first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from ostatok.kernel import sql
from ostatok.parties.access import Actor, reach

#: So many letters at most are looked at.
COUNTED: Final = 20_000
#: So many groups of them at most are told, the largest.
SHOWN: Final = 100

_SQL: Final = sql.load("ostatok.delivery", "dead.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Letters given up for one reason, over one provider (empty: over none), by one rule (None: run-out lists).

    `organization` is the code of the rule's; it is above that of the letters where the rule is.
    """

    reason: str
    provider: str
    rule_id: int | None
    rule: str | None
    organization: str | None
    letters: int
    oldest: datetime
    newest: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Dead:
    """`letters` is how many were looked at; `more`: there are others, and so each group may be larger.

    `left_out` is how many groups are not told.
    """

    groups: Sequence[Group]
    letters: int
    left_out: int
    more: bool


def of(actor: Actor, *, organization: int | None = None) -> Dead:
    """What was given up where the actor may see it, or of it in one organization and below: one query."""
    asked: dict[str, Any] = {"roots": _roots(actor), "at": organization, "most": COUNTED + 1, "shown": SHOWN}
    with connection.cursor() as cursor:
        cursor.execute(_SQL["groups"], asked)
        rows = cursor.fetchall()
    letters, groups = rows[0][-2:] if rows else (0, 0)
    return Dead(
        groups=[_group(row[:-2]) for row in rows],
        letters=min(letters, COUNTED),
        left_out=groups - len(rows),
        more=letters > COUNTED,
    )


def _roots(actor: Actor) -> list[int] | None:
    roots = reach(actor)
    return None if roots is None else list(roots)


def _group(row: Sequence[Any]) -> Group:
    names = ("reason", "provider", "rule_id", "rule", "organization", "letters", "oldest", "newest")
    return Group(**dict(zip(names, row, strict=True)))
