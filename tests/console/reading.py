"""Pages as their readers see them."""

import html
import re
from typing import Any

from django.test import Client as Browser
from django.urls import reverse


def at(name: str, *args: Any) -> str:
    """The address of a page of the console."""
    return reverse(f"console:{name}", args=args)


def words(page: str) -> str:
    """What a reader sees: without tags, no-break spaces as spaces."""
    plain = html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\xa0", " ").replace("\u202f", " ")
    return re.sub(r"\s+", " ", plain)


def seen(browser: Browser, path: str, **query: str) -> str:
    """The words of a page that must be there."""
    answer = browser.get(path, query)
    assert answer.status_code == 200, answer.status_code
    return words(answer.content.decode())


def said(answer: Any) -> str:
    """The words of an answer, after the redirects that were followed."""
    assert answer.status_code == 200, answer.status_code
    return words(answer.content.decode())
