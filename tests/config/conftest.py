"""Commands as processes, and clusters that may be killed: none of them is the one of the test run."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ostatok.config import embedded
from tests.clusters import PATIENCE


@dataclass(kw_only=True)
class Holder:
    """A process that uses the embedded database of a home."""

    process: subprocess.Popen[str]
    _greeting: list[str] | None = None

    @property
    def url(self) -> str:
        """The address it uses; waits until the database is up."""
        return self._greet()[0]

    @property
    def child(self) -> int:
        return int(self._greet()[1])

    def _greet(self) -> list[str]:
        if self._greeting is None:
            assert self.process.stdout
            self._greeting = self.process.stdout.readline().split()
        return self._greeting

    def finish(self) -> int:
        """Let it end in its ordinary way; return its exit status."""
        assert self.process.stdin
        self.process.stdin.close()
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)


Hold = Callable[..., Holder]


@pytest.fixture
def hold() -> Iterator[Hold]:
    """Start a holder; see holder.py for its options."""
    with contextlib.ExitStack() as stack:

        def start(home: Path, *options: str, **environ: str) -> Holder:
            command = [sys.executable, str(Path(__file__).with_name("holder.py")), str(home), *options]
            pipe = subprocess.PIPE
            process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=os.environ | environ)
            stack.enter_context(process)
            stack.callback(process.kill)
            return Holder(process=process)

        yield start


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home whose cluster one module's tests may kill as often as they like."""
    with tempfile.TemporaryDirectory(prefix="ostatok-home-") as path:
        yield Path(path)
        embedded.destroy(Path(path))
