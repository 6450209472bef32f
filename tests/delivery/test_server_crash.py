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


@pytest.fixture
def fleet(home: Path, sink: Sink, tmp_path: Path) -> Iterator[Fleet]:
    """Workers on that server, with mails waiting."""
    with embedded.acquire(home) as url:
        fleet = Fleet(database_url=url, sink=sink, logs=tmp_path)
        with fleet.command("migrate") as migrating:
            assert migrating.wait(timeout=120) == 0, fleet.log()
        load(url)
        yield fleet


def test_a_killed_server_loses_no_mail_and_repeats_none(home: Path, fleet: Fleet) -> None:
    with fleet.worker() as one, fleet.worker() as two:
        fleet.sink.wait_for(60)
        clusters.kill_server(home)
        with embedded.acquire(home) as again:
            assert again == fleet.database_url
            until(lambda: settled(again), why="the last mail")
        one.terminate()
        two.terminate()
        assert (one.wait(timeout=30), two.wait(timeout=30)) == (0, 0), fleet.log()

    assert len({mail.message_id for mail in fleet.sink.mails}) == MAILS
    assert repeated(fleet.sink.mails) == 0
    assert "lease lost" in fleet.log()


def test_a_worker_told_to_stop_while_the_server_is_gone_leaves_in_time(home: Path, fleet: Fleet) -> None:
    with fleet.worker() as process:
        fleet.sink.wait_for(20)
        clusters.kill_server(home)
        process.terminate()
        assert process.wait(timeout=30) == 1

    assert "ostatok: The database does not answer" in fleet.log()


def test_a_worker_that_has_long_looked_for_its_server_can_be_stopped(home: Path, fleet: Fleet) -> None:
    with fleet.worker() as process:
        fleet.sink.wait_for(20)
        clusters.kill_server(home)
        until(lambda: fleet.log().count("database failed") > 5, why="the worker to notice")
        process.terminate()
        assert process.wait(timeout=30) == 1

    assert "ostatok: The database does not answer" in fleet.log()
