"""Who stands below a rule, counted on from request to request: what was counted travels with the asker, signed."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final

from django.core import signing

from ostatok.rules.counting import Count, Tally
from ostatok.rules.preview import Fate, Letters
from ostatok.web.paging import BrokenCursor

_SALT: Final = "ostatok.counts"
#: Figures of an hour ago are no part of a count of now.
_GOOD_FOR: Final = timedelta(hours=1)


def encode(count: Count) -> str:
    """Where a count goes on, signed; empty where it is whole."""
    return signing.dumps(asdict(count.rest), salt=_SALT, compress=True) if count.rest else ""


def decode(text: str) -> Tally:
    """Where it goes on. Raises BrokenCursor for what is broken, foreign or of more than an hour ago."""
    try:
        return _tally(signing.loads(text, salt=_SALT, max_age=_GOOD_FOR))
    except (signing.BadSignature, ValueError, TypeError, KeyError, AttributeError):
        raise BrokenCursor(str(BrokenCursor.__doc__)) from None


def _tally(stated: Mapping[str, Any]) -> Tally:
    parts = {
        "fates": {Fate(fate): count for fate, count in stated["fates"].items()},
        "letters": tuple(Letters(**one) for one in stated["letters"]),
        "urgent": tuple(stated["urgent"]),
    }
    return Tally(**{**stated, **parts})
