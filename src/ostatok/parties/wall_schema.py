"""What the wall is made of, as operations of migrations: its roles, its functions, and the policies of each table.

A table that belongs to organizations is created together with `protect(...)`: until then the roles behind the wall see
all of it, and a test says so.
"""

from collections.abc import Callable
from importlib import resources
from typing import Final

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.utils import CursorWrapper
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from psycopg import sql

from ostatok.kernel.errors import OstatokError


class RolesMissing(OstatokError):
    """The database lacks the roles that stand behind the wall, and who migrates may not make them."""


#: Conditions for `protect(customer=...)`: `client_id = {OF_CLIENTS}`. Each is read once for a query.
OF_CLIENTS: Final = "ANY ((SELECT wall_clients())::bigint[])"
REACHED: Final = "ANY ((SELECT wall_reached())::bigint[])"
ABOVE: Final = "ANY ((SELECT wall_above())::bigint[])"

_POLICIES: Final = ("wall_staff_sees", "wall_staff_adds", "wall_staff_changes", "wall_staff_removes", "wall_customer")

# Another database of the same server may be making the same roles at this moment.
_MAKE_ROLES: Final = """
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY {roles} LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
        END;
        BEGIN
            IF NOT pg_has_role(session_user, wanted, 'SET') THEN
                EXECUTE format('GRANT %I TO %I WITH INHERIT FALSE, SET TRUE', wanted, session_user);
            END IF;
        EXCEPTION WHEN unique_violation OR internal_error OR undefined_object OR insufficient_privilege THEN NULL;
        END;
    END LOOP;
END $$
"""

_MISSING: Final = """
SELECT FROM unnest(%s::text[]) AS wanted
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted AND pg_has_role(session_user, oid, 'SET'))
"""

# Tables that belong to nobody (sessions, the cache, jobs) are not behind the wall, later ones neither.
_GRANT: Final = """
GRANT USAGE ON SCHEMA {schema} TO {staff}, {customer};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {staff}, {customer};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {staff}, {customer};
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {staff}, {customer};
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {staff}, {customer};
"""
_REVOKE: Final = """
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} REVOKE ALL ON TABLES FROM {staff}, {customer};
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} REVOKE ALL ON SEQUENCES FROM {staff}, {customer};
REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {staff}, {customer};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM {staff}, {customer};
REVOKE ALL ON SCHEMA {schema} FROM {staff}, {customer};
"""

_DROP_FUNCTIONS: Final = """
DROP FUNCTION wall_served_by(), wall_above(), wall_reached(), wall_user(), wall_clients(), wall_roots(),
    wall_is_raised(), wall_role(text)
"""


