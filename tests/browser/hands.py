"""Two ways to use a page: with a mouse, or with the keys Tab, Enter, Space and arrows alone."""

from pathlib import Path
from typing import Final, Protocol

from playwright.sync_api import Locator, Page, expect

_STEPS: Final = 150


class Hand(Protocol):
    """What one does to a page."""

    def press(self, target: Locator) -> None:
        """Follow a link, or press a button."""

    def write(self, target: Locator, text: str) -> None:
        """Write into a field."""

    def tick(self, target: Locator) -> None:
        """Tick a box."""

    def attach(self, target: Locator, file: Path) -> None:
        """Choose a file."""


class Mouse:
    """Points and clicks."""

    def press(self, target: Locator) -> None:
        target.click()

    def write(self, target: Locator, text: str) -> None:
        target.fill(text)

    def tick(self, target: Locator) -> None:
        target.check()

    def attach(self, target: Locator, file: Path) -> None:
        target.set_input_files(file)


class Keys:
    """Goes from one thing to the next with Tab, and never touches the mouse."""

    def press(self, target: Locator) -> None:
        _reach(target)
        target.page.keyboard.press("Enter")

    def write(self, target: Locator, text: str) -> None:
        _reach(target)
        target.page.keyboard.press("Control+A")
        target.page.keyboard.type(text)

    def tick(self, target: Locator) -> None:
        _reach(target)
        target.page.keyboard.press("Space")

    def attach(self, target: Locator, file: Path) -> None:
        # Expected before the way there: the browser may learn of it later than of the key that follows.
        with target.page.expect_file_chooser() as choosing:
            _reach(target)
            target.page.keyboard.press("Enter")
        choosing.value.set_files(file)


def _reach(target: Locator) -> None:
    """Press Tab until the focus is there, and can be seen to be."""
    expect(target).to_be_visible()
    for _ in range(_STEPS):
        if _has_focus(target):
            return
        target.page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {target}, but to {_focused(target.page)}")


def _has_focus(target: Locator) -> bool:
    return bool(target.evaluate("one => one === document.activeElement"))


def _focused(page: Page) -> str:
    return str(page.evaluate("() => document.activeElement.outerHTML.slice(0, 200)"))
