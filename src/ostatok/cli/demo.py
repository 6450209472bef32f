"""`ostatok demo`: the main job on real purchases, with a mail server of its own; then the pages that show it."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
from django.conf import settings
from django.utils import timezone

import ostatok
from ostatok import pipeline
from ostatok.cli import (
    _demo_people,
    _demo_recent,
    _demo_totals,
    _importing,
    _organizations,
    _serving,
    _shop_files,
    import_,
    main,
)
from ostatok.cli._demo_people import SignIn
from ostatok.cli._serving import Site
from ostatok.cli._shop_files import ShopFiles
from ostatok.delivery import worker
from ostatok.delivery.channels.email import EmailChannel
from ostatok.delivery.channels.email import url as email_url
from ostatok.delivery.channels.email.sink import HOST, Sink
from ostatok.delivery.models import Delivery, DeliveryState
from ostatok.intake.description import applying
from ostatok.kernel.errors import OstatokError
from ostatok.parties.access import Doors, System
from ostatok.parties.models import Organization

EXAMPLES: Final = Path(ostatok.__file__).resolve().parents[2] / "examples"
#: What is described beside the customers of the shop, each under one root of this name.
_ROOTS: Final = ("energo", "shop", "voice", "svet", "siec")
#: Whose last three weeks are made up.
_RECENT: Final = ("energo", "voice", "voice-pl", "svet", "siec")
_PROCESSES: Final = 2


class DemoRefused(OstatokError):
    """The demo would not do here what it is for."""


@dataclass(slots=True)
class _Story:
    """What this run did; files of entries and mails are in `place`."""

    place: Path
    posted: int = 0
    there_already: int = 0
    sent: int = 0

    @property
    def mails(self) -> Path:
        return self.place / "mails"


@click.command(cls=_serving.Command)
@click.option(
    "--examples",
    type=click.Path(file_okay=False, path_type=Path),
    default=EXAMPLES,
    help="Where the example files are, if not beside the source.",
)
@click.option("--serve/--no-serve", default=True, show_default=True, help="Whether to serve the pages afterwards.")
@_serving.host_option
@_serving.port_option
@main.json_option
def command(examples: Path, serve: bool, host: str, port: int) -> None:
    """Load the examples, let the worker send what follows from them, say what happened, and serve the pages.

    A mail server on this machine takes the mails and keeps each as a file; none goes anywhere else. The pages are
    served, with a worker beside, until Ctrl-C; who may sign in is printed. To run it again does no harm: it finds
    everything there already.
    """
    _refuse_without(examples)
    _refuse_among_others()
    if serve:
        _refuse_without_second_factor()
    story = _Story(settings.OSTATOK_HOME / "demo")
    story.mails.mkdir(parents=True, exist_ok=True)
    shop_files = _shop_files.write(examples / "cdnow_sample.csv", story.place)
    for description in (*(examples / f"{root}.yaml" for root in _ROOTS), shop_files.customers):
        _apply(description)
    with _mail_server(story.mails) as server:
        for code, file in _files_of_entries(examples, story.place, shop_files):
            _import_and_send(story, _organizations.by_code(code), file, server)
        _tell(story, _demo_totals.count(list(_own_organizations())))
        if serve:
            _serve(host, port, server, _demo_people.settle(story.place))


def _files_of_entries(examples: Path, place: Path, shop: ShopFiles) -> Iterator[tuple[str, Path]]:
    """Whose entries there are, in the order of their days as far as one file follows another."""
    yield from (("energo", day) for day in sorted((examples / "energo").glob("*.csv")))
    yield from (("shop", month) for month in shop.months)
    for code in _RECENT:
        yield code, _demo_recent.write(code, place / f"recent-{code}.csv", now=timezone.now())


def _own_organizations() -> Doors[Organization]:
    everywhere = Organization.objects.visible_to(System())
    return everywhere.filter(path__overlap=list(everywhere.filter(code__in=_ROOTS).values_list("pk", flat=True)))


def _serve(host: str, port: int, server: str, sign_ins: Sequence[SignIn]) -> None:
    """Serve until told to stop. The pages know that this is a demo, and ask for no second factor."""
    hand_over = {"OSTATOK_DEMO": "1", "OSTATOK_EMAIL_URL": server}
    site = Site(host=host, port=port, processes=_PROCESSES, with_worker=True, environment=hand_over)

    def ready() -> None:
        for line in ("", *_demo_people.lines(sign_ins, site.address)):
            click.echo(line)

    _serving.serve(site, ready=ready)


def _refuse_without_second_factor() -> None:
    """Whoever signs in to the demo does so with a password alone, which is not for organizations of others."""
    if Organization.objects.visible_to(System()).exclude(pk__in=_own_organizations()).exists():
        raise DemoRefused(
            "there are other organizations in this database, and the pages of the demo ask for no second factor:"
            " give it a database of its own, OSTATOK_HOME=var/demo ostatok demo, or serve them without: --no-serve"
        )


def _refuse_without(examples: Path) -> None:
    if not (examples / "cdnow_sample.csv").exists():
        raise DemoRefused(f"there are no examples in {examples}: name their directory with --examples")


def _refuse_among_others() -> None:
    """A worker sends whatever waits, and nobody else's mails may end in the files of the demo."""
    unsent = Delivery.objects.visible_to(System()).filter(state__in=(DeliveryState.WAITING, DeliveryState.SENDING))
    if unsent.exclude(organization__in=_own_organizations()).exists():
        raise DemoRefused(
            "mails of other organizations wait in this database, and the demo would send them to its own mail server:"
            " give it a database of its own, OSTATOK_HOME=var/demo ostatok demo"
        )


