"""Importing a file as commands do it: progress on the terminal, refused rows in a file, an orderly end on a signal."""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

import click

from ostatok.cli import _signals
from ostatok.intake import importing
from ostatok.intake.importing import Posted, Reader, Summary
from ostatok.intake.lines import EncodingError, Lines
from ostatok.intake.refused_rows import RefusedRows
from ostatok.intake.table import HeaderError, Row, Table
from ostatok.ledger.entries import Refusal

T = TypeVar("T")

_STOPPING = "stopping after this batch; once more to stop at once"


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The file to be imported ("-": standard input), how, and where its refused rows go; `quiet` shows no progress."""

    path: Path
    encoding: str = "utf-8"
    refused: Path | None = None
    batch: int = importing.BATCH
    quiet: bool = False


@dataclass(slots=True)
class _Follower:
    """Follows an import for whoever started it."""

    bar: Any
    stop: _signals.Stop
    rows: RefusedRows | None
    summary: Summary
    bytes_read: int = 0

    def refused(self, row: Row | None, refusal: Refusal) -> None:
        if self.rows:
            self.rows.write(row, refusal)

    def advanced(self, summary: Summary, bytes_read: int) -> None:
        self.summary = summary
        self.bar.update(bytes_read - self.bytes_read)
        self.bytes_read = bytes_read

    def stopping(self) -> bool:
        return self.stop.signum != 0


def run(source: Source, reader: Reader[T], post: Callable[[Sequence[T]], Posted]) -> tuple[Summary, _signals.Stop]:
    """Import a file. A file that cannot be read at all is a usage error (exit status 2); nothing of it is posted."""
    with ExitStack() as stack:
        stream = stack.enter_context(click.open_file(str(source.path), "rb"))
        table = _table(stream, source, reader)
        follower = _Follower(
            bar=stack.enter_context(_bar(stream, source)),
            stop=stack.enter_context(_signals.stop_requested(_STOPPING)),
            rows=_refused_rows(stack, source, reader, table.delimiter),
            summary=Summary(),
        )
        try:
            return importing.run(table, reader, post, follower, batch=source.batch), follower.stop
        except BaseException:
            _say_how_far(follower.summary)
            raise


def _table(stream: IO[bytes], source: Source, reader: Reader[T]) -> Table:
    try:
        return Table(Lines(stream, source.encoding), reader.columns)
    except EncodingError as error:
        raise click.BadParameter(str(error), param_hint="'--encoding'") from None
    except HeaderError as error:
        raise click.BadParameter(f"{source.path}: {error}", param_hint="'FILE'") from None


def _bar(stream: IO[bytes], source: Source) -> Any:
    """By bytes; nothing is shown where nobody looks, or where the end is not known."""
    size = os.fstat(stream.fileno()).st_size
    hidden = source.quiet or not (size and sys.stderr.isatty())
    return click.progressbar(length=size, label=source.path.name, file=sys.stderr, hidden=hidden)


def _refused_rows(stack: ExitStack, source: Source, reader: Reader[T], delimiter: str) -> RefusedRows | None:
    if source.refused is None:
        return None
    if source.refused.exists() and source.path.exists() and source.refused.samefile(source.path):
        raise click.BadParameter("it is the file to be imported", param_hint="'--refused'")
    try:
        file = stack.enter_context(source.refused.open("w", encoding="utf-8", newline=""))
    except OSError as error:
        raise click.BadParameter(f"{source.refused}: {error.strerror}", param_hint="'--refused'") from None
    return RefusedRows(file, reader.columns, delimiter)


def _say_how_far(summary: Summary) -> None:
    click.echo(
        f"ended after line {summary.last_line:,} with {summary.posted:,} entries posted;"
        " they stay: the same command again posts the rest",
        err=True,
    )
