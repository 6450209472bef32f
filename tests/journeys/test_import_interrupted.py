"""An import that is killed, stopped or cut off posts the rest when it is done again, and nothing twice."""

import json
import os
import signal
from functools import partial
from pathlib import Path
from random import Random
from subprocess import Popen

import psycopg
import pytest

from ostatok.config import embedded
from ostatok.delivery.channels.email.sink import Sink
from tests.clusters import kill_server, wait_until
from tests.journeys import towns
from tests.journeys.desk import Desk, end, entries, posted, query, succeed, wait_for_entries

ACCOUNTS, ROWS = 100, 6_000


@pytest.fixture
def file(desk: Desk) -> Path:
    """Rows about known accounts."""
    desk.apply(towns.description(ACCOUNTS))
    return desk.file(entries(towns.random_entries(ACCOUNTS, ROWS, seed=3)))


def start(desk: Desk, file: Path) -> "Popen[str]":
    return desk.start("import", "entries", file, "--organization", "energo", "--batch", "50")


def everything_is_there_once(desk: Desk) -> None:
    assert posted() == ROWS
    assert query("select count(distinct ref) from entry") == [(ROWS,)]
    assert towns.raised() == towns.expected()
    desk.check()


def test_killed_at_random_moments_every_row_is_posted_once(desk: Desk, file: Path) -> None:
    random = Random(4)
    for kill in range(5):
        process = start(desk, file)
        target = min(posted() + random.randint(1, ROWS // 5), ROWS * (kill + 2) // 7)
        wait_for_entries(target)
        os.kill(process.pid, signal.SIGKILL)
        assert end(process)[0] == -signal.SIGKILL
    assert posted() < ROWS

    desk.run("import", "entries", file, "--organization", "energo")

    everything_is_there_once(desk)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_finishes_the_batch_and_says_how_far_it_came(
    desk: Desk, file: Path, signum: signal.Signals
) -> None:
    process = start(desk, file)
    wait_for_entries(1)
    process.send_signal(signum)
    status, out, err = end(process)

    told = json.loads(out)
    assert status == 128 + signum
    assert not told["complete"]
    assert told["posted"] == posted() == told["last_line"] - 1
    assert "stopping after this batch" in err
    again = desk.run("import", "entries", file, "--organization", "energo")
    assert again["duplicates"] == told["posted"]
    everything_is_there_once(desk)


def test_cut_off_from_the_database_it_says_how_far_it_came(desk: Desk, file: Path) -> None:
    process = start(desk, file)
    wait_for_entries(1)
    query(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"
    )
    status, _, err = end(process)

    assert status == 1
    assert "entries posted; they stay: the same command again posts the rest" in err
    assert "Traceback" not in err
    desk.run("import", "entries", file, "--organization", "energo")
    everything_is_there_once(desk)


def test_with_the_database_killed_while_posting_every_row_is_posted_once(
    sink: Sink, tmp_path: Path, fresh_home: Path
) -> None:
    desk = Desk(sink, tmp_path, DATABASE_URL="", OSTATOK_HOME=str(fresh_home))
    succeed([desk.start("apply", desk.file(towns.description(ACCOUNTS), ".yaml"))])
    file = desk.file(entries(towns.random_entries(ACCOUNTS, ROWS, seed=6)))

    with embedded.acquire(fresh_home) as url:
        process = start(desk, file)
        wait_until(partial(holds, url, ROWS // 3))
        kill_server(fresh_home)
        status, _, err = end(process)
    [rest] = succeed([start(desk, file)])

    assert status == 1
    assert "the same command again posts the rest" in err
    assert rest["duplicates"] >= ROWS // 3
    assert rest["posted"] == ROWS - rest["duplicates"] > 0


def holds(url: str, entries: int) -> bool:
    """Whether a database holds so many entries."""
    with psycopg.connect(url) as connection:
        return connection.execute("select count(*) >= %s from entry", [entries]).fetchone() == (True,)
