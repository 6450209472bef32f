"""Commands as somebody types them, in this process and on the test's database."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ostatok.cli import main as cli
from tests.intake.description.conftest import OPERATOR


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit status."""

    output: str
    errors: str
    status: int

    @property
    def data(self) -> Any:
        """What it printed under `--json`."""
        return json.loads(self.output)


class Desk:
    """Runs commands."""

    def run(self, *arguments: str | Path, stdin: bytes | None = None) -> Said:
        result = CliRunner().invoke(cli.cli, [str(argument) for argument in arguments], input=stdin)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.stdout, result.stderr, result.exit_code)

    def apply(self, text: str) -> Said:
        return self.run("apply", "-", stdin=text.encode())


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk()


@pytest.fixture
def operator(desk: Desk) -> Desk:
    """A desk at which an operator with a reseller is described."""
    assert desk.apply(OPERATOR).status == 0
    return desk
