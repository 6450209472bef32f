"""Watching and killing the embedded server of a home that is a test's own (fixture `fresh_home`)."""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from ostatok.config.embedded import pid_file, placement
from ostatok.config.embedded.server import Server

PATIENCE = 60


def server(home: Path) -> Server:
    """Return the server of a home that some command has begun."""
    return Server(place=placement.find(home.resolve() / "postgresql"))


def postmaster(home: Path) -> int:
    """Return the pid of the server of a home, running or killed."""
    found = pid_file.read(server(home).data)
    assert found
    return found.pid


def kill_server(home: Path) -> None:
    """Kill the server of a home as a lack of memory would."""
    os.kill(postmaster(home), signal.SIGKILL)


def is_up(url: str) -> bool:
    """Return whether a server answers at the address."""
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(url).close()
        return True
    return False


def started_at(url: str) -> object:
    """Return when the server started: two equal answers come from the same server."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_postmaster_start_time()").fetchone()
        assert row
        return row[0]


def wait_until(condition: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Return when the condition holds; fail if it does not within `patience` seconds."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)
