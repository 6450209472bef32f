"""One private PostgreSQL for the whole test run, started when the first test needs it.

With DATABASE_URL set, that server is used instead. The workers of pytest-xdist share the cluster, each with
a test database of its own.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import hypothesis
import pytest
from django.conf import settings
from django.db import connection

from ostatok.config import database, embedded

#: The data of a test run need not survive the machine.
HASTE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "256MB"}
PREFIX = "ostatok-tests-"
HOME = pytest.StashKey[Path]()
LOCK = pytest.StashKey[TextIO]()

#: Empties all tables between tests that commit, those included that refuse TRUNCATE or are not Django's.
EMPTY_ALL_TABLES = """
DO $$
DECLARE
    guarded regclass[] := ARRAY(
        SELECT DISTINCT tgrelid::regclass FROM pg_trigger
        WHERE NOT tgisinternal AND tgtype & 32 <> 0 AND tgparentid = 0);
    one regclass;
BEGIN
    FOREACH one IN ARRAY guarded LOOP EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', one); END LOOP;
    EXECUTE (
        SELECT 'TRUNCATE ' || string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'django_migrations');
    FOREACH one IN ARRAY guarded LOOP EXECUTE format('ALTER TABLE %s ENABLE TRIGGER USER', one); END LOOP;
END $$
"""


# On CI the same examples every time; at a desk new ones, until one fails.
hypothesis.settings.register_profile("ci", derandomize=True, database=None, deadline=None)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")


def pytest_configure(config: pytest.Config) -> None:
    """Give Django a key, which commands started by tests inherit, and the cluster a home of its own."""
    os.environ.setdefault("OSTATOK_SECRET_KEY", secrets.token_hex(16))
    settings.SECRET_KEY = os.environ["OSTATOK_SECRET_KEY"]
    if not hasattr(config, "workerinput"):
        remove_leftovers()
        config.stash[HOME] = home = Path(tempfile.mkdtemp(prefix=PREFIX))
        config.stash[LOCK] = lock = (home / "run.lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)


def remove_leftovers() -> None:
    """Remove the clusters of runs that were killed: nobody holds their lock any more."""
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/run.lock"):
        with contextlib.suppress(OSError), lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove(lock.parent)


def remove(home: Path) -> None:
    if (home / "postgresql").exists():
        embedded.destroy(home)
    shutil.rmtree(home, ignore_errors=True)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the cluster of this run is."""
    node.workerinput["cluster_home"] = str(node.config.stash[HOME])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind, whatever the tests did."""
    if HOME in config.stash:
        remove(config.stash[HOME])
        config.stash[LOCK].close()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say it aloud where pages were not looked at."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "Chromium" in str(report.longrepr)]
    if skipped:
        terminalreporter.write_line(
            f"{len(skipped)} tests of pages were SKIPPED: Chromium is missing. On Debian: make browser",
            red=True,
            bold=True,
        )


@pytest.fixture(scope="session")
def cluster_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """The address of a database on the server of this test run."""
    if database.chosen():
        yield os.environ["DATABASE_URL"]
        return
    workerinput = getattr(pytestconfig, "workerinput", None)
    home = Path(workerinput["cluster_home"]) if workerinput else pytestconfig.stash[HOME]
    with embedded.acquire(home, settings=HASTE) as url:
        yield url


@pytest.fixture(scope="session")
def django_db_modify_db_settings(cluster_url: str, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Point Django at the cluster, just before pytest-django creates its test database there."""
    database.use(cluster_url)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Let the tables that only grow be emptied between tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection.ops, "sql_flush", lambda *_, **__: [EMPTY_ALL_TABLES])
        yield


@pytest.fixture
def database_url(cluster_url: str, db: None) -> str:
    """The address of the test database, for commands that a test starts as processes (DATABASE_URL)."""
    return database.with_name(cluster_url, connection.settings_dict["NAME"])


@pytest.fixture
def fresh_home() -> Iterator[Path]:
    """An OSTATOK_HOME without a database yet, in a 0700 directory as a clone may be.

    For tests that kill the server (tests/clusters.py) or watch it start: the database that a command without
    DATABASE_URL makes here is removed after the test.
    """
    with tempfile.TemporaryDirectory(prefix="ostatok-home-") as path:
        home = Path(path) / "var"
        yield home
        if home.exists():
            embedded.destroy(home)
