"""Who stands below a rule, counted on while its page is open."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from ostatok.rules import counting
from ostatok.rules.counting import Tally
from ostatok.rules.models import Rule
from ostatok.web import counts
from ostatok.web.paging import BrokenCursor


class Counting:
    """For pages that count: one step a request, as long as `patience` or one `chunk`, whichever is more."""

    patience: ClassVar[timedelta] = counting.PATIENCE
    chunk: ClassVar[int] = counting.CHUNK

    def count(self, rule: Rule, query: Mapping[str, str], *, now: datetime, size: int) -> dict[str, Any]:
        """What templates show of it: `so_far` is where the next step begins, empty once all are counted."""
        asked = query.get("so_far", "")
        found = counting.of_rule(
            rule, now=now, so_far=_so_far(asked), size=size, patience=self.patience, chunk=self.chunk
        )
        so_far = counts.encode(found)
        return {"preview": found.preview, "count": found, "so_far": so_far, "in_pieces": asked or found.rest}


def _so_far(text: str) -> Tally | None:
    """The tally in a page's address; without one, or with one that is good no more, the count begins anew."""
    try:
        return counts.decode(text) if text else None
    except BrokenCursor:
        return None
