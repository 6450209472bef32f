"""The words of the bands: what a colour says, said."""

from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

ENOUGH: Final = pgettext_lazy("what is left", "enough")
WORDS: Final[dict[str, Promise]] = {
    "ok": ENOUGH,
    "low": pgettext_lazy("what is left", "low"),
    "lower": pgettext_lazy("what is left", "very low"),
    "crit": pgettext_lazy("what is left", "almost gone"),
    "none": pgettext_lazy("what is left", "no top-up yet"),
}
_SPARE: Final = pgettext_lazy("what is left", "to spare")
_GONE: Final = pgettext_lazy("what is left", "used up")
_BELOW: Final = pgettext_lazy("what is left", "below zero")
_UNKNOWN: Final = pgettext_lazy("what is left", "not known yet")
_FULL: Final = Decimal(100)


def word(band: str, percent: Decimal | None, amount: Decimal, *, known: bool = True) -> Promise:
    """The word beside the colour of a balance: `low`, `below zero`, `not known yet`."""
    if not known:
        return _UNKNOWN
    if band == "crit" and amount <= 0:
        return _BELOW if amount < 0 else _GONE
    if band == "ok" and percent is not None and percent > _FULL:
        return _SPARE
    return WORDS[band]
