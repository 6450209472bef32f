"""The process that sends: its identity, its loop, its scheduled jobs, and how it ends."""

import asyncio
import logging
import math
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from ostatok.delivery import outbox
from ostatok.delivery.channels.base import Channel
from ostatok.delivery.database import Database
from ostatok.delivery.drain import Drain
from ostatok.delivery.lease import Lease
from ostatok.delivery.message import Writer
from ostatok.delivery.settling import Policy
from ostatok.kernel import logs
from ostatok.notices import sandbox
from ostatok.notices.sandbox import Clock

ONCE_PATIENCE = 120.0
JOBS_PAUSE = 5.0
JOBS_STOP_WITHIN = 5.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a run of the worker did with deliveries, and how many wait for later."""

    sent: int
    retried: int
    dropped: int
    dead: int
    unknown: int
    taken_over: int
    waiting: int


async def run(
    *,
    once: bool,
    channels: Mapping[str, Channel],
    schedule: Sequence[timedelta],
    jobs: Callable[[], Coroutine[Any, Any, None]] | None = None,
    clock: Callable[[], datetime] | None = None,
    template_clock: Clock = sandbox.clock,
) -> Summary:
    """Be a worker until a signal comes, or `once` until nothing is due. Raises DatabaseLost, and
    psycopg.OperationalError where the database does not answer from the start.

    `jobs` runs what is scheduled until cancelled, beside the loop that sends: sending never depends on it.
    `template_clock` measures, in seconds, how long a template takes.
    """
    database, lease = Database(patience=ONCE_PATIENCE if once else math.inf), Lease()
    await lease.start()
    drain = Drain(
        lease=lease,
        database=database,
        channels=channels,
        policy=Policy(schedule=schedule, random=Random()),  # noqa: S311 (jitter, no secret)
        clock=clock or await database.clock(),
        writer=Writer(clock=template_clock),
    )
    lease.on_news = drain.news
    logs.event(_log, logging.INFO, "worker started", worker=lease.worker, once=once)
    try:
        with _stopping_on_signals(drain.stop):
            async with _beside(jobs):
                await drain.run(once=once)
        waiting = await database.run(outbox.waiting)
    finally:
        await lease.end()
        await database.close()
        for channel in channels.values():
            await channel.close()
    logs.event(_log, logging.INFO, "worker stopped", worker=lease.worker, **drain.counts)
    return _summary(drain.counts, waiting)


def _summary(counts: Mapping[str, int], waiting: int) -> Summary:
    names = ("sent", "retried", "dropped", "dead", "unknown", "taken_over")
    return Summary(**{name: counts[name] for name in names}, waiting=waiting)


@contextmanager
def _stopping_on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` on SIGTERM and SIGINT; afterwards they do again what they did before."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)


@asynccontextmanager
async def _beside(jobs: Callable[[], Coroutine[Any, Any, None]] | None) -> AsyncIterator[None]:
    """Keep `jobs` running meanwhile."""
    task = asyncio.create_task(_keep_running(jobs), name="jobs") if jobs else None
    try:
        yield
    finally:
        if task:
            task.cancel()
            await asyncio.wait([task], timeout=JOBS_STOP_WITHIN)


async def _keep_running(jobs: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run the jobs, and again when they break, as they do with the database."""
    while True:
        try:
            await jobs()
        except Exception:  # noqa: BLE001 (whatever it is, sending goes on)
            logs.failure(_log, logging.ERROR, "jobs failed")
        await asyncio.sleep(JOBS_PAUSE)
