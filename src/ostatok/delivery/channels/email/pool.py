"""Connections to one SMTP server, kept between messages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ostatok.delivery.channels.base import Outcome, Temporary
from ostatok.delivery.channels.email.session import Envelope, Failed, Session
from ostatok.delivery.channels.email.url import Server
from ostatok.delivery.reasons import TemporaryReason

IDLE_SECONDS = 30.0


class Pool:
    """At most `server.connections` sessions; the one used last is used next, so that the others may end."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._slots = asyncio.Semaphore(server.connections)
        self._idle: list[tuple[float, Session]] = []
        self._expiry: asyncio.TimerHandle | None = None

    async def deliver(self, envelope: Envelope) -> Outcome:
        """Hand over one message, over a kept connection or a new one."""
        async with self._slots:
            kept = self._kept_session()
            outcome = await self._over(kept, envelope) if kept else None
            # A server may end a kept connection at any time; that says nothing about the message.
            if outcome is None or _closing(outcome):
                outcome = await self._over_new_session(envelope)
            return outcome

    async def _over_new_session(self, envelope: Envelope) -> Outcome:
        session = Session(self._server)
        try:
            async with _aborted_on_error(session):
                await session.open()
        except Failed as failed:
            return failed.outcome
        return await self._over(session, envelope)

    async def _over(self, session: Session, envelope: Envelope) -> Outcome:
        async with _aborted_on_error(session):
            outcome = await session.deliver(envelope)
        if session.is_open:
            self._keep(session)
        return outcome

    def _kept_session(self) -> Session | None:
        while self._idle:
            _, session = self._idle.pop()
            if session.is_open:
                return session
        return None

    def _keep(self, session: Session) -> None:
        self._idle.append((asyncio.get_running_loop().time(), session))
        if self._expiry is None:
            self._expiry = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._expire)

    def _expire(self) -> None:
        oldest = asyncio.get_running_loop().time() - IDLE_SECONDS
        for since, session in self._idle:
            if since <= oldest:
                session.abort()
        self._idle = [(since, session) for since, session in self._idle if session.is_open]
        loop = asyncio.get_running_loop()
        self._expiry = loop.call_later(IDLE_SECONDS, self._expire) if self._idle else None

    async def close(self) -> None:
        """End all kept connections."""
        if self._expiry:
            self._expiry.cancel()
            self._expiry = None
        idle, self._idle = self._idle, []
        await asyncio.gather(*(session.quit() for _, session in idle))


def _closing(outcome: Outcome) -> bool:
    return isinstance(outcome, Temporary) and outcome.reason is TemporaryReason.CONNECTION_CLOSED


@asynccontextmanager
async def _aborted_on_error(session: Session) -> AsyncIterator[None]:
    """Whoever is cancelled in the middle of a conversation leaves a connection nobody else can use."""
    try:
        yield
    except BaseException:
        session.abort()
        raise