class Step(Operation):
    """Work on the database there and back, that asks for no models.

    `RunPython` would render all of them anew, each time: half of what migrating an empty database took.
    """

    reversible = True
    elidable = False

    def __init__(self, there: Callable[[CursorWrapper], None], back: Callable[[CursorWrapper], None]) -> None:
        self.there, self.back = there, back

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Models stay as they are."""

    def database_forwards(self, _app: str, editor: BaseDatabaseSchemaEditor, *_states: ProjectState) -> None:
        """Do the work."""
        with editor.connection.cursor() as cursor:
            self.there(cursor)

    def database_backwards(self, _app: str, editor: BaseDatabaseSchemaEditor, *_states: ProjectState) -> None:
        """Take it back."""
        with editor.connection.cursor() as cursor:
            self.back(cursor)

    def describe(self) -> str:
        """What `sqlmigrate` and the like call it."""
        return "Work on the wall"


def make_roles() -> Step:
    """The roles, unless an administrator has made them. Raises RolesMissing, which says what to tell PostgreSQL."""
    return Step(ensure_roles, _keep_roles)


def ensure_roles(cursor: CursorWrapper) -> None:
    """Make the roles of whoever is signed in, and make it a member, as far as it may. Raises RolesMissing."""
    _execute(cursor, _MAKE_ROLES)
    staff, customer, _ = _names(cursor)
    cursor.execute(_MISSING, [[staff, customer]])
    if cursor.fetchall():
        raise RolesMissing(_advice(staff, customer, staff.removesuffix("_face")))


def make_functions() -> Step:
    """What the policies ask (wall.sql), and what the roles may do with tables of this schema, those to come too."""
    text = resources.files(__package__).joinpath("wall.sql").read_text(encoding="utf-8")
    return statements(text + _GRANT, _REVOKE + _DROP_FUNCTIONS)


def protect(table: str, *, via: str = "organization_id", above: bool = False, customer: str = "") -> Step:
    """Put a table behind the wall.

    `via` is its column with the organization's id, or `parent.organization_id` where its column `parent_id` leads to
    a table that has one. `above` lets members also see, not change, rows of the organizations above theirs.
    `customer` is the condition under which a customer sees a row; without it none does, and no customer changes any.
    """
    sees = _leads(table, via, ABOVE if above else REACHED)
    return protect_by(table, sees=sees, changes=_leads(table, via, REACHED), customer=customer)


def protect_by(table: str, *, sees: str, changes: str, customer: str = "") -> Step:
    """Put a table behind the wall by conditions of its own: when a member sees a row, and when it may change one."""
    there = f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        REVOKE INSERT, UPDATE, DELETE ON {table} FROM {{customer}};
        CREATE POLICY wall_staff_sees ON {table} FOR SELECT TO {{staff}} USING ({sees});
        CREATE POLICY wall_staff_adds ON {table} FOR INSERT TO {{staff}} WITH CHECK ({changes});
        CREATE POLICY wall_staff_changes ON {table} FOR UPDATE TO {{staff}} USING ({changes}) WITH CHECK ({changes});
        CREATE POLICY wall_staff_removes ON {table} FOR DELETE TO {{staff}} USING ({changes});
        CREATE POLICY wall_customer ON {table} FOR SELECT TO {{customer}} USING ({customer or "false"});
    """
    back = f"""
        {" ".join(f"DROP POLICY {policy} ON {table};" for policy in _POLICIES)}
        GRANT INSERT, UPDATE, DELETE ON {table} TO {{customer}};
        ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
    """
    return statements(there, back)


def withhold(*tables: str) -> Step:
    """Tables of the installation that only help the work: members and programs read them, customers not even that."""
    listed = ", ".join(tables)
    return statements(
        f"REVOKE INSERT, UPDATE, DELETE ON {listed} FROM {{staff}}; REVOKE ALL ON {listed} FROM {{customer}}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {listed} TO {{staff}}, {{customer}}",
    )


def _leads(table: str, via: str, reach: str) -> str:
    parent, _, column = via.rpartition(".")
    if not parent:
        return f"{column} = {reach}"
    return f"EXISTS (SELECT FROM {parent} WHERE {parent}.id = {table}.{parent}_id AND {parent}.{column} = {reach})"


def statements(there: str, back: str) -> Step:
    """SQL in which `{staff}` and `{customer}` name the roles; other braces are doubled."""
    return Step(lambda cursor: _execute(cursor, there), lambda cursor: _execute(cursor, back))


def _execute(cursor: CursorWrapper, text: str) -> None:
    staff, customer, schema = _names(cursor)
    names = {
        "staff": sql.Identifier(staff),
        "customer": sql.Identifier(customer),
        "schema": sql.Identifier(schema),
        "staff_literal": sql.Literal(staff),
        "customer_literal": sql.Literal(customer),
        "roles": sql.SQL("ARRAY[{}, {}]").format(sql.Literal(staff), sql.Literal(customer)),
    }
    cursor.execute(sql.SQL(text).format(**names))


def _names(cursor: CursorWrapper) -> tuple[str, str, str]:
    cursor.execute("SELECT session_user::text, current_schema()::text")
    owner, schema = cursor.fetchone()
    return f"{owner[:50]}_face", f"{owner[:50]}_customer", schema


def _advice(staff: str, customer: str, owner: str) -> str:
    roles = [f'"{staff}"', f'"{customer}"']
    lines = [f"CREATE ROLE {role} NOLOGIN;" for role in roles]
    grant = f'GRANT {", ".join(roles)} TO "{owner}" WITH INHERIT FALSE, SET TRUE;'
    return "\n".join([f"{RolesMissing.__doc__} Let an administrator of the server run:", *lines, grant])


def _keep_roles(_cursor: CursorWrapper) -> None:
    """Roles stay: another database of the server may use them."""
