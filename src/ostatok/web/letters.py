"""A letter shown as its reader's mail program would, on a page of its own that can reach nothing."""

import re
from typing import Final

from django.http import HttpResponse

#: No script, no address, no cookie.
_POLICY: Final = (
    "{}; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'none'"
)
_HEAD: Final = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_ALONE: Final = _POLICY.format("sandbox")
_WITH_LINKS: Final = _POLICY.format("sandbox allow-popups allow-popups-to-escape-sandbox")


def alone(html: str) -> HttpResponse:
    """A letter as an answer that can do nothing."""
    return _answer(html, _ALONE)


def with_links(html: str) -> HttpResponse:
    """The same for whom it was written to: its links open in a window of their own."""
    found = _HEAD.search(html)
    head = found.end() if found else 0
    return _answer(f'{html[:head]}<base target="_blank">{html[head:]}', _WITH_LINKS)


def _answer(html: str, policy: str) -> HttpResponse:
    return HttpResponse(html, headers={"Content-Security-Policy": policy})
