"""Which rules speak to which segments (audience.sql)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

from ostatok.kernel import sql, units

_SQL = sql.load("ostatok.rules", "audience.sql")
_BASES = json.dumps({code: units.get(code).base for code in units.codes()})


@dataclass(frozen=True, slots=True)
class Reach:
    """One rule that came to speak, or ceased to speak, to one segment."""

    rule_id: int
    segment_id: int


def match_new_segments(cursor: CursorWrapper) -> None:
    """Work out which rules speak to segments that did not exist before."""
    cursor.execute(_SQL["match"], {"rules": None, "bases": _BASES})


def match(cursor: CursorWrapper, rules: Sequence[int]) -> list[Reach]:
    """Work out anew whom these rules speak to; returns the segments that joined an audience.

    Every balance they speak or spoke to meets the rules at its next posting.
    """
    cursor.execute(_SQL["match"], {"rules": list(rules), "bases": _BASES})
    moves = cursor.fetchall()
    cursor.execute(_SQL["bump"], {"rules": list(rules), "segments": [segment for _, segment, _ in moves]})
    return [Reach(rule_id=rule, segment_id=segment) for what, segment, rule in moves if what == "come"]
