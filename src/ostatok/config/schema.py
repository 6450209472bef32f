"""The schema of the database: is it current, and making it so."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from ostatok.kernel.errors import OstatokError

OLDEST_SERVER: Final = 18
# Any number will do, as long as nobody else on that server locks the same one: the letters of "ostatok".
_LOCK: Final = int.from_bytes(b"ostatok", "big")


class SchemaError(OstatokError):
    """The database is not fit for this version of Ostatok."""


def pending() -> list[str]:
    """Return the migrations this version has and the database lacks, as `app.name`."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


class Watch:
    """Whether the database may serve this process, as strangers may ask as often as they like.

    A schema does not go back under a process that runs: once it was found current, one cheap statement is all. Until
    then one at a time lays out the migrations, which takes a while; whoever asks meanwhile is told no.
    """

    def __init__(self) -> None:
        self.looking = threading.Lock()
        self._found = False

    def is_current(self) -> bool:
        """Whether the schema is that of this version. Raises django.db.Error where no database answers."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return self._found or self._look()

    def _look(self) -> bool:
        if not self.looking.acquire(blocking=False):
            return False
        try:
            self._found = not pending()
        finally:
            self.looking.release()
        return self._found


def migrate() -> list[str]:
    """Apply what is pending, and return it. Several processes may do so at once. Raises SchemaError."""
    _require_server()
    if not pending():
        return []
    with _locked():
        missing = pending()
        call_command("migrate", verbosity=0, interactive=False)
        return missing


def require_current() -> None:
    """Raise SchemaError if the database lacks migrations."""
    _require_server()
    missing = pending()
    if missing:
        raise SchemaError(f"the database lacks {len(missing)} migrations, {missing[0]} first: run `ostatok migrate`")


def _require_server() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        [major] = cursor.fetchone()
    if major < OLDEST_SERVER:
        raise SchemaError(f"the database runs PostgreSQL {major}; Ostatok needs {OLDEST_SERVER} or newer")


@contextmanager
def _locked() -> Iterator[None]:
    """Hold an advisory lock of this session, which ends with it however it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
