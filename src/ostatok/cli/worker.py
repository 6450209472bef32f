"""`ostatok worker`: send what the outbox holds."""

import asyncio
import dataclasses
import logging
from functools import partial
from typing import Final

import click
from django.conf import settings
from django.utils import timezone

from ostatok import pipeline
from ostatok.cli import main
from ostatok.delivery import jobs, worker
from ostatok.delivery.channels import registry
from ostatok.intake import jobs as intake_jobs
from ostatok.intake.uploads import Posting
from ostatok.kernel import logs
from ostatok.web import jobs as web_jobs
from ostatok.web import switching

#: How a file that was handed over is posted.
POSTING: Final = Posting(
    entries=lambda organization, new: pipeline.post(organization_id=organization, new=new, now=timezone.now()),
    balances=lambda organization, stated: pipeline.post_balances(
        organization_id=organization, stated=stated, now=timezone.now()
    ),
    finish=lambda at: pipeline.refresh_outlook(now=at),
)


@click.command(cls=main.Command)
@click.option("--once", is_flag=True, help="Deliver all that is due, and exit.")
@main.json_option
def command(once: bool) -> None:
    """Send what the outbox holds, and look at time-driven rules each minute, until stopped.

    Any number of workers may run, on any number of hosts. On SIGTERM or Ctrl-C what is under way is finished within
    30 seconds. Its log goes to the standard error as JSON, one event a line.
    """
    logs.to_stream()
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    scheduled = partial(
        jobs.blueprint,
        tick=lambda at: pipeline.tick(at=at),
        refresh=lambda at: pipeline.refresh_outlook(now=at),
    )
    imports = partial(intake_jobs.blueprint, POSTING, clock=timezone.now)
    switchings = partial(switching.blueprint, clock=timezone.now)
    summary = asyncio.run(
        worker.run(
            once=once,
            channels=registry.configured(),
            schedule=settings.OSTATOK_RETRY_SCHEDULE,
            jobs=None if once else jobs.runner(scheduled, imports, switchings, web_jobs.blueprint),
        )
    )
    counts = dataclasses.asdict(summary)
    main.report(counts, [", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())])
