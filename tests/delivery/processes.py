"""Workers as processes of their own, as an operator runs them."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ostatok.delivery.channels.email.sink import Mail, Sink


def until(condition: Callable[[], bool], *, seconds: float = 60, why: str = "the condition") -> None:
    """Return once the condition holds; TimeoutError if it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{why} did not come within {seconds} s")
        time.sleep(0.02)


@dataclass(frozen=True)
class Fleet:
    """Starts `ostatok worker` on the test database."""

    database_url: str
    sink: Sink
    logs: Path
    schedule: str = "0,1s,1s,1s,2s,2s"
    timeout: int = 5

    def worker(self, *options: str) -> AbstractContextManager[subprocess.Popen[str]]:
        """A running worker, killed in the end if it still runs."""
        return self.command("worker", *options)

    @contextmanager
    def command(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """A running command."""
        environment = {
            **os.environ,
            "DATABASE_URL": self.database_url,
            "OSTATOK_EMAIL_URL": f"smtp://127.0.0.1:{self.sink.port}?timeout={self.timeout}",
            "OSTATOK_RETRY_SCHEDULE": self.schedule,
        }
        command = [sys.executable, "-m", "ostatok", *arguments]
        with (
            (self.logs / "worker.log").open("a") as log,
            subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as process,
        ):
            try:
                yield process
            finally:
                process.kill()

    def log(self) -> str:
        """What all workers wrote."""
        return (self.logs / "worker.log").read_text()


def repeated(mails: list[Mail]) -> int:
    """How many mails came more than once, each further one counted."""
    return sum(times - 1 for times in Counter(mail.message_id for mail in mails).values())
