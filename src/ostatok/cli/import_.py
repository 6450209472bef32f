"""`ostatok import`: entries or balances out of a CSV file."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import click
from django.utils import timezone

from ostatok import pipeline
from ostatok.cli import _importing, _organizations, _whoever, main
from ostatok.cli._importing import Source
from ostatok.cli._signals import Stop
from ostatok.intake import importing
from ostatok.intake.balance_file import BalanceReader
from ostatok.intake.entry_file import EntryReader
from ostatok.intake.importing import Summary
from ostatok.ledger.entries import NewEntry
from ostatok.ledger.snapshots import StatedBalance
from ostatok.parties.models import Organization
from ostatok.web import entries as web_entries

#: Exit status when the file was read to its end and some rows were refused.
SOME_REFUSED: Final = 3
#: Where what is posted comes from, as the audit says.
_ORIGIN: Final = "cli"

_ARGUMENTS: Final = (
    click.argument(
        "path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
    ),
    click.option("--organization", "code", metavar="CODE", required=True, help="Whose accounts the rows name."),
    click.option("--encoding", default="utf-8", show_default=True, help="Encoding of the file, such as cp1251."),
    click.option(
        "--refused",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write refused rows to this file; corrected, it can be imported as it is.",
    ),
    click.option(
        "--batch",
        type=click.IntRange(1, importing.BATCH),
        default=importing.BATCH,
        show_default=True,
        help="Rows posted in one transaction; fewer let others in sooner.",
    ),
    main.json_option,
)


def _arguments(command: Callable[..., Any]) -> Callable[..., Any]:
    for argument in reversed(_ARGUMENTS):
        command = argument(command)
    return command


@click.group(cls=main.Group)
def command() -> None:
    """Read entries or balances from a CSV file.

    A row that is bad is reported with its line and reason and does not stop the good ones; the exit status is 3 then.
    To import a file twice does no harm.
    """


@command.command("entries")
@_arguments
def entries(code: str, **options: Any) -> None:
    """Post charges, top-ups and other entries.

    The first line of FILE names its columns, in any order: account, service, kind, amount, occurred_at, ref, and
    if need be memo, reverses, unit. Times without a zone are in the organization's.
    """
    source = Source(**options)
    _finish(source, *import_entries(source, _organizations.by_code(code)))


@command.command("balances")
@_arguments
def balances(code: str, **options: Any) -> None:
    """Take over balances from another billing: what differs becomes an entry.

    The first line of FILE names its columns, in any order: account, service, balance, as_of, and if need be
    credit_limit, last_top_up, last_top_up_at. Times without a zone are in the organization's.
    """
    source = Source(**options)
    _finish(source, *import_balances(source, _organizations.by_code(code)))


def import_entries(source: Source, organization: Organization) -> tuple[Summary, Stop]:
    """Post the entries of a file, each batch with its record in the audit."""
    last, actor = pipeline.Outcome(), _whoever.runs_this()

    def post(new: Sequence[NewEntry]) -> pipeline.Outcome:
        nonlocal last
        # A file that was imported before goes on as it began.
        last = web_entries.post(actor, organization, new, origin=_ORIGIN, expect_duplicates=last.duplicates > 0)
        return last

    return _with_outlook(_importing.run(source, EntryReader(ZoneInfo(organization.timezone)), post))


def import_balances(source: Source, organization: Organization) -> tuple[Summary, Stop]:
    """Bring balances to what a file states, each batch with its record in the audit."""
    actor = _whoever.runs_this()

    def post(stated: Sequence[StatedBalance]) -> pipeline.Outcome:
        return web_entries.post_balances(actor, organization, stated, origin=_ORIGIN)

    return _with_outlook(_importing.run(source, BalanceReader(ZoneInfo(organization.timezone)), post))


def _with_outlook(done: tuple[Summary, Stop]) -> tuple[Summary, Stop]:
    """What was posted shows in lists and counts as soon as the command ends."""
    summary, _ = done
    if summary.posted:
        pipeline.refresh_outlook(now=timezone.now())
    return done


def _finish(source: Source, summary: Summary, stop: Stop) -> None:
    main.report(_result(source, summary), _lines(source, summary))
    if not summary.complete:
        sys.exit(stop.exit_status)
    if summary.refused:
        sys.exit(SOME_REFUSED)


def _result(source: Source, summary: Summary) -> dict[str, Any]:
    return {
        "file": str(source.path),
        "posted": summary.posted,
        "duplicates": summary.duplicates,
        "refused": summary.refused,
        "refusals": [
            {"line": refusal.position, "ref": refusal.ref, "reason": refusal.reason, "message": refusal.message}
            for refusal in summary.refusals
        ],
        "notices": summary.notices,
        "deliveries": summary.deliveries,
        "last_line": summary.last_line,
        "complete": summary.complete,
    }


def _lines(source: Source, summary: Summary) -> list[str]:
    lines = [f"line {refusal.position}: {refusal.message}" for refusal in summary.refusals]
    if summary.refused > len(summary.refusals):
        where = f"all of them are in {source.refused}" if source.refused else "--refused FILE keeps all of them"
        lines.append(f"… and {summary.refused - len(summary.refusals):,} more: {where}")
    lines.append(
        f"{source.path.name}: {summary.posted:,} posted, {summary.duplicates:,} there already,"
        f" {summary.refused:,} refused; {main.told(summary.notices, summary.deliveries)}"
    )
    if not summary.complete:
        lines.append(f"stopped after line {summary.last_line:,}: the same command again posts the rest")
    return lines
