"""The table of all routes in docs/api.md, made from what the API says of itself.

To renew it: `.venv/bin/python -m tests.docs.routes`.
"""

import importlib
import os
from collections.abc import Iterator
from typing import Any

import django

from tests.docs.pages import DOCS

HEADING = "## All routes\n"


def rows() -> Iterator[tuple[str, str]]:
    """Each route with what it does, in the order of the paths."""
    openapi = _openapi()
    for path, method, operation in sorted(openapi.operations(openapi.document()), key=lambda found: found[0]):
        yield f"`{method.upper()} /{path.removeprefix(openapi.PREFIX)}`", operation["summary"]


def table() -> str:
    lines = [f"| {route} | {what} |" for route, what in rows()]
    return "\n".join(["| route | what it does |", "|---|---|", *lines, ""])


def renew() -> None:
    page = DOCS / "api.md"
    before, heading, _ = page.read_text(encoding="utf-8").partition(HEADING)
    page.write_text(f"{before}{heading}\n{table()}", encoding="utf-8")


def _openapi() -> Any:
    """Which can be imported once Django knows its settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ostatok.config.settings")
    django.setup()
    return importlib.import_module("ostatok.api.openapi")


if __name__ == "__main__":
    renew()
