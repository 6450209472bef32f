"""The embedded PostgreSQL of one OSTATOK_HOME, shared by all commands that use it at the same time.

Two locks in OSTATOK_HOME/postgresql, both dropped by the kernel however a command ends: `start.lock` lets one
command at a time start or stop the server; `users.lock` is held shared by everyone who uses it, so that
the last one out, and only that one, can take it exclusively and stop the server. After a `kill -9` the server
goes on without users until the next command finds, uses and stops it.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import psycopg

from ostatok.config.embedded import placement
from ostatok.config.embedded.placement import EmbeddedDatabaseError
from ostatok.config.embedded.server import SUPERUSER, Server

DATABASE: Final = "ostatok"
ROLE: Final = "ostatok"
#: The roles that faces act as (parties/wall_schema.py names them for the owner): the owner may not make roles.
FACES: Final = (f"{ROLE}_face", f"{ROLE}_customer")
_NO_SETTINGS: Final[Mapping[str, str]] = {}


@contextlib.contextmanager
def acquire(home: Path, *, settings: Mapping[str, str] = _NO_SETTINGS) -> Iterator[str]:
    """Have a running server in `home` for as long as the context lasts; give the URL of its database.

    `settings` are added to the server's configuration if this call starts it. A child forked inside the
    context may use the database, and leaves the server alone when it exits. Raises EmbeddedDatabaseError.
    """
    directory = _directory(home)
    process = os.getpid()
    url, users = _enter(directory, settings)
    try:
        yield url
    finally:
        if os.getpid() == process:
            os.close(users)
            _leave(directory)


def url(home: Path) -> str:
    """Return the address of the database of the server of `home`, which runs. Raises EmbeddedDatabaseError."""
    return _server(_directory(home)).url(user=ROLE, database=DATABASE)


def destroy(home: Path) -> None:
    """Stop the server of `home`, whoever uses it, and delete its data."""
    directory = _directory(home)
    with _locked(directory / "start.lock"):
        server = _server(directory)
        server.stop()
        placement.remove(server.place, directory)


def _enter(directory: Path, settings: Mapping[str, str]) -> tuple[str, int]:
    """Start the server unless it runs; return its URL and the descriptor whose shared lock says that we use it."""
    with _locked(directory / "start.lock"):
        server = _server(directory, settings)
        server.ensure_up()
        _ensure_database(server.url(user=SUPERUSER, database="postgres"))
        users = _open(directory / "users.lock")
        fcntl.flock(users, fcntl.LOCK_SH)
        return server.url(user=ROLE, database=DATABASE), users


def _leave(directory: Path) -> None:
    """Stop the server if nobody uses it any more."""
    with _locked(directory / "start.lock"):
        # A new descriptor: the lock of the old one lives on in children that were forked meanwhile.
        users = _open(directory / "users.lock")
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        else:
            _server(directory).stop()
        finally:
            os.close(users)


def _ensure_database(url: str) -> None:
    """Make the role that owns the data, its database, and the roles behind its wall.

    Each on its own: a home made by an older version has only some of them. None is a superuser: one would pass through
    row-level security.
    """
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                connection.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB IN ROLE pg_monitor, pg_checkpoint")
            for face in FACES:
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [face]).fetchone():
                    grant = f"GRANT {face} TO {ROLE} WITH INHERIT FALSE, SET TRUE"
                    connection.execute(f"CREATE ROLE {face} NOLOGIN; {grant}")  # both or neither
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
    except psycopg.OperationalError as error:
        raise EmbeddedDatabaseError(f"PostgreSQL has just started, and fails: {' '.join(str(error).split())}") from None


def _server(directory: Path, settings: Mapping[str, str] = _NO_SETTINGS) -> Server:
    return Server(place=placement.find(directory), settings=settings)


def _directory(home: Path) -> Path:
    """Return the directory of the locks, made if missing."""
    directory = home.resolve() / "postgresql"
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedDatabaseError(f"{directory} cannot be made: {error.strerror}") from None
    return directory


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EmbeddedDatabaseError(
            f"{path} cannot be opened: {error.strerror}; does it belong to another user?"
        ) from None
