"""The manual lists every page that the site has, and no other; those of the API are in docs/api.md."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from ostatok.web.pages import Page as View
from tests.docs.pages import Page, Table, code, page

#: Which page of the manual lists what begins so; the rest is in that of the console.
HOMES = {
    "/account/": "signing-in.md",
    "/cabinet/": "cabinet.md",
    "/healthz": "operate.md",
    "/readyz": "operate.md",
    "/metrics": "operate.md",
}
MANUAL = ("console.md", *dict.fromkeys(HOMES.values()))


def routes() -> dict[str, URLPattern]:
    """All routes but those of the API and the admin, as the manual writes them: `/console/clients/{pk}/`."""
    return dict(_below(get_resolver(), "/"))


def _below(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for one in resolver.url_patterns:
        path = prefix + str(one.pattern)
        if isinstance(one, URLPattern):
            yield _written(path), one
        elif not path.startswith(("/api/", "/admin/")):
            yield from _below(one, path)


def _written(path: str) -> str:
    """Converters and regular expressions left out: only the name of an argument stays."""
    path = re.sub(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>", lambda found: f"{{{found[1] or found[2]}}}", path)
    return path.replace("^", "").replace("$", "")


def listed(of: Page) -> dict[str, list[str]]:
    """The rows of all tables of a page that list addresses."""
    rows = [row for part in of.parts if isinstance(part, Table) and part.head[0] == "address" for row in part.rows]
    assert len(rows) == len({row[0] for row in rows}), f"{of.path.name} lists an address twice"
    return {code(row[0])[0]: row for row in rows}


def home(path: str) -> str:
    return next((name for start, name in HOMES.items() if path.startswith(start)), "console.md")


@pytest.mark.parametrize("name", MANUAL)
def test_every_page_and_no_other_is_listed(name: str) -> None:
    assert sorted(listed(page(name))) == sorted(path for path in routes() if home(path) == name)


def test_the_permissions_of_the_console_are_those_of_its_views() -> None:
    told = {path: code(row[1]) for path, row in listed(page("console.md")).items()}

    assert told == {path: _taken(pattern) for path, pattern in routes().items() if home(path) == "console.md"}


def _taken(pattern: URLPattern) -> list[str]:
    """What a page takes, and what it takes to save there if that is more."""
    view = getattr(pattern.callback, "view_class", None)
    if view is None or not issubclass(view, View):
        return []
    return [needs.value for needs in (view.needs, view.needs_to_change) if needs]


def test_every_metric_is_listed(db: None, client: Client, settings: Any) -> None:
    settings.OSTATOK_METRICS_TOKEN = "a token"
    answer = client.get("/metrics", headers={"Authorization": "Bearer a token"}).content.decode()
    told = [code(row[0])[0] for row in page("operate.md").table("metric", "meaning")]

    assert told == re.findall(r"^# TYPE (\w+)", answer, re.MULTILINE)
