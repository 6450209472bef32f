"""One PostgreSQL server over one data directory: made, started, watched, stopped.

What is true of the server is read from PostgreSQL itself (its pid file, `pg_isready`), never from what this
process remembers: another command may have started it, and anything may have killed it since.
"""

import contextlib
import enum
import itertools
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

from ostatok.config.placement import EmbeddedDatabaseError, Place

SUPERUSER: Final = "postgres"
PORT: Final = 5432  # only the name of the socket: the server listens to no network
START_SECONDS: Final = 600  # crash recovery of a large write-ahead log takes minutes
STOP_SECONDS: Final = 600
LOOK_SECONDS: Final = 0.05
SOCKET_BYTES: Final = 107  # the longest path of a Unix socket on Linux; the others allow 103
_SOCKET_NAME: Final = f".s.PGSQL.{PORT}"
_STILL_DYING: Final = b"pre-existing shared memory block"
_LOG_LINES: Final = 20
_MEBIBYTE: Final = 1 << 20
LOG_BYTES: Final = 10 * _MEBIBYTE


class State(enum.Enum):
    """What a look at the server shows."""

    DOWN = "no server"
    BUSY = "starting, recovering or stopping"
    CUT_OFF = "running, but its socket is gone"
    UP = "accepts connections"


@dataclass(frozen=True, kw_only=True)
class PidFile:
    """What a server says of itself in `postmaster.pid`."""

    pid: int
    data: Path
    socket: Path
    status: str


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
        deadline = time.monotonic() + START_SECONDS
        if not self.data.exists():
            self._create()
        while (state := self.look()) is not State.UP:
            if time.monotonic() > deadline:
                raise EmbeddedDatabaseError(f"PostgreSQL is {state.value} for {START_SECONDS} s{self._log_tail()}")
            if state is State.CUT_OFF:
                self.stop()
            elif state is State.DOWN:
                self._start()
            time.sleep(LOOK_SECONDS)

    def look(self) -> State:
        """Return the state of the server now."""
        pid_file = self._pid_file()
        if pid_file is None or not self._is_live(pid_file):
            return State.DOWN
        answer = self.place.run("pg_isready", "-q", "-h", pid_file.socket, "-p", str(PORT), "-U", SUPERUSER)
        if answer.returncode == 0:
            return State.UP
        cut_off = pid_file.status == "ready" and not (pid_file.socket / _SOCKET_NAME).exists()
        return State.CUT_OFF if cut_off else State.BUSY

    def stop(self) -> None:
        """Stop the server, ending its connections. Raises EmbeddedDatabaseError."""
        pid_file = self._pid_file()
        if pid_file is None or not self._is_live(pid_file):
            return
        result = self.place.run("pg_ctl", "stop", "-D", self.data, "-w", "-t", str(STOP_SECONDS), "-m", "fast")
        if result.returncode and self.look() is not State.DOWN:
            raise EmbeddedDatabaseError(f"PostgreSQL did not stop: {result.stdout.strip()}{self._log_tail()}")
        self._forget_socket(pid_file)

    def url(self, *, user: str, database: str) -> str:
        """Return the address of a database of the running server. Raises EmbeddedDatabaseError."""
        pid_file = self._pid_file()
        if pid_file is None:
            raise EmbeddedDatabaseError("PostgreSQL has just stopped")
        return f"postgresql://{user}@{quote(str(pid_file.socket), safe='')}:{PORT}/{database}"

    def _create(self) -> None:
        """Make the data directory, whole or not at all."""
        unfinished = self.data.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
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
        with (unfinished / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\ninclude_if_exists = 'ostatok.conf'  # written at each start; ALTER SYSTEM overrides it\n")
        unfinished.rename(self.data)

    def _start(self) -> None:
        stale = self._pid_file()
        if stale:
            self._forget_socket(stale)
            # PostgreSQL trusts the pid, which after a reboot may be some other process of the same user.
            (self.data / "postmaster.pid").unlink(missing_ok=True)
        self._write_configuration(self._make_socket_directory())
        size = self._turn_log()
        options = ("-w", "-t", str(START_SECONDS), "-l", self.log)
        result = self.place.run("pg_ctl", "start", "-D", self.data, *options)
        if result.returncode and self.look() is State.DOWN and not self._orphans_linger(size):
            raise EmbeddedDatabaseError(f"PostgreSQL did not start: {result.stdout.strip()}{self._log_tail()}")

    def _orphans_linger(self, log_size: int) -> bool:
        """Return whether the start failed because processes of a killed server are still leaving."""
        return self.log.exists() and _STILL_DYING in self.log.read_bytes()[log_size:]

    def _write_configuration(self, socket: Path) -> None:
        path = self.data / "ostatok.conf"
        lines = {**_settings(socket), **self.settings}
        path.write_text("".join(f"{name} = '{value}'\n" for name, value in lines.items()), encoding="utf-8")
        self.place.own(path)

    def _make_socket_directory(self) -> Path:
        """Return a directory that only the server's user (and root) may enter, with a path short enough."""
        directory = self.place.cluster / "socket"
        if len(os.fsencode(directory / _SOCKET_NAME)) <= SOCKET_BYTES - 4:
            directory.mkdir(mode=0o700, exist_ok=True)
        else:
            # Its name cannot be guessed, so nobody can be there first.
            directory = Path(tempfile.mkdtemp(prefix="ostatok-", dir=_short_temporary_directory()))
        self.place.own(directory)
        return directory

    def _forget_socket(self, pid_file: PidFile) -> None:
        """Remove the socket directory of a server that is gone, if it was made for this cluster alone."""
        with contextlib.suppress(OSError):
            if pid_file.data == self.data and pid_file.socket.name.startswith("ostatok-"):
                shutil.rmtree(pid_file.socket)

    def _pid_file(self) -> PidFile | None:
        with contextlib.suppress(OSError, ValueError):
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            padded = list(itertools.islice(itertools.chain(lines, itertools.repeat("")), 8))
            return PidFile(pid=int(padded[0]), data=Path(padded[1]), socket=Path(padded[4]), status=padded[7].strip())
        return None

    def _is_live(self, pid_file: PidFile) -> bool:
        """Return whether a server of this very directory wrote the pid file, and lives.

        After a reboot its pid may be another process's; and the pid file of a copied directory speaks of the original.
        """
        if pid_file.data.exists() and not pid_file.data.samefile(self.data):
            return False
        try:
            command = Path("/proc", str(pid_file.pid), "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return not Path("/proc/self").exists() and _exists(pid_file.pid)
        return Path(os.fsdecode(command.split(b"\0")[0])).name.startswith("postgres")

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


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _short_temporary_directory() -> str:
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) < SOCKET_BYTES // 2 else "/tmp"  # noqa: S108 (mkdtemp makes a private one)


def _settings(socket: Path) -> dict[str, str]:
    """Return the configuration that fits this machine."""
    memory = _memory()
    return {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(socket).replace("'", "''"),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "shared_buffers": f"{min(max(memory // 8, 32), 2048)}MB",
        "effective_cache_size": f"{max(memory // 2, 64)}MB",
        "maintenance_work_mem": f"{min(max(memory // 16, 32), 256)}MB",
        "work_mem": f"{min(max(memory // 256, 4), 16)}MB",
        "min_wal_size": "512MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",
        "track_io_timing": "on",
        # Statements and details of errors quote names and addresses, which have no place in a log.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }


def _memory() -> int:
    """Return the memory in MiB that this machine, or the container around us, allows."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MEBIBYTE
    with contextlib.suppress(OSError, ValueError):
        return min(physical, int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")) // _MEBIBYTE)
    return physical
