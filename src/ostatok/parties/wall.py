"""The second wall: row-level security under the access doors (docs/decisions/0030-the-wall.md).

While the wall is raised for an actor, the database itself shows and changes only what that actor reaches: a query that
forgot its door, raw SQL too, finds the rest gone. What PostgreSQL is told is in `wall_schema`; this is when it holds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from ostatok.parties.access import Actor, Customer, Key, Member, System

# Settings of the session, not of the transaction: most requests are many transactions. A role of None is the one that
# signed in, who owns the tables and passes through the wall.
_BUILD: Final = """
    select set_config('role', coalesce(wall_role(%s), 'none'), false), set_config('ostatok.reach', %s, false),
           set_config('ostatok.clients', %s, false), set_config('ostatok.user', %s, false)
"""
_TEAR_DOWN: Final = """
    select set_config('role', 'none', false), set_config('ostatok.reach', '', false),
           set_config('ostatok.clients', '', false), set_config('ostatok.user', '', false)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wall:
    """What the session is told: whose role, and ids as PostgreSQL writes arrays."""

    face: str
    reach: str = "{}"
    clients: str = "{}"
    user: str = ""


_standing: ContextVar[_Wall | None] = ContextVar("wall", default=None)


@contextmanager
def raised_for(actor: Actor) -> Iterator[None]:
    """Let the database show only what the actor reaches; for System, everything.

    Holds for this thread's connection and whatever replaces it, until the context is left; then what stood before
    stands again. One round trip to raise it, one to take it down. Contexts nest, and must be left inside the
    transaction they were entered in.
    """
    with _moved_to(_around(actor)):
        yield


@contextmanager
def lowered() -> Iterator[None]:
    """Take the wall down for work that checks reach itself and needs more of the database: tests list who may."""
    with _moved_to(None):
        yield


def is_raised() -> bool:
    """Whether the wall stands here and now."""
    return _standing.get() is not None


def raise_again(connection: BaseDatabaseWrapper, **_signal: object) -> None:
    """Receive `connection_created`: a connection made while the wall stands begins behind it."""
    if connection.alias != DEFAULT_DB_ALIAS or (wall := _standing.get()) is None:
        return
    try:
        with connection.wrap_database_errors:
            _tell(connection.connection, wall)
    except BaseException:
        connection.close()  # or the next query would find a connection in front of the wall
        raise


def _around(actor: Actor) -> _Wall | None:
    match actor:
        case System():
            return None
        case Member():
            return _Wall(face="staff", reach=_array(actor.roles), user=str(actor.user_id))
        case Key():
            return _Wall(face="staff", reach=_array([actor.organization_id]))
        case Customer():
            return _Wall(face="customer", clients=_array(actor.clients), user=str(actor.user_id))


def _array(ids: Any) -> str:
    return "{" + ",".join(str(int(one)) for one in ids) + "}"


@contextmanager
def _moved_to(wall: _Wall | None) -> Iterator[None]:
    before = _standing.get()
    _enter(before, wall)
    try:
        yield
    finally:
        _return(wall, before)


def _enter(before: _Wall | None, wall: _Wall | None) -> None:
    _standing.set(wall)
    if before is wall is None:
        return
    try:
        with connection.wrap_database_errors:
            connection.close_if_health_check_failed()
            if connection.connection is not None:  # a new one is told when it is made
                _tell(connection.connection, wall)
    except BaseException:
        _return(wall, before)
        raise


def _return(wall: _Wall | None, before: _Wall | None) -> None:
    """Let stand what stood before, and never hide the error that may be on its way."""
    _standing.set(before)
    if wall is before is None or connection.connection is None:
        return
    try:
        _tell(connection.connection, before)
    except psycopg.Error:
        # A failed transaction takes the settings made in it back when it is rolled back. Otherwise nobody may use a
        # session of which we do not know for whom the wall stands.
        if not connection.in_atomic_block:
            connection.close()


def _tell(session: "psycopg.Connection[Any]", wall: _Wall | None) -> None:
    if wall is None:
        session.execute(_TEAR_DOWN)
    else:
        session.execute(_BUILD, (wall.face, wall.reach, wall.clients, wall.user))
