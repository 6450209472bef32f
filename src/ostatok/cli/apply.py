"""`ostatok apply`: make a description true."""

import sys
from functools import partial
from pathlib import Path
from typing import NoReturn

import click
from django.utils import timezone

from ostatok import pipeline
from ostatok.cli import _whoever, main
from ostatok.intake.description import applying
from ostatok.intake.description.problems import DescriptionError, written
from ostatok.intake.description.report import Report
from ostatok.kernel.errors import OstatokError


class NotUtf8Error(OstatokError):
    """The file is not UTF-8; save it so and try again."""


@click.command(cls=main.Command)
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Do it, tell what it would do, and take it back.")
@main.json_option
def command(path: Path, dry_run: bool) -> None:
    """Make a description true: organizations, services, people, clients, accounts, rules, templates.

    FILE is YAML, - for standard input. All of it is made true, or nothing; what it does not mention stays; to apply
    it twice changes nothing.
    """
    try:
        report = pipeline.until_it_wins(partial(_apply, _read(path), dry_run))
    except DescriptionError as error:
        _refuse(path, error)
    main.report(report.as_json(), list(report.as_text()))


def _apply(text: str, dry_run: bool, _tries: int) -> Report:
    return applying.apply(
        text,
        actor=_whoever.runs_this(),
        effects=pipeline.Effects(now=timezone.now()),
        origin="cli",
        dry_run=dry_run,
        progress=_tell,
    )


def _read(path: Path) -> str:
    content = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise NotUtf8Error(f"{path}, line {line}: {NotUtf8Error.__doc__}") from None


def _tell(section: str) -> None:
    """Say on a terminal what is being worked on: a large file takes a while."""
    if sys.stderr.isatty():
        click.echo(f"{section} …", err=True)


def _refuse(path: Path, error: DescriptionError) -> NoReturn:
    problems = [
        {"path": written(problem.path), "line": problem.line, "message": problem.message} for problem in error.problems
    ]
    main.report({"file": str(path), "problems": problems}, [])
    click.echo(f"{error}\n{path}: nothing was changed", err=True)
    sys.exit(1)
