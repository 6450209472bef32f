"""Who stands below a rule, counted on while its page is open: what was counted travels with the page, signed."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from django.core import signing

from ostatok.rules import counting
from ostatok.rules.counting import Count, Tally
from ostatok.rules.models import Rule
from ostatok.rules.preview import Fate, Letters

_SALT: Final = "ostatok.counts"
#: Figures of an hour ago are no part of a count of now.
_GOOD_FOR: Final = timedelta(hours=1)


class Counting:
    """For pages that count: one step a request, as long as `patience` or one `chunk`, whichever is more."""

    patience: ClassVar[timedelta] = counting.PATIENCE
    chunk: ClassVar[int] = counting.CHUNK

    def count(self, rule: Rule, query: Mapping[str, str], *, now: datetime, size: int) -> dict[str, Any]:
        """What templates show of it: `so_far` is where the next step begins, empty once all are counted."""
        asked = query.get("so_far", "")
        found = counting.of_rule(
            rule, now=now, so_far=decode(asked), size=size, patience=self.patience, chunk=self.chunk
        )
        return {"preview": found.preview, "count": found, "so_far": encode(found), "in_pieces": asked or found.rest}


def encode(count: Count) -> str:
    """Where a count goes on, signed; empty where it is whole."""
    return signing.dumps(asdict(count.rest), salt=_SALT, compress=True) if count.rest else ""


def decode(text: str) -> Tally | None:
    """The tally in a page's address; of a broken, old or foreign one there is none, and the count begins anew."""
    try:
        return _tally(signing.loads(text, salt=_SALT, max_age=_GOOD_FOR))
    except (signing.BadSignature, ValueError, TypeError, KeyError, AttributeError):
        return None


def _tally(stated: Mapping[str, Any]) -> Tally:
    parts = {
        "fates": {Fate(fate): count for fate, count in stated["fates"].items()},
        "letters": tuple(Letters(**one) for one in stated["letters"]),
        "urgent": tuple(stated["urgent"]),
    }
    return Tally(**{**stated, **parts})
