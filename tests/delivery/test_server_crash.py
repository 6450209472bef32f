"""The database server is killed while mails go out."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ostatok.config import embedded
from ostatok.delivery.channels.email.sink import Sink
from ostatok.kernel import sql
from tests import clusters
from tests.delivery.processes import Fleet, repeated, until

MAILS = 400
LOAD = Path(__file__).parents[2] / "benchmarks" / "deliver_email.sql"


@pytest.fixture
def home() -> Iterator[Path]:
    """A home with a server of its own, which may be killed."""
    with tempfile.TemporaryDirectory(prefix="ostatok-crash-") as directory:
        yield Path(directory)
        embedded.destroy(Path(directory))


def load(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in sql.parse(LOAD.read_text(encoding="utf-8"))["load"].split(";\n"):
            connection.execute(statement.replace("%(mails)s", str(MAILS)))


def settled(url: str) -> bool:
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from notice where state <> 'sent'").fetchone()
    return row == (0,)


def test_a_killed_server_loses_no_mail_and_repeats_none(home: Path, sink: Sink, tmp_path: Path) -> None:
    with embedded.acquire(home) as url:
        fleet = Fleet(database_url=url, sink=sink, logs=tmp_path)
        with fleet.command("migrate") as migrating:
            assert migrating.wait(timeout=120) == 0, fleet.log()
        load(url)
        with fleet.worker() as one, fleet.worker() as two:
            sink.wait_for(60)
            clusters.kill_server(home)
            with embedded.acquire(home) as again:
                assert again == url
                until(lambda: settled(url), why="the last mail")
            one.terminate()
            two.terminate()
            assert (one.wait(timeout=30), two.wait(timeout=30)) == (0, 0), fleet.log()

    assert len({mail.message_id for mail in sink.mails}) == MAILS
    assert repeated(sink.mails) == 0
    assert "lease lost" in fleet.log()
