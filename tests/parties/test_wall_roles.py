"""The roles behind the wall: made by whoever may, asked for by whoever may not."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import psycopg
import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import conninfo, sql

from ostatok.config.embedded.server import SUPERUSER
from ostatok.parties import wall_schema

pytestmark = pytest.mark.django_db


def _address(user: str) -> str:
    """The database of this test, for another user."""
    connection.ensure_connection()
    return conninfo.make_conninfo(**{**connection.connection.info.get_parameters(), "user": user})


@pytest.fixture
def superuser(db: None) -> Iterator["psycopg.Connection[Any]"]:
    """The administrator of the server of this test run."""
    try:
        session = psycopg.connect(_address(SUPERUSER), autocommit=True)
    except psycopg.OperationalError:
        pytest.skip("the server of this test run does not let its superuser in from here")
    with session:
        yield session


@pytest.fixture
def owner(superuser: "psycopg.Connection[Any]") -> Iterator[str]:
    """A role that may sign in and nothing else."""
    name = f"owner_{secrets.token_hex(4)}"
    superuser.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
    yield name
    for role in (f"{name}_face", f"{name}_customer", name):
        superuser.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


def _ensure(owner: str, address: str | None = None) -> None:
    with psycopg.connect(address or _address(owner)) as session, session.cursor() as cursor:
        wall_schema.ensure_roles(cast(CursorWrapper, cursor))
        cursor.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(f"{owner}_face")))


def test_an_owner_that_may_make_roles_makes_them(superuser: "psycopg.Connection[Any]", owner: str) -> None:
    superuser.execute(sql.SQL("ALTER ROLE {} CREATEROLE").format(sql.Identifier(owner)))
    _ensure(owner)
    _ensure(owner)
    inherits = "select rolinherit and inherit_option from pg_auth_members m join pg_roles r on r.oid = member"
    found = superuser.execute(f"{inherits} where rolname = %s and set_option", [owner]).fetchall()
    assert found == [(False,), (False,)]


def test_databases_of_one_server_make_the_roles_at_once(superuser: "psycopg.Connection[Any]", owner: str) -> None:
    superuser.execute(sql.SQL("ALTER ROLE {} CREATEROLE").format(sql.Identifier(owner)))
    address = _address(owner)
    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(_ensure, owner, address) for _ in range(6)]:
            done.result()


def test_an_owner_that_may_not_is_told_what_an_administrator_has_to_run(
    superuser: "psycopg.Connection[Any]", owner: str
) -> None:
    with pytest.raises(wall_schema.RolesMissing) as caught:
        _ensure(owner)
    complaint, *statements = str(caught.value).splitlines()
    assert "administrator" in complaint
    superuser.execute("\n".join(statements))
    _ensure(owner)
