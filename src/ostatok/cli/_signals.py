"""Ctrl-C and SIGTERM as a request to come to an end."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final

_STDERR: Final = 2


@dataclass(slots=True)
class Stop:
    """`signum` is the signal that asked, 0 while none did."""

    signum: int = 0

    @property
    def exit_status(self) -> int:
        """What a shell reports of a program that ended by that signal."""
        return 128 + self.signum


@contextmanager
def stop_requested(message: str) -> Iterator[Stop]:
    """Note the first Ctrl-C or SIGTERM, and print `message`; a second one ends the program as usual."""
    stop = Stop()

    def ask(signum: int, _frame: FrameType | None) -> None:
        stop.signum = signum
        restore()
        # Not through sys.stderr, which may be in the middle of something.
        os.write(_STDERR, f"{message}\n".encode())

    before = {signum: signal.signal(signum, ask) for signum in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for signum, handler in before.items():
            signal.signal(signum, handler)

    try:
        yield stop
    finally:
        restore()