def _apply(description: Path) -> None:
    click.echo(f"ostatok apply {description.name}", err=True)
    applying.apply(
        description.read_text(encoding="utf-8"),
        actor=System(),
        effects=pipeline.Effects(now=timezone.now()),
        origin="demo",
    )


@contextmanager
def _mail_server(directory: Path) -> Iterator[str]:
    """A server that keeps mails in the directory, for as long as the context lasts; gives its URL."""
    sink = Sink(directory)
    sink.up()
    try:
        yield f"smtp://{HOST}:{sink.port}"
    finally:
        sink.close()


def _import_and_send(story: _Story, organization: Organization, file: Path, server: str) -> None:
    summary, stop = import_.import_entries(_importing.Source(path=file, quiet=True), organization)
    if not summary.complete:
        sys.exit(stop.exit_status)
    sent = _send(server)
    story.posted += summary.posted
    story.there_already += summary.duplicates
    story.sent += sent
    click.echo(
        f"ostatok import entries {file.name} --organization {organization.code}: {summary.posted:,} posted,"
        f" {summary.duplicates:,} there already, {main.counted(summary.notices, 'notice', 'notices')};"
        f" {main.counted(sent, 'mail', 'mails')}",
        err=True,
    )


def _send(server: str) -> int:
    """What `ostatok worker --once` does; returns how many mails were sent."""
    channels = {"email": EmailChannel(email_url.parse(server))}
    return asyncio.run(worker.run(once=True, channels=channels, schedule=settings.OSTATOK_RETRY_SCHEDULE)).sent


def _tell(story: _Story, totals: _demo_totals.Totals) -> None:
    result = {
        "posted": story.posted,
        "there_already": story.there_already,
        "sent": story.sent,
        "totals": totals.as_json(),
        "mails": str(story.mails),
    }
    main.report(result, list(_lines(story, totals)))


def _lines(story: _Story, totals: _demo_totals.Totals) -> Iterator[str]:
    yield ""
    if story.posted:
        yield f"This run posted {story.posted:,} entries and sent {story.sent:,} mails. There are now"
    else:
        yield f"All {story.there_already:,} entries were there already, nothing was posted twice. There are"
    yield from (f"  {line}" for line in totals.as_text())
    yield f"The mails are in {story.mails}, one file each: any mail program opens them."
    yield "Go on with"
    yield "  .venv/bin/ostatok why 770001                 what was sent about an account, what not, and why"
    yield "  .venv/bin/ostatok import entries examples/energo/2025-03-06.csv --organization energo"
    yield "  .venv/bin/ostatok check                      prove all balances from their entries"
