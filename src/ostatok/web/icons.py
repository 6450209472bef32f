"""Icons: outlines of heroicons, and the drawings that are Ostatok's own."""

from functools import lru_cache
from typing import Final

from django.utils.safestring import SafeString, mark_safe
from heroicons.templatetags import heroicons

_FRAME: Final = '<svg class="icon" viewBox="0 0 20 20" aria-hidden="true">{}</svg>'

#: The bulb of a rule: glass and rays light up with its state (css/states.css).
_BULB: Final = (
    '<path class="glass" d="M7.5 13.2c0-1.5-2-2.3-2-5a4.5 4.5 0 0 1 9 0c0 2.7-2 3.5-2 5z"/>'
    '<path d="M8 15.7h4M9 18h2"/>'
    '<path class="rays" d="M10 1.2v.4M3.7 3.2l.4.4M16.3 3.2l-.4.4M2.2 8.7h.5M17.8 8.7h-.5"/>'
)
_OWN: Final = {"bulb": _BULB}


@lru_cache(maxsize=512)
def draw(name: str) -> SafeString:
    """An icon beside a word, which is the one that is read out. Raises heroicons.IconDoesNotExist."""
    if own := _OWN.get(name):
        return SafeString(_FRAME.format(own))
    return mark_safe(heroicons.heroicon_outline(name, size=None, **{"class": "icon"}))  # noqa: S308
