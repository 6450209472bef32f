"""Which rules speak to which segments (audience.sql)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.backends.utils import CursorWrapper

from ostatok.kernel import sql, units

_SQL = sql.load("ostatok.rules", "audience.sql")
_MATCH, _JOIN = (_SQL[name].replace("{candidate}", _SQL["candidate"]) for name in ("match", "join"))
_BASES = json.dumps({code: units.get(code).base for code in units.codes()})


@dataclass(frozen=True, slots=True)
class Reach:
    """One rule that came to speak, or ceased to speak, to one segment."""

    rule_id: int
    segment_id: int


def match_new_segments(cursor: CursorWrapper) -> None:
    """Work out which rules speak to segments that did not exist before."""
    cursor.execute(_MATCH, {"rules": None, "as_if_on": [], "bases": _BASES})


def match(cursor: CursorWrapper, rules: Sequence[int]) -> list[Reach]:
    """Work out anew whom these rules speak to; returns the segments that joined an audience.

    Every balance they speak or spoke to meets the rules at its next posting.
    """
    cursor.execute(_MATCH, {"rules": list(rules), "as_if_on": [], "bases": _BASES})
    moves = cursor.fetchall()
    cursor.execute(_SQL["bump"], {"rules": list(rules), "segments": [segment for _, segment, _ in moves]})
    return [Reach(rule_id=rule, segment_id=segment) for what, segment, rule in moves if what == "come"]


def join(cursor: CursorWrapper, rules: Sequence[int], *, anew: Sequence[int], as_if_on: Sequence[int] = ()) -> None:
    """Leave in `joining` whom these rules would speak to from now on; nothing is stored.

    Of a rule in `anew` all segments join, of another only those that it does not speak to yet.
    Those in `as_if_on` speak whatever their state.
    """
    asked: dict[str, Any] = {"rules": list(rules), "anew": list(anew), "as_if_on": list(as_if_on), "bases": _BASES}
    cursor.execute(_JOIN, asked)
