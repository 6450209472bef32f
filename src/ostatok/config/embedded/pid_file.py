"""What a running server says of itself in `postmaster.pid`, and whether it is still true."""

import contextlib
import itertools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NAME: Final = "postmaster.pid"
NO_PROCESS: Final = 2**31 - 2  # more than any system gives out
_LINES: Final = 8


@dataclass(frozen=True, kw_only=True)
class PidFile:
    """The lines of the file that matter here."""

    pid: int
    data: Path
    socket: Path
    status: str


def read(data: Path) -> PidFile | None:
    """Return what the pid file of a data directory says; None: no server has been there since the last clean stop."""
    with contextlib.suppress(OSError, ValueError):
        lines = (data / NAME).read_text(encoding="utf-8").splitlines()
        padded = list(itertools.islice(itertools.chain(lines, itertools.repeat("")), _LINES))
        return PidFile(pid=int(padded[0]), data=Path(padded[1]), socket=Path(padded[4]), status=padded[7].strip())
    return None


def is_live(pid_file: PidFile, data: Path) -> bool:
    """Return whether a server of this very directory wrote the pid file, and lives.

    After a reboot its pid may be another process's; and the pid file of a copied directory speaks of the original.
    """
    if pid_file.data.exists() and not pid_file.data.samefile(data):
        return False
    try:
        command = Path("/proc", str(pid_file.pid), "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return not Path("/proc/self").exists() and _exists(pid_file.pid)
    return Path(os.fsdecode(command.split(b"\0")[0])).name.startswith("postgres")


def disowned(stale: PidFile, data: Path) -> str | None:
    """Return a pid file that is not live without its pid; None if no process has that pid, and it need not go.

    PostgreSQL would refuse to start beside another process of that pid, or a dead one not yet reaped. The rest of the
    file stays: by it PostgreSQL finds out whether processes of a killed server still write to the directory, so it
    must never simply be deleted.
    """
    if not _exists(stale.pid):
        return None
    with contextlib.suppress(OSError):
        _pid, _, rest = (data / NAME).read_text(encoding="utf-8").partition("\n")
        return f"{NO_PROCESS}\n{rest}"
    return None


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
