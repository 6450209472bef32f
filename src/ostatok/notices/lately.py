"""What rules told lately (lately.sql): for lists that show each rule's last time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from ostatok.kernel import sql

COUNTED: Final = 1_000
#: Notices of a rule, the newest first, as an index has them.
ORDER: Final = ("-raised_at", "-pk")

_SQL = sql.load("ostatok.notices", "lately.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Last:
    """When a rule last raised a notice, and what became of those raised within the day before: COUNTED at most."""

    at: datetime
    sent: int
    not_sent: int
    waiting: int
    shadow: int


def of_rules(rules: Sequence[int]) -> Mapping[int, Last]:
    """The last time of each of these rules that ever raised a notice, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL["last"], {"rules": list(rules), "counted": COUNTED})
        return {
            rule: Last(at=at, sent=sent, not_sent=not_sent, waiting=waiting, shadow=shadow)
            for rule, at, sent, not_sent, waiting, shadow in cursor.fetchall()
        }
