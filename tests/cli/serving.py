"""`ostatok serve` and `ostatok demo` as processes: started, asked, told to stop."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib import parse, request

from tests.clusters import wait_until

PATIENCE = 120
_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def free_port() -> int:
    """A port that nobody listens at just now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Served:
    """A process that serves, the port it serves at, and the file of its log."""

    process: "subprocess.Popen[str]"
    port: int
    log: Path

    def get(self, path: str) -> int:
        """The status that a path is answered with; 0 if nobody answers."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            try:
                connection.request("GET", path)
                return connection.getresponse().status
            except (OSError, http.client.HTTPException):
                return 0

    def stop(self, signum: int = signal.SIGTERM) -> tuple[int, str]:
        """Tell it to stop; its exit status, and what it printed to the standard output from then on."""
        self.process.send_signal(signum)
        out, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out

    def children(self) -> list[int]:
        """The ids of all processes it has started, and of those that they have."""
        return descendants(self.process.pid)


@contextmanager
def started(*arguments: str | Path, log: Path, port: int | None = None, **environment: str) -> Iterator[Served]:
    """A command that serves, killed at the end if it still runs."""
    port = port or free_port()
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [sys.executable, "-m", "ostatok", *map(str, arguments), "--port", str(port)]
    with log.open("w") as file:
        process = subprocess.Popen(command, env=inherited | environment, stdout=subprocess.PIPE, stderr=file, text=True)
    try:
        yield Served(process, port, log)
    finally:
        process.kill()
        process.communicate()


def announced(served: Served, words: str) -> list[str]:
    """The lines it prints up to the one with these words."""
    assert served.process.stdout
    lines = []
    for line in served.process.stdout:
        lines.append(line.rstrip())
        if words in line:
            return lines
    raise AssertionError(f"it ended: {served.log.read_text()}")


def sign_in(served: Served, email: str, password: str) -> str:
    """Sign in with a password as a browser does; the path one ends at."""
    browser = request.build_opener(request.HTTPCookieProcessor())
    place = f"http://127.0.0.1:{served.port}/account/login/"
    with browser.open(place, timeout=PATIENCE) as page:
        found = _CSRF.search(page.read().decode())
        assert found
    form = {"csrfmiddlewaretoken": found[1], "login": email, "password": password}
    with browser.open(place, parse.urlencode(form).encode(), timeout=PATIENCE) as page:
        return str(parse.urlsplit(page.url).path)


def gone(pids: list[int]) -> None:
    """Return when none of the processes lives."""
    wait_until(lambda: not any(lives(pid) for pid in pids))


def lives(pid: int) -> bool:
    """Whether the process runs, and is no corpse that nobody has looked at."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def descendants(pid: int) -> list[int]:
    found = [int(child) for task in Path(f"/proc/{pid}/task").glob("*/children") for child in task.read_text().split()]
    return found + [one for child in found for one in descendants(child)]


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
