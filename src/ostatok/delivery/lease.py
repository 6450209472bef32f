"""Who a worker is, and how others see that it lives: a row, and the advisory lock of its id.

The lock is held by a connection of its own, which also listens for news of the outbox. It ends with the process,
however that ends. If only the connection ends, it is made again and locks again; meanwhile nothing is claimed.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import psycopg
from psycopg import AsyncConnection

from ostatok.delivery import database, enqueue
from ostatok.kernel import logs

# The advisory locks of workers, apart from all others of the database: the letters of "work".
SPACE = int.from_bytes(b"work", "big")

_REGISTER = "insert into worker (host, pid, started_at) values (%s, %s, now()) returning id"
_LOCK = "select pg_advisory_lock(%s, %s)"
_RETURN = "update worker set stopped_at = null where id = %s and stopped_at is not null"
_SIGN_OFF = "update worker set stopped_at = now() where id = %s"
_PAUSE = 0.2

_log = logging.getLogger(__name__)


class Lease:
    """Who we are. `held` is set while the lock proves it; `on_news` is called when there may be work."""

    def __init__(self) -> None:
        self.worker = 0
        self.held = asyncio.Event()
        self.on_news: Callable[[], None] = _ignore
        self._back_since: float | None = None
        self._connection: AsyncConnection | None = None
        self._keeper: asyncio.Task[None] | None = None

    def is_just_back(self, within: timedelta) -> bool:
        """Whether the lock was lost and taken again within that time: others may still be on their way back."""
        if self._back_since is None:
            return False
        return asyncio.get_running_loop().time() - self._back_since < within.total_seconds()

    async def start(self) -> None:
        """Become a worker."""
        self._connection = await database.connect("ostatok worker lease")
        row = await (await self._connection.execute(_REGISTER, [socket.gethostname()[:250], os.getpid()])).fetchone()
        self.worker = row[0] if row else 0
        await self._take_up(self._connection)
        self._keeper = asyncio.create_task(self._keep(), name="lease")

    async def _take_up(self, connection: AsyncConnection) -> None:
        await connection.execute(_LOCK, [SPACE, self.worker])
        await connection.execute(_RETURN, [self.worker])
        await connection.execute(f"listen {enqueue.WAKE_CHANNEL}")
        self.held.set()
        self.on_news()

    async def _keep(self) -> None:
        while True:
            try:
                if self._connection is None:
                    self._connection = await database.connect("ostatok worker lease")
                    await self._take_up(self._connection)
                    self._back_since = asyncio.get_running_loop().time()
                async for _ in self._connection.notifies():
                    self.on_news()
            except (*database.LOST, psycopg.InterfaceError):
                logs.failure(_log, logging.WARNING, "lease lost", worker=self.worker)
            await self._lose()
            await asyncio.sleep(_PAUSE)

    async def _lose(self) -> None:
        self.held.clear()
        if self._connection:
            with suppress(psycopg.Error):
                await self._connection.close()
            self._connection = None

    async def end(self) -> None:
        """Sign off; leases still held are free for others."""
        if self._keeper:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        if self._connection:
            with suppress(psycopg.Error):
                await self._connection.execute(_SIGN_OFF, [self.worker])
            await self._lose()


def _ignore() -> None:
    """Nobody waits for news yet."""
