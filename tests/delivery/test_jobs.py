"""What is scheduled runs once in the whole fleet, and sending never depends on it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connections
from procrastinate.contrib.django.models import ProcrastinateJob

from ostatok.delivery import jobs, lease, worker
from ostatok.delivery.channels.base import Channel
from ostatok.delivery.channels.email import EmailChannel
from ostatok.delivery.channels.email import url as email_url
from ostatok.delivery.models import Worker
from tests.delivery.conftest import AT_ONCE, Post
from tests.delivery.processes import until
from tests.delivery.world import World

Jobs = Callable[[], Coroutine[Any, Any, None]]


async def run_until(running: list[Jobs], done: Callable[[], bool]) -> None:
    tasks = [asyncio.create_task(one()) for one in running]
    await asyncio.to_thread(until, done)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def test_a_worker_that_starts_ticks_for_the_current_minute_once_in_the_whole_fleet(transactional_db: None) -> None:
    ticks: list[datetime] = []
    refreshes: list[datetime] = []
    work = partial(jobs.blueprint, tick=ticks.append, refresh=refreshes.append)
    fleet = [jobs.runner(work) for _ in range(2)]

    asyncio.run(run_until(fleet, lambda: len(ticks) > 0))

    assert len(ticks) == len(set(ticks))
    assert all(datetime.now(UTC) - tick < timedelta(minutes=2) and tick.second == 0 for tick in ticks)
    assert not ProcrastinateJob.objects.filter(task_name="ostatok:tick", status="failed").exists()


def test_workers_that_died_are_signed_off_and_those_long_gone_forgotten(transactional_db: None) -> None:
    Worker.objects.create(host="old", pid=1, stopped_at=datetime.now(UTC) - timedelta(days=31))
    killed = Worker.objects.create(host="killed", pid=2)

    async def beside_a_living_one() -> None:
        living = lease.Lease()
        await living.start()
        assert await asyncio.to_thread(forget_and_list) == [living.worker]
        await living.end()

    def forget_and_list() -> list[int]:
        jobs.forget_workers()
        running = list(Worker.objects.filter(stopped_at=None).values_list("pk", flat=True))
        connections.close_all()
        return running

    asyncio.run(beside_a_living_one())

    killed.refresh_from_db()
    assert killed.stopped_at is not None
    assert not Worker.objects.filter(host="old").exists()


@pytest.mark.parametrize("ending", ["raises", "hangs"])
def test_mails_go_out_whatever_becomes_of_the_jobs(
    world: World, post: Post, ending: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> None:
        if ending == "hangs":
            await asyncio.Event().wait()
        raise RuntimeError("a job at fault, with a secret in its text")

    async def run() -> worker.Summary:
        channels: dict[str, Channel] = {"email": EmailChannel(email_url.parse(post.url))}
        return await worker.run(once=True, channels=channels, schedule=AT_ONCE, jobs=broken)

    world.waiting(3)
    with caplog.at_level(logging.INFO):
        assert asyncio.run(run()).sent == 3
    assert ("jobs failed" in caplog.messages) is (ending == "raises")
