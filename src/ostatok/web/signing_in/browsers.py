"""Browsers by the names people know them by."""

import re
from typing import Final

from django.utils.translation import gettext as _

#: Looked for in this order: most browsers claim to be the ones below them too.
_BROWSERS: Final = (
    (re.compile(r"YaBrowser/"), "Yandex Browser"),
    (re.compile(r"Edg(A|iOS)?/"), "Edge"),
    (re.compile(r"OPR/|Opera"), "Opera"),
    (re.compile(r"SamsungBrowser/"), "Samsung Internet"),
    (re.compile(r"Firefox/|FxiOS/"), "Firefox"),
    (re.compile(r"Chrom(e|ium)/|CriOS/"), "Chrome"),
    (re.compile(r"Safari/"), "Safari"),
)
_SYSTEMS: Final = (
    (re.compile(r"iPhone"), "iPhone"),
    (re.compile(r"iPad"), "iPad"),
    (re.compile(r"Android"), "Android"),
    (re.compile(r"Windows"), "Windows"),
    (re.compile(r"Mac OS X|Macintosh"), "macOS"),
    (re.compile(r"Linux|X11"), "Linux"),
)
_Names = tuple[tuple[re.Pattern[str], str], ...]


def named(agent: str) -> str:
    """`Firefox, Windows`: what a User-Agent tells, or that it tells nothing."""
    told = filter(None, (_first(_BROWSERS, agent), _first(_SYSTEMS, agent)))
    return ", ".join(told) or _("an unknown browser")


def _first(names: _Names, agent: str) -> str:
    return next((name for pattern, name in names if pattern.search(agent)), "")
