"""`ostatok` as a process: what it starts, what it refuses, and how it says so."""

import contextlib
import json
import os
import secrets
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import psycopg
import pytest
from psycopg import sql

from ostatok.cli import main as cli
from ostatok.config import database, embedded
from ostatok.config.embedded.server import State
from tests.clusters import server, wait_until

PATIENCE = 120


def ostatok(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command in an environment without DATABASE_URL, unless one is given."""
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [sys.executable, "-m", "ostatok", *arguments]
    environment = inherited | environ
    return subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=PATIENCE)


@pytest.fixture
def empty_database(cluster_url: str) -> Iterator[str]:
    """The address of a database without tables."""
    name = f"empty_{secrets.token_hex(4)}"
    with psycopg.connect(cluster_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield database.with_name(cluster_url, name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["migrate", "--help"], ["no-such-command"]])
def test_what_needs_no_database_starts_none(arguments: list[str], fresh_home: Path) -> None:
    ostatok(*arguments, OSTATOK_HOME=str(fresh_home))

    assert not fresh_home.exists()


def test_the_embedded_database_is_made_current_and_its_key_kept_private(fresh_home: Path) -> None:
    done = ostatok("migrate", "--json", OSTATOK_HOME=str(fresh_home), OSTATOK_SECRET_KEY="")
    key = fresh_home / "secret_key"
    first = key.read_text()
    again = ostatok("migrate", "--json", OSTATOK_HOME=str(fresh_home), OSTATOK_SECRET_KEY="")

    assert "parties.0001_initial" in json.loads(done.stdout)["applied"]
    assert json.loads(again.stdout) == {"applied": []}
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert (len(first), key.read_text()) == (64, first)


def test_several_commands_may_migrate_at_once(empty_database: str) -> None:
    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(ostatok, "migrate", "--json", DATABASE_URL=empty_database) for _ in range(3)]
        results = [run.result() for run in runs]

    assert [result.returncode for result in results] == [0, 0, 0]
    assert sorted(bool(json.loads(result.stdout)["applied"]) for result in results) == [False, False, True]


def test_a_database_that_lacks_migrations_is_refused_by_name_of_the_remedy(empty_database: str) -> None:
    refused = ostatok("worker", "--once", DATABASE_URL=empty_database)

    assert refused.returncode == 1
    assert refused.stderr.startswith("ostatok: the database lacks ")
    assert refused.stderr.endswith("run `ostatok migrate`\n")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://ann:s3cret@127.0.0.1:1/x", "ostatok: the database does not answer: "),
        ("postgresql://ann:s3cret@[/x", "ostatok: DATABASE_URL is not an address"),
        ("postgresql://ann:s3cret%zz@localhost/x", "ostatok: DATABASE_URL is not an address"),
        ("postgresql://ann:s3cret@localhost", "ostatok: DATABASE_URL does not name a database"),
    ],
)
def test_a_database_out_of_reach_is_one_line_that_tells_no_password(url: str, message: str) -> None:
    failed = ostatok("migrate", DATABASE_URL=url)

    assert failed.returncode == 1
    assert failed.stderr.startswith(message)
    assert failed.stderr.count("\n") == 1
    assert "s3cret" not in failed.stderr


def test_a_database_of_ones_own_needs_a_key_of_ones_own() -> None:
    refused = ostatok("migrate", DATABASE_URL="postgresql://127.0.0.1:1/x", OSTATOK_SECRET_KEY="")

    assert (refused.returncode, refused.stderr) == (1, "ostatok: OSTATOK_SECRET_KEY must be set, as DATABASE_URL is\n")


def test_importing_the_settings_starts_nothing(fresh_home: Path) -> None:
    program = "from ostatok.config import settings; print(settings.DATABASES['default']['HOST'])"
    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environ | {"OSTATOK_HOME": str(fresh_home)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "/nonexistent/DATABASE_URL-is-not-set\n"
    assert not fresh_home.exists()


def leaves(command: click.Command, context: click.Context) -> Iterator[click.Command]:
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found
            yield from leaves(found, context)
    else:
        yield command


def test_every_command_says_whether_it_needs_the_database() -> None:
    every = list(leaves(cli.cli, click.Context(cli.cli)))

    assert every
    assert [command.name for command in every if not isinstance(command, cli.Command | cli.NoDatabase)] == []


def has_worker(url: str) -> bool:
    with psycopg.connect(url) as connection, contextlib.suppress(psycopg.errors.UndefinedTable):
        return connection.execute("SELECT FROM worker").rowcount > 0
    return False


def test_a_worker_told_to_stop_takes_the_embedded_server_with_it(fresh_home: Path) -> None:
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environ = inherited | {"OSTATOK_HOME": str(fresh_home)}
    with contextlib.ExitStack() as stack:
        command = [sys.executable, "-m", "ostatok", "worker"]
        worker = stack.enter_context(subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL))
        stack.callback(worker.kill)
        wait_until((fresh_home / "postgresql" / "users.lock").exists)
        url = server(fresh_home).url(user=embedded.ROLE, database=embedded.DATABASE)
        wait_until(lambda: has_worker(url))
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE) in (0, 128 + signal.SIGTERM)  # the latter before it listens to signals itself
    assert server(fresh_home).look() is State.DOWN
