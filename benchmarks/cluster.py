"""An embedded PostgreSQL of a benchmark's own, thrown away when it ends. Importing it sets Django up."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.db import connection, connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ostatok.config.settings")
os.environ.setdefault("OSTATOK_SECRET_KEY", "benchmark")
django.setup()

from ostatok.config import database, embedded, schema  # noqa: E402 (Django first)
from ostatok.kernel import sql  # noqa: E402


@contextmanager
def fresh() -> Iterator[Path]:
    """Start a server with an empty, migrated database and point Django and child processes at it."""
    with tempfile.TemporaryDirectory(prefix="ostatok-bench-") as directory:
        home = Path(directory)
        try:
            with embedded.acquire(home) as address:
                os.environ["DATABASE_URL"] = address
                database.use(address)
                schema.migrate()
                yield home
                connections.close_all()
        finally:
            embedded.destroy(home)


def run_block(file: Path, block: str, **values: object) -> None:
    """Run the statements of one block of an SQL file, each in a transaction of its own."""
    with connection.cursor() as cursor:
        for statement in sql.parse(file.read_text(encoding="utf-8"))[block].split(";\n"):
            cursor.execute(statement, values if "%(" in statement else None)
