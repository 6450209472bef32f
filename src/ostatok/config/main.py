"""Where `ostatok` begins: it joins the settings, the database and the commands."""

import os
import signal
import sys
from contextlib import ExitStack
from types import FrameType
from typing import NoReturn

import django
import psycopg
from django.conf import settings
from django.db import OperationalError, connections

from ostatok.cli import main as cli
from ostatok.config import database, embedded, environment, schema, secret_key
from ostatok.kernel.errors import OstatokError


def main() -> NoReturn:
    """Run the command named by the arguments, and exit with its status: 0 well done, 1 refused, 2 misused."""
    for signum in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(signum) is signal.SIG_DFL:  # not what nohup ignores
            signal.signal(signum, _leave)
    try:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ostatok.config.settings")
        django.setup()
        with ExitStack() as stack:
            cli.cli(prog_name="ostatok", obj=_composition(stack))
    except OstatokError as error:
        sys.exit(f"ostatok: {error}")
    except (OperationalError, psycopg.OperationalError) as error:
        sys.exit(f"ostatok: the database does not answer: {' '.join(str(error).split())}")
    sys.exit(0)


def _composition(stack: ExitStack) -> cli.Composition:
    def open_database() -> None:
        if _connect(stack):
            schema.require_current()
        else:
            schema.migrate()

    def migrate() -> list[str]:
        _connect(stack)
        return schema.migrate()

    return cli.Composition(open_database=open_database, migrate=migrate, environment=_handed_over)


def _handed_over() -> dict[str, str]:
    """What children of a command need to meet its database: the same as DATABASE_URL, where that is given.

    They are no users of an embedded server: it stops with the command, which must end them first.
    """
    given = environment.read("DATABASE_URL") or embedded.url(settings.OSTATOK_HOME)
    home = settings.OSTATOK_HOME.resolve()
    return {"DATABASE_URL": given, "OSTATOK_SECRET_KEY": settings.SECRET_KEY, "OSTATOK_HOME": str(home)}


def _connect(stack: ExitStack) -> bool:
    """Point Django at DATABASE_URL or the embedded server; return whether the former is given."""
    given = environment.read("OSTATOK_SECRET_KEY")
    if database.chosen():
        if not given:
            raise secret_key.NoSecretKey("OSTATOK_SECRET_KEY must be set, as DATABASE_URL is")
        return True
    settings.SECRET_KEY = given or secret_key.ensure(settings.OSTATOK_HOME)
    database.use(stack.enter_context(embedded.acquire(settings.OSTATOK_HOME)))
    stack.callback(connections.close_all)
    return False


def _leave(signum: int, _frame: FrameType | None) -> NoReturn:
    """End as on Ctrl-C, so that the last command out stops the embedded server."""
    sys.exit(128 + signum)
