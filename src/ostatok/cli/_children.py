"""Processes that are kept running beside each other, and stopped together."""

import logging
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ostatok.kernel import logs

#: Seconds before a child that ended is started again: the longer, the more often it ended soon after its start.
PAUSES: Final = (0.0, 1.0, 5.0, 15.0, 60.0)
#: A child that lived so many seconds was well.
WELL: Final = 60.0

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Child:
    """A process with a name for the log. Times are seconds of one clock, whichever the caller reads."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    began: float = 0.0
    ended: float | None = None
    failures: int = 0

    def start(self, now: float) -> None:
        """Start it, in a session of its own: Ctrl-C is for the one who keeps it, who tells it to stop.

        The pipe to its standard input is its leash (_leash.py).
        """
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,  # what is worth telling is in the log, on the standard error
            start_new_session=True,
        )
        self.began, self.ended = now, None

    def runs(self) -> bool:
        """Whether the process lives."""
        return self.process is not None and self.process.poll() is None

    def look(self, now: float) -> None:
        """Start it again if it ended and has paused long enough."""
        if self.process is None or self.runs():
            return
        if self.ended is None:
            self._note_end(now)
        elif now >= self.ended + PAUSES[min(self.failures, len(PAUSES)) - 1]:
            self.start(now)

    def tell(self, signum: int) -> None:
        """Send a signal to the process, if it lives."""
        if self.process and self.runs():
            self.process.send_signal(signum)

    def wait(self, seconds: float) -> None:
        """Wait for its end; kill it and all it started when the time is over."""
        if not self.process:
            return
        try:
            self.process.wait(max(seconds, 0.0))
        except subprocess.TimeoutExpired:
            logs.event(_log, logging.ERROR, "did not stop in time", process=self.name)
            self.kill()
        self._let_go()

    def kill(self) -> None:
        """End it and all it started, at once."""
        if self.process and self.runs():
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _let_go(self) -> None:
        """Close our end of the leash."""
        if self.process and self.process.stdin:
            self.process.stdin.close()

    def _note_end(self, now: float) -> None:
        assert self.process is not None  # noqa: S101 (the caller has looked)
        self._let_go()
        self.failures = 1 if now - self.began >= WELL else self.failures + 1
        self.ended = now
        logs.event(
            _log, logging.ERROR, "ended by itself, and is started again", process=self.name, status=self.process.poll()
        )


def stop(children: Sequence[Child], within: float) -> None:
    """Tell all to come to an end, and return when they have; who has not within so many seconds is killed."""
    deadline = time.monotonic() + within
    try:
        for child in children:
            child.tell(signal.SIGTERM)
        for child in children:
            child.wait(deadline - time.monotonic())
    finally:
        for child in children:
            child.kill()
