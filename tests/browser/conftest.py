"""A browser, and the product as a process that it looks at.

Playwright keeps an event loop in the thread of the tests for as long as it runs: Django must not mind, and what needs
a loop of its own runs in another thread or process. The browser is closed when the tests of this directory are over.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from playwright.sync_api import Browser, sync_playwright

from ostatok.config import database
from ostatok.delivery.channels.email.sink import Sink
from ostatok.parties.models import User
from tests import faces
from tests.browser.window import CHROMIUM, Window
from tests.cli import serving
from tests.cli.serving import Served
from tests.conftest import EMPTY_ALL_TABLES
from tests.faces import World
from tests.walk.estate import PROVIDER

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Opener = Callable[..., Window]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser, with a fresh profile."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing: make browser")
        pytest.skip("Chromium is missing: make browser")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, chromium_sandbox=False)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def _django_db_helper() -> None:
    """Instead of pytest-django's: the mark `django_db` has the database made, but nothing is undone after each test."""


@pytest.fixture(scope="module")
def tables(chromium: Browser, django_db_setup: None, cluster_url: str, django_db_blocker: Any) -> Iterator[str]:
    """The address of the test database, in which the tests of this directory commit.

    Beside Playwright's loop Django has a connection of its own, which nobody else closes.
    """
    with django_db_blocker.unblock():
        yield database.with_name(cluster_url, connection.settings_dict["NAME"])
        connections.close_all()


@pytest.fixture(scope="module")
def site(tables: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The pages, without a worker, and with a provider of OpenID Connect that does not answer."""
    directory = tmp_path_factory.mktemp("site")
    with serving.started(
        *("serve", "--no-worker", "--processes", "1"),
        log=directory / "log",
        DATABASE_URL=tables,
        OSTATOK_HOME=str(directory),
        OSTATOK_OIDC_ISSUER=PROVIDER.issuer,
        OSTATOK_OIDC_CLIENT_ID=PROVIDER.client_id,
        OSTATOK_OIDC_CLIENT_SECRET=PROVIDER.client_secret,
        OSTATOK_OIDC_NAME=PROVIDER.name,
    ) as served:
        serving.announced(served, "answers at")
        yield served
        assert served.stop()[0] == 0


@pytest.fixture(scope="module")
def world(tables: str) -> Iterator[World]:
    """The world of the faces, for tests that only look."""
    yield faces.build()
    empty()


@pytest.fixture
def own_world(tables: str) -> Iterator[World]:
    """The world of the faces, for a test that changes it."""
    yield faces.build()
    empty()


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    """A mail server that keeps what it takes."""
    mails = tmp_path / "mails"
    mails.mkdir()
    one = Sink(mails)
    one.up()
    yield one
    one.close()


@pytest.fixture
def whole_site(tables: str, own_world: World, sink: Sink, tmp_path: Path) -> Iterator[Served]:
    """The pages and a worker, in a world of the test's own."""
    with serving.started(
        *("serve", "--processes", "1"),
        log=tmp_path / "log",
        DATABASE_URL=tables,
        OSTATOK_HOME=str(tmp_path),
        OSTATOK_EMAIL_URL=f"smtp://127.0.0.1:{sink.port}",
    ) as served:
        serving.announced(served, "answers at")
        yield served
        assert served.stop()[0] == 0


@pytest.fixture
def look(chromium: Browser) -> Iterator[Opener]:
    """Opens windows at a site: `look(site, user=..., width=390, dark=True)`. None may have complained at the end."""
    with ExitStack() as stack:
        windows: list[Window] = []

        def opened(at: Served, **wishes: Any) -> Window:
            windows.append(stack.enter_context(Window.opened(chromium, f"http://127.0.0.1:{at.port}", **wishes)))
            return windows[-1]

        yield opened
        complaints = [complaint for window in windows for complaint in window.complaints]
    assert complaints == []


@pytest.fixture(scope="module")
def kept_open(chromium: Browser) -> Iterator[Opener]:
    """Windows by site and user that stay open until the end of the module."""
    with ExitStack() as stack:
        windows: dict[tuple[int, int | None], Window] = {}

        def opened(at: Served, *, user: User | None = None) -> Window:
            key = (at.port, user.pk if user else None)
            if key not in windows:
                windows[key] = stack.enter_context(Window.opened(chromium, f"http://127.0.0.1:{at.port}"))
            windows[key].sit_down(user)
            return windows[key]

        yield opened


@pytest.fixture
def sit(kept_open: Opener) -> Iterator[Opener]:
    """As `look`, in a window that other tests have used before: to open one takes as long as many a page."""
    windows: list[Window] = []

    def opened(at: Served, *, user: User | None = None) -> Window:
        windows.append(kept_open(at, user=user))
        return windows[-1]

    yield opened
    assert [complaint for window in windows for complaint in window.complaints] == []


def empty() -> None:
    """Leave nothing in the tables."""
    with connection.cursor() as cursor:
        cursor.execute(EMPTY_ALL_TABLES)
