"""Requests whose changes are taken back."""

import copy
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.test import Client as Browser

from tests.faces import MARKER


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The status of an answer, where it leads, its type and the whole of its body."""

    status: int
    location: str
    type: str
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


def ask(browser: Browser, method: str, path: str, **more: Any) -> Answer:
    """Ask, read the answer to its end, and undo what it did."""
    cookies = copy.deepcopy(browser.cookies)
    with transaction.atomic():
        response = browser.generic(method, path, **more)
        body = b"".join(_pieces(response)) if response.streaming else response.content
        transaction.set_rollback(True)
    browser.cookies = cookies
    return Answer(
        status=response.status_code,
        location=response.headers.get("Location", ""),
        type=response.headers.get("Content-Type", "").partition(";")[0],
        body=body,
    )


def tells_of_the_south(answer: Answer) -> bool:
    """Whether a text of the southern organization, or one of its addresses, is in an answer."""
    text = answer.text
    return MARKER in text or json.dumps(MARKER)[1:-1] in text or "lastochka" in text


def _pieces(response: Any) -> Iterable[bytes]:
    pieces: Iterable[bytes] = iter(response.streaming_content)
    return pieces
