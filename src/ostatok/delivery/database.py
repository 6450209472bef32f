"""A worker's connection to the database, which may break at any time.

Not Django's: a worker waits for many servers at once, and its transactions must be safe to repeat.
"""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import AsyncConnection

from ostatok.kernel import logs
from ostatok.kernel.errors import OstatokError

_Result = TypeVar("_Result")
_PAUSES = (0.05, 0.2, 0.5, 1.0)
# A host that vanished is noticed within half a minute, on either side.
_KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "connect_timeout": 10}
_SERVER_KEEPALIVE = "set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3"

# A primary that became a standby still answers, but takes no writes: what was promoted is found by connecting anew.
LOST = (psycopg.OperationalError, psycopg.errors.ReadOnlySqlTransaction)

_log = logging.getLogger(__name__)


async def connect(application_name: str) -> AsyncConnection:
    """A connection of its own to Django's database, in autocommit. Raises psycopg.OperationalError."""
    parameters: dict[str, Any] = connections[DEFAULT_DB_ALIAS].get_connection_params()
    for djangos_own in ("cursor_factory", "context"):
        parameters.pop(djangos_own, None)
    parameters = _KEEPALIVE | parameters | {"application_name": application_name}
    connection = await AsyncConnection.connect(**parameters, autocommit=True)
    await connection.execute(_SERVER_KEEPALIVE)
    return connection


class DatabaseLost(OstatokError):
    """The database does not answer; what was sent and could not be recorded will be sent again under the same id."""


class Database:
    """One connection, for one task at a time, made anew when it breaks, for at most `patience` seconds on end.

    `connected` counts how often it was made: whoever remembers an older number may have lost an answer.
    """

    def __init__(self, *, patience: float = math.inf) -> None:
        self._patience = patience
        self.connected = 0
        self.give_up = asyncio.Event()
        self._connection: AsyncConnection | None = None

    async def run(self, work: Callable[[AsyncConnection], Awaitable[_Result]]) -> _Result:
        """Do the work in one transaction; again after a deadlock or on a new connection, until `give_up` is set.

        A server that has become a standby counts as a broken connection.

        So the work must be such that doing it twice does no harm: the first time may have been committed.
        Raises DatabaseLost.
        """
        failures, since = 0, asyncio.get_running_loop().time()
        while True:
            try:
                connection = await self._connect()
                async with connection.transaction():
                    return await work(connection)
            except LOST as error:
                if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
                    await self.close()
                logs.failure(_log, logging.WARNING, "database failed", failures=failures)
            if self.give_up.is_set() or asyncio.get_running_loop().time() - since > self._patience:
                raise DatabaseLost(DatabaseLost.__doc__)
            await asyncio.sleep(_PAUSES[min(failures, len(_PAUSES) - 1)])
            failures += 1

    async def _connect(self) -> AsyncConnection:
        if self._connection is None or self._connection.closed or self._connection.broken:
            self._connection = await connect("ostatok worker")
            self.connected += 1
        return self._connection

    async def clock(self) -> Callable[[], datetime]:
        """A clock that shows the server's time, which what is due was written by; hosts may differ."""
        connection = await self._connect()
        row = await (await connection.execute("select clock_timestamp()")).fetchone()
        ahead = row[0] - datetime.now(UTC) if row else timedelta(0)
        return lambda: datetime.now(UTC) + ahead

    async def close(self) -> None:
        """Disconnect."""
        if self._connection:
            await self._connection.close()
