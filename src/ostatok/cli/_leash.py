"""A leash: a process held by one ends when whoever started it is gone, however that one ended.

    python -m ostatok.cli._leash ostatok worker

runs `ostatok worker` until its standard input, a pipe that the starter holds open, comes to an end.
"""

import os
import runpy
import signal
import sys
import threading
from typing import Final

_BYTES: Final = 4096


def hold() -> None:
    """Send this process SIGTERM when its standard input ends."""
    threading.Thread(target=_wait, name="leash", daemon=True).start()


def _wait() -> None:
    while os.read(0, _BYTES):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    hold()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
