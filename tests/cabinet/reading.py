"""A page as its reader sees it."""

import html
import re


def text(page: str) -> str:
    """Without tags; no-break spaces as spaces, one space each."""
    plain = html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\xa0", " ").replace("\u202f", " ")
    return re.sub(r"\s+", " ", plain)
