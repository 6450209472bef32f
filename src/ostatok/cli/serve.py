"""`ostatok serve`: the pages and the API, and a worker beside them."""

import os
from typing import Final

import click
from django.conf import settings

from ostatok.cli import _serving
from ostatok.cli._serving import CannotServe, Site

#: Processes beyond which the connections of their threads would be too many for the embedded database.
MOST_PROCESSES: Final = 16
_USUAL_PROCESSES: Final = min(os.cpu_count() or 1, 4)


@click.command(cls=_serving.Command)
@_serving.host_option
@_serving.port_option
@click.option(
    "--processes",
    type=click.IntRange(1, MOST_PROCESSES),
    default=_USUAL_PROCESSES,
    show_default="one a processor core, 4 at most",
    help="How many processes answer requests.",
)
@click.option("--worker/--no-worker", default=True, show_default=True, help="Whether a worker sends beside them.")
def command(host: str, port: int, processes: int, worker: bool) -> None:
    """Serve the console, the cabinet and the API until stopped, with a worker beside.

    What ends by itself is started again. On SIGTERM or Ctrl-C everything is stopped within 30 seconds. Their log goes
    to the standard error as JSON, one event a line. TLS is for a proxy before it: see OSTATOK_HTTPS.
    """
    if settings.OSTATOK_DEMO:
        raise CannotServe("OSTATOK_DEMO is for `ostatok demo` alone: without a second factor nothing real is served")
    site = Site(host=host, port=port, processes=processes, with_worker=worker)
    _serving.serve(site, ready=lambda: click.echo(f"Ostatok answers at {site.address} (Ctrl-C stops it)"))
