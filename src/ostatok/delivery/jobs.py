"""What is done on schedule, by Procrastinate, in the worker's process: once in the whole fleet, whoever comes first."""

from collections.abc import Callable, Coroutine, Iterable
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from procrastinate import App, Blueprint, JobContext, PsycopgConnector
from procrastinate.contrib.django.db_cleanup import DjangoApp
from procrastinate.contrib.django.utils import connector_params

from ostatok.delivery import lease

EVERY_MINUTE = "* * * * *"
EVERY_FIVE_MINUTES = "*/5 * * * *"
HOURLY = "17 * * * *"
KEEP_JOBS_HOURS = 24
STOP_WITHIN = 3.0
# Room for what comes each minute beside files that take long.
CONCURRENCY = 4

_FORGET_WORKERS = """
delete from worker w
where w.stopped_at < now() - interval '30 days'
    and not exists (select from delivery d where d.state = 'sending' and d.worker_id = w.id)
"""
# A worker that was killed could not sign off; its lock is free.
_SIGN_OFF_THE_DEAD = """
with dead as materialized (
    select id from worker where stopped_at is null and pg_try_advisory_xact_lock(%s, id::integer)
)
update worker w set stopped_at = now() from dead where w.id = dead.id
"""


def blueprint(*, tick: Callable[[datetime], object], refresh: Callable[[datetime], object]) -> Blueprint:
    """The jobs of this product; `tick` looks at time-driven rules as of the minute it is given, `refresh` brings what
    lists and counts read to what is so at the moment it is given.
    """
    jobs = Blueprint()

    @jobs.periodic(cron=EVERY_MINUTE)
    @jobs.task(name="tick", queueing_lock="tick")
    def run_tick(timestamp: int) -> None:
        tick(datetime.fromtimestamp(timestamp, UTC))

    @jobs.periodic(cron=EVERY_FIVE_MINUTES)
    @jobs.task(name="outlook", queueing_lock="outlook")
    def run_outlook(timestamp: int) -> None:  # noqa: ARG001 (periodic jobs get it)
        refresh(datetime.now(UTC))

    @jobs.periodic(cron=HOURLY)
    @jobs.task(name="housekeeping", queueing_lock="housekeeping", pass_context=True)
    async def run_housekeeping(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 (periodic jobs get it)
        await context.app.job_manager.delete_old_jobs(nb_hours=KEEP_JOBS_HOURS, include_failed=True)

    @jobs.periodic(cron=HOURLY)
    @jobs.task(name="forget_workers", queueing_lock="forget_workers")
    def run_forget_workers(timestamp: int) -> None:  # noqa: ARG001
        try:
            forget_workers()
        finally:
            connection.close()  # within the hour nothing else may need it, and the thread may end before

    @jobs.periodic(cron=EVERY_FIVE_MINUTES)
    @jobs.task(name="retry_stalled", queueing_lock="retry_stalled", pass_context=True)
    async def run_retry_stalled(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
        for job in await context.app.job_manager.get_stalled_jobs():
            await context.app.job_manager.retry_job(job)

    return jobs


def forget_workers() -> None:
    """Sign off workers that died and delete the rows of those that stopped long ago."""
    with connection.cursor() as cursor:
        cursor.execute(_SIGN_OFF_THE_DEAD, [lease.SPACE])
        cursor.execute(_FORGET_WORKERS)


def runner(*jobs: Callable[[], Blueprint]) -> Callable[[], Coroutine[Any, Any, None]]:
    """What runs the jobs until cancelled: those of here, and of other rooms of the house.

    Each run makes them anew, since Procrastinate renames the jobs that an app takes over.
    """

    async def run() -> None:
        app = _app(jobs)
        async with app.open_async():
            await app.run_worker_async(
                name="ostatok",
                concurrency=CONCURRENCY,
                install_signal_handlers=False,
                shutdown_graceful_timeout=STOP_WITHIN,
            )

    return run


def _app(jobs: Iterable[Callable[[], Blueprint]]) -> App:
    parameters: dict[str, Any] = connector_params()
    # A job that ended while the database is gone waits this long to say so, also when the worker is told to stop.
    connector = PsycopgConnector(kwargs=parameters, min_size=1, max_size=CONCURRENCY + 2, timeout=STOP_WITHIN)
    app = DjangoApp(connector=connector)
    for make in jobs:
        app.add_tasks_from(make(), namespace="ostatok")
    return app
