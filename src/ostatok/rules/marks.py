"""What counts as 100 % where nobody asks for a rule: the mark of the band rule that speaks to a balance."""

from collections.abc import Mapping

from django.db.backends.utils import CursorWrapper

from ostatok.ledger.standing import Base

_OF_SEGMENTS = """
select id, base
from (select id, segment_base(id) as base from segment) s
where base <> 'last_top_up'
"""


def of_segments(cursor: CursorWrapper) -> Mapping[int, Base]:
    """The base of each segment whose balances are not measured against the last top-up."""
    cursor.execute(_OF_SEGMENTS)
    return {segment: Base(base) for segment, base in cursor.fetchall()}
