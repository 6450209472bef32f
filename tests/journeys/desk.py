"""An operator's desk: `ostatok` commands on the test's database, and a mail server that takes what they send."""

import csv
import email
import email.policy
import html
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from django.db import connection

from ostatok.cli import main as cli
from ostatok.delivery.channels.email.sink import Mail, Sink
from tests.clusters import wait_until

COLUMNS = ("account", "service", "kind", "amount", "occurred_at", "ref", "memo", "reverses", "unit")
PATIENCE = 120


@dataclass(frozen=True)
class Letter:
    """A mail as its recipient reads it: the words of its HTML, every space looking like any other."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str

    @classmethod
    def read(cls, mail: Mail) -> "Letter":
        message = email.message_from_bytes(mail.content, policy=email.policy.default)
        return cls(
            to=mail.recipient,
            subject=_seen(message["Subject"]),
            text=_part(message, "plain"),
            html=_words(_part(message, "html")),
            message_id=mail.message_id,
        )


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body
    return _seen(body.get_content())


def _words(markup: str) -> str:
    return " ".join(_seen(html.unescape(re.sub(r"<[^>]*>", " ", markup))).split())


def _seen(written: object) -> str:
    return str(written).replace("\N{NO-BREAK SPACE}", " ")


class Desk:
    """Commands run in this process (`run`) or in one of their own (`start`), with `--json`."""

    def __init__(self, sink: Sink, directory: Path, **environment: str) -> None:
        self.sink = sink
        self._directory = directory
        self._files = count(1)
        self._read = 0
        self._environment = {**os.environ, "OSTATOK_EMAIL_URL": f"smtp://127.0.0.1:{sink.port}", **environment}

    def run(self, *arguments: str | Path, status: int = 0) -> Any:
        """What a command prints as JSON; it must end with that exit status."""
        result = CliRunner().invoke(cli.cli, [*map(str, arguments), "--json"])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == status, result.output
        return json.loads(result.stdout) if result.stdout else None

    def complaint(self, *arguments: str | Path) -> str:
        """What a command that is misused (exit status 2) says."""
        result = CliRunner().invoke(cli.cli, [*map(str, arguments)])
        assert result.exit_code == 2, result.output
        assert not result.stdout
        return result.stderr

    def start(self, *arguments: str | Path, json: bool = True) -> "subprocess.Popen[str]":
        """Start a command as a process."""
        command = [sys.executable, "-m", "ostatok", *map(str, arguments), *(["--json"] if json else [])]
        return subprocess.Popen(
            command, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def file(self, content: str | bytes, suffix: str = ".csv") -> Path:
        """A file of that content."""
        path = self._directory / f"file{next(self._files)}{suffix}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def apply(self, description: str) -> Any:
        return self.run("apply", self.file(description, ".yaml"))

    def post(self, *rows: "Row", organization: str = "energo", status: int = 0) -> Any:
        """Import rows as a file of their own."""
        return self.run("import", "entries", self.file(entries(rows)), "--organization", organization, status=status)

    def send(self) -> list[Letter]:
        """Let a worker send all that is due; return what came."""
        self.run("worker", "--once")
        letters = [Letter.read(mail) for mail in self.sink.mails[self._read :]]
        self._read += len(letters)
        return letters

    def check(self) -> None:
        """Let the ledger prove itself."""
        self.run("check")


Row = Mapping[str, str]


def entries(rows: Iterable[Row]) -> str:
    """Rows as a file for `ostatok import entries`."""
    written = io.StringIO()
    writer = csv.DictWriter(written, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


_refs = count(1)


def entry(kind: str, amount: object, *, account: str = "100001", service: str = "appps", **cells: str) -> Row:
    """A row with a ref of its own, unless one is given."""
    filled = {"occurred_at": "2025-03-03T10:00:00+03:00", "ref": f"r{next(_refs)}"} | cells
    return {"account": account, "service": service, "kind": kind, "amount": str(amount), **filled}


def top_up(amount: object, **cells: str) -> Row:
    return entry("top_up", amount, **cells)


def charge(amount: object, **cells: str) -> Row:
    return entry("charge", amount, **cells)


def query(sql: str) -> list[tuple[Any, ...]]:
    """Rows straight from the tables."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def posted() -> int:
    """How many entries there are."""
    [(number,)] = query("select count(*) from entry")
    return int(number)


def wait_for_entries(number: int) -> None:
    """Return when so many entries were posted by whoever posts."""
    wait_until(lambda: posted() >= number)


def end(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Wait for a process; its exit status and what it printed."""
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def succeed(processes: Sequence["subprocess.Popen[str]"]) -> list[Any]:
    """Wait for processes that must end well; what each printed as JSON."""
    results = [end(process) for process in processes]
    assert [status for status, _, _ in results] == [0] * len(results), results
    return [json.loads(out) for _, out, _ in results]
