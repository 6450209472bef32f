"""The web server as a process of its own: `python -m ostatok.cli._web HOST PORT PROCESSES`.

`ostatok serve` starts it and hands the database over through the environment. Nothing of Django is loaded here: each of
the server's processes loads the application for itself.
"""

import multiprocessing
import os
import signal
import sys
import threading
from typing import Any, Final

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from ostatok.cli import _leash

APPLICATION: Final = "ostatok.config.wsgi:application"
#: Each thread keeps a connection to the database: processes x THREADS must stay well below max_connections.
THREADS: Final = 4
# Of requests that wait for a thread; more are refused by the network.
_BACKLOG: Final = 256
_STOP_SECONDS: Final = 15
_IDLE_SECONDS: Final = 600

#: What the server has to say joins the log of everything else. Requests are not logged: their paths may hold tokens.
_LOG: Final[dict[str, Any]] = {
    "formatters": {"json": {"()": "ostatok.kernel.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
    "loggers": {"_granian": {"handlers": ["stderr"], "propagate": False}},
}


def main() -> None:
    """Serve until SIGTERM, or until whoever started us is gone."""
    host, port, processes = sys.argv[1:]
    _leash.hold()
    Server(
        APPLICATION,
        address=host,
        port=int(port),
        interface=Interfaces.WSGI,
        workers=int(processes),
        blocking_threads=THREADS,
        blocking_threads_idle_timeout=_IDLE_SECONDS,
        backlog=_BACKLOG,
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=_LOG,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
    ).serve(target_loader=_load)


def _load(target: str) -> Any:
    """The application, in a process of the server, which must not outlive the server."""
    threading.Thread(target=_leave_with_parent, name="parent", daemon=True).start()
    module, _, name = target.partition(":")
    return getattr(__import__(module, fromlist=[name]), name)


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
