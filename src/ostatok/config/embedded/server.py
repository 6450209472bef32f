"""One PostgreSQL server over one data directory: made, started, watched, stopped.

What is true of the server is read from PostgreSQL itself (its pid file, `pg_isready`), never from what this
process remembers: another command may have started it, and anything may have killed it since.
"""

import contextlib
import enum
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

from ostatok.config.embedded import pid_file, tuning
from ostatok.config.embedded.placement import EmbeddedDatabaseError, Place

SUPERUSER: Final = "postgres"
PORT: Final = 5432  # only the name of the socket: the server listens to no network
START_SECONDS: Final = 600  # crash recovery of a large write-ahead log takes minutes
STARTS: Final = 5  # that may fail before the reason must be a lasting one
STOP_SECONDS: Final = 600
LOOK_SECONDS: Final = 0.05
SOCKET_BYTES: Final = 103  # the longest path of a Unix socket on any system; Linux allows 107
_SOCKET_NAME: Final = f".s.PGSQL.{PORT}"
_UNFINISHED: Final = "data.unfinished-"
_SOCKET_PREFIX: Final = "ostatok-"
_STILL_DYING: Final = b"pre-existing shared memory block"
_LOG_LINES: Final = 20
LOG_BYTES: Final = 10_000_000


class State(enum.Enum):
    """What a look at the server shows."""

    DOWN = "no server"
    BUSY = "starting, recovering or stopping"
    CUT_OFF = "running, but its socket is gone"
    UP = "accepts connections"


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server over `place`; `settings` are lines of its configuration beside the usual ones."""

    place: Place
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.place.cluster / "data"

    @property
    def log(self) -> Path:
        """Where the server writes what it has to say."""
        return self.place.cluster / "server.log"

    def ensure_up(self) -> None:
        """Return when the server accepts connections, started if need be. Raises EmbeddedDatabaseError."""
        deadline, failures = time.monotonic() + START_SECONDS, 0
        if not self.data.exists():
            self._create()
        while (state := self.look()) is not State.UP:
            if time.monotonic() > deadline:
                raise EmbeddedDatabaseError(f"PostgreSQL is {state.value} for {START_SECONDS} s{self._log_tail()}")
            if state is State.CUT_OFF:
                self.stop()
            elif state is State.DOWN and (complaint := self._start()):
                failures += 1  # it may have been killed while it started
                if failures == STARTS:
                    raise EmbeddedDatabaseError(f"PostgreSQL did not start: {complaint}{self._log_tail()}")
            time.sleep(LOOK_SECONDS)

    def look(self) -> State:
        """Return the state of the server now."""
        found = self._live()
        if found is None:
            return State.DOWN
        answer = self.place.run("pg_isready", "-q", "-h", found.socket, "-p", str(PORT), "-U", SUPERUSER)
        if answer.returncode == 0:
            return State.UP
        cut_off = found.status == "ready" and not (found.socket / _SOCKET_NAME).exists()
        return State.CUT_OFF if cut_off else State.BUSY

    def stop(self) -> None:
        """Stop the server, ending its connections. Raises EmbeddedDatabaseError."""
        found = self._live()
        if found is None:
            return
        result = self.place.run("pg_ctl", "stop", "-D", self.data, "-w", "-t", str(STOP_SECONDS), "-m", "fast")
        if result.returncode and self._live():
            raise EmbeddedDatabaseError(f"PostgreSQL did not stop: {result.stdout.strip()}{self._log_tail()}")
        self._forget_socket(found)

    def url(self, *, user: str, database: str) -> str:
        """Return the address of a database of the running server. Raises EmbeddedDatabaseError."""
        found = self._live()
        if found is None:
            raise EmbeddedDatabaseError("PostgreSQL has just stopped")
        return f"postgresql://{user}@{quote(str(found.socket), safe='')}:{PORT}/{database}"

    def _create(self) -> None:
        """Make the data directory, whole or not at all."""
        for leftover in self.place.cluster.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        # A name of its own: the initdb of a command that was killed may still be writing under another.
        unfinished = self.place.cluster / f"{_UNFINISHED}{secrets.token_hex(4)}"
        # The built-in locale knows Cyrillic letters and never changes under an index, as a system's may.
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        if sys.platform == "linux":
            locale.append("--lc-ctype=C.UTF-8")  # trigrams of Cyrillic words need it
        # Whoever can enter the 0700 socket directory is the server's own user or root.
        access = ("--auth-local=trust", "--auth-host=reject", f"--username={SUPERUSER}")
        haste = ("--no-sync",) if self.settings.get("fsync") == "off" else ()
        result = self.place.run("initdb", "-D", unfinished, "--encoding=UTF8", *locale, *access, *haste)
        if result.returncode:
            raise EmbeddedDatabaseError(f"initdb failed: {result.stdout.strip()}")
        usual = (unfinished / "postgresql.conf").read_text(encoding="utf-8")
        ours = "include_if_exists = 'ostatok.conf'  # written at each start; ALTER SYSTEM overrides it"
        self.place.write(unfinished / "postgresql.conf", f"{usual}\n{ours}\n")
        unfinished.rename(self.data)

    def _start(self) -> str:
        """Try to start the server; return what was said if it failed, unless it will not once some process has left."""
        stale = pid_file.read(self.data)
        if stale:
            self._forget_socket(stale)
            if text := pid_file.disowned(stale, self.data):
                self.place.write(self.data / pid_file.NAME, text)
        self._write_configuration(self._make_socket_directory())
        size = self._turn_log()
        options = ("-w", "-t", str(START_SECONDS), "-l", self.log)
        result = self.place.run("pg_ctl", "start", "-D", self.data, *options)
        failed = result.returncode and not self._live() and not self._orphans_linger(size)
        return result.stdout.strip() if failed else ""

    def _live(self) -> pid_file.PidFile | None:
        """Return the pid file of the running server, if there is one."""
        found = pid_file.read(self.data)
        return found if found and pid_file.is_live(found, self.data) else None

    def _orphans_linger(self, log_size: int) -> bool:
        """Return whether the start failed because processes of a killed server are still leaving."""
        return self.log.exists() and _STILL_DYING in self.log.read_bytes()[log_size:]

    def _write_configuration(self, socket: Path) -> None:
        own = {"port": str(PORT), "unix_socket_directories": str(socket).replace("'", "''")}
        lines = {**tuning.for_this_machine(), **own, **self.settings}
        self.place.write(self.data / "ostatok.conf", "".join(f"{name} = '{value}'\n" for name, value in lines.items()))

    def _make_socket_directory(self) -> Path:
        """Return a directory that only the server's user (and root) may enter, with a path short enough."""
        directory = self.place.cluster / "socket"
        if len(os.fsencode(directory / _SOCKET_NAME)) <= SOCKET_BYTES:
            directory.mkdir(mode=0o700, exist_ok=True)
        else:
            # Its name cannot be guessed, so nobody can be there first.
            directory = Path(tempfile.mkdtemp(prefix=_SOCKET_PREFIX, dir=_short_temporary_directory()))
        self.place.own(directory)
        return directory

    def _forget_socket(self, stale: pid_file.PidFile) -> None:
        """Remove the socket directory of a server of this directory that is gone, and nothing else it may name."""
        with contextlib.suppress(FileNotFoundError):
            same_owner = stale.socket.lstat().st_uid == self.data.stat().st_uid
            if stale.data == self.data and same_owner and stale.socket.name.startswith(("socket", _SOCKET_PREFIX)):
                shutil.rmtree(stale.socket, ignore_errors=True)

    def _turn_log(self) -> int:
        """Begin a new log if the old one has grown; return the size of the one to go on with, in bytes."""
        size = self.log.stat().st_size if self.log.exists() else 0
        if size < LOG_BYTES:
            return size
        self.log.replace(self.log.with_suffix(".log.old"))
        return 0

    def _log_tail(self) -> str:
        if not self.log.exists():
            return ""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:]
        return "\n".join([f"; the end of {self.log}:", *lines])


def _short_temporary_directory() -> str:
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) < SOCKET_BYTES // 2 else "/tmp"  # noqa: S108 (mkdtemp makes a private one)
