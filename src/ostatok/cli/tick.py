"""`ostatok tick`: look at the rules that time drives."""

from datetime import datetime

import click
from django.utils import timezone

from ostatok import pipeline
from ostatok.cli import main


def _moment(_ctx: click.Context, _parameter: click.Parameter, written: str | None) -> datetime | None:
    if written is None:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise click.BadParameter(f"{written!r} is no moment: write 2026-11-22T09:00+06:00") from None
    if moment.tzinfo is None:
        raise click.BadParameter("say the zone too: 2026-11-22T09:00+06:00, or …Z for UTC")
    return moment


@click.command(cls=main.Command)
@click.option("--at", metavar="MOMENT", callback=_moment, help="As of when, such as 2026-11-22T09:00+06:00; else now.")
@main.json_option
def command(at: datetime | None) -> None:
    """Look at all rules that time drives: what is due by now, or by --at, is raised.

    Only the rules take that moment for the present: deliveries are sent, and sent again, in real time.
    """
    now = timezone.now()
    moment = at or now
    pipeline.refresh_outlook(now=now)
    outcome = pipeline.tick(at=moment, now=now)
    result = {"at": moment.isoformat(), "notices": outcome.notices, "deliveries": outcome.deliveries}
    main.report(result, [main.told(outcome.notices, outcome.deliveries)])
