"""A window of the browser that notes whatever the browser finds amiss."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from ostatok.parties.models import User
from tests.walk.estate import just_signed_in

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser")
DESK: Final = 1440
PHONE: Final = 390
HEIGHT: Final = 900

#: What reaches beyond the window: how far, and what it is.
_TOO_WIDE: Final = """() => {
    const most = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= most) return [];
    return [...document.querySelectorAll('body *')]
        .filter(one => one.getBoundingClientRect().right > most + 1)
        .slice(0, 5).map(one => `${one.tagName}.${one.className}`);
}"""


class Window:
    """A page of the browser at a site; `complaints` are errors of its console, broken policies, foreign requests."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self._origin = urlsplit(origin).netloc
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self._complain(f"error: {error}"))
        page.on("request", self._requested)

    @classmethod
    @contextmanager
    def opened(
        cls,
        browser: Browser,
        origin: str,
        *,
        user: User | None = None,
        width: int = DESK,
        dark: bool = False,
        language: str = "en",
    ) -> Iterator["Window"]:
        """A window with cookies of its own, signed in as a user or nobody."""
        context = browser.new_context(
            base_url=origin,
            locale=language,
            viewport={"width": width, "height": HEIGHT},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        try:
            window = cls(context.new_page(), origin)
            window.sit_down(user)
            yield window
        finally:
            context.close()

    def sit_down(self, user: User | None) -> None:
        """Sign a user in anew, or nobody; what was complained of before is forgotten."""
        self.page.context.clear_cookies()
        if user:
            cookie = {"name": "sessionid", "value": _session(user), "url": f"http://{self._origin}"}
            self.page.context.add_cookies([cookie])  # type: ignore[list-item]  # a TypedDict to Playwright
        self.complaints.clear()

    def speak(self, language: str) -> None:
        """Ask for pages in a language until somebody else sits down."""
        cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": f"http://{self._origin}"}
        self.page.context.add_cookies([cookie])  # type: ignore[list-item]  # a TypedDict to Playwright

    def go(self, path: str) -> int:
        """Open a path; the status it was answered with."""
        response = self.page.goto(path)
        assert response
        return response.status

    def too_wide(self) -> list[str]:
        """What makes the page wider than the window."""
        found: list[str] = self.page.evaluate(_TOO_WIDE)
        return found

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._complain(f"{message.type}: {message.text}")

    def _requested(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self._origin:
            self._complain(f"foreign: {request.url}")

    def _complain(self, what: str) -> None:
        self.complaints.append(f"{urlsplit(self.page.url).path}: {what}")


def _session(user: User) -> str:
    return just_signed_in(user).cookies["sessionid"].value
