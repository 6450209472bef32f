"""The embedded server under commands that come, go, and are killed."""

import os
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo

from ostatok.config import embedded
from ostatok.config.embedded import pid_file, placement
from ostatok.config.embedded.placement import EmbeddedDatabaseError
from ostatok.config.embedded.server import SUPERUSER, State
from tests.clusters import is_up, kill_server, postmaster, server, started_at, wait_until
from tests.config.conftest import Hold

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the server a user of its own")


def test_commands_that_run_at_the_same_time_share_one_server(home: Path, hold: Hold) -> None:
    holders = [hold(home) for _ in range(4)]

    assert len({started_at(holder.url) for holder in holders}) == 1
    *others, last = holders
    assert [holder.finish() for holder in others] == [0, 0, 0]
    assert is_up(last.url)
    assert last.finish() == 0
    assert not is_up(last.url)
    assert server(home).look() is State.DOWN


def test_a_killed_command_leaves_a_server_that_the_next_one_uses_and_stops(home: Path, hold: Hold) -> None:
    killed = hold(home)
    first = started_at(killed.url)
    killed.kill()

    following = hold(home)
    assert started_at(following.url) == first
    assert following.finish() == 0
    assert not is_up(following.url)


def test_a_command_killed_while_the_server_starts_leaves_nothing_broken(fresh_home: Path, hold: Hold) -> None:
    killed = hold(fresh_home)
    wait_until((fresh_home / "postgresql" / "start.lock").exists)
    killed.kill()

    assert is_up(hold(fresh_home).url)


def test_a_killed_server_recovers_what_was_committed(home: Path, hold: Hold) -> None:
    witness = hold(home)
    with psycopg.connect(witness.url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value text)")
        connection.execute("TRUNCATE kept")
        connection.execute("INSERT INTO kept VALUES ('ёлка')")
    kill_server(home)

    with embedded.acquire(home) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT value FROM kept").fetchall() == [("ёлка",)]
    assert witness.finish() == 0


def test_a_pid_file_whose_pid_went_to_another_process_is_stale(home: Path, hold: Hold) -> None:
    holder = hold(home)
    assert is_up(holder.url)
    place, pid_file = server(home).place, server(home).data / "postmaster.pid"
    kill_server(home)
    holder.kill()
    account = place.account
    with subprocess.Popen(["sleep", "600"], user=account.pw_uid if account else None, cwd="/") as stranger:
        pid_file.write_text(pid_file.read_text().replace(str(postmaster(home)), str(stranger.pid), 1))
        with embedded.acquire(home) as url:
            assert is_up(url)
        assert stranger.poll() is None
        stranger.kill()


def test_a_server_whose_socket_was_deleted_is_started_anew(home: Path, hold: Hold) -> None:
    holder = hold(home)
    first = started_at(holder.url)
    shutil.rmtree(server(home).place.cluster / "socket")

    with embedded.acquire(home) as url:
        assert started_at(url) != first
    holder.kill()


def test_a_forked_child_that_exits_leaves_the_server_to_its_parent(home: Path, hold: Hold) -> None:
    parent = hold(home, "--child", "exits")

    assert is_up(parent.url)
    assert parent.finish() == 0
    assert not is_up(parent.url)


def test_a_forked_child_that_outlives_its_parent_keeps_the_server(home: Path, hold: Hold) -> None:
    parent = hold(home, "--child", "stays")
    url, child = parent.url, parent.child

    assert parent.finish() == 0
    assert is_up(url)
    os.kill(child, signal.SIGKILL)
    with embedded.acquire(home):
        pass
    assert not is_up(url)


def test_an_unfinished_initialisation_is_done_again(fresh_home: Path) -> None:
    with embedded.acquire(fresh_home):
        data = server(fresh_home).data
    data.rename(data.with_name("data.unfinished-1"))

    with embedded.acquire(fresh_home) as url:
        assert is_up(url)
    assert not data.with_name("data.unfinished-1").exists()


def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    with (
        pytest.raises(EmbeddedDatabaseError, match=r"(?s)did not start.*server\.log.*shared_buffers.*nonsense"),
        embedded.acquire(home, settings={"shared_buffers": "nonsense"}),
    ):
        pass


def test_the_variables_of_postgresql_in_the_environment_change_nothing(home: Path, hold: Hold) -> None:
    holder = hold(home, PGPORT="1", PGDATA="/nonexistent", PGHOST="nowhere.invalid", PGUSER="nobody")

    assert is_up(holder.url)
    assert holder.finish() == 0


def test_the_role_is_no_superuser_and_owns_its_database(home: Path) -> None:
    with embedded.acquire(home) as url, psycopg.connect(url, autocommit=True) as connection:
        assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)
        connection.execute("CREATE SCHEMA IF NOT EXISTS mine")


def test_a_home_of_an_older_version_gets_the_roles_behind_the_wall(home: Path) -> None:
    with embedded.acquire(home) as url, psycopg.connect(_as_superuser(url), autocommit=True) as connection:
        for face in embedded.FACES:
            connection.execute(f"DROP ROLE {face}")  # as if it had been made before there was a wall
    with embedded.acquire(home) as url, psycopg.connect(url) as connection:
        for face in embedded.FACES:
            connection.execute(f"SET ROLE {face}")


def _as_superuser(url: str) -> str:
    return conninfo.make_conninfo(url, user=SUPERUSER, dbname="postgres")


def test_cyrillic_letters_have_case_and_trigrams(home: Path) -> None:
    with embedded.acquire(home) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        row = connection.execute("SELECT upper('ёж'), similarity('Ромашка', 'ромашка')").fetchone()
    assert row == ("ЁЖ", 1.0)


def test_nobody_but_the_owner_can_reach_the_data_or_the_socket(home: Path) -> None:
    with embedded.acquire(home):
        cluster = server(home).place.cluster
        owner = placement.system_user().pw_uid if os.geteuid() == 0 else os.geteuid()
        assert (stat.S_IMODE(cluster.stat().st_mode), cluster.stat().st_uid) == (0o700, owner)
        assert stat.S_IMODE((cluster / "socket").stat().st_mode) == 0o700


def test_the_permissions_of_a_private_directory_are_left_alone(fresh_home: Path) -> None:
    above = [fresh_home.parent, *fresh_home.parent.parents]
    before = [path.stat() for path in above]

    with embedded.acquire(fresh_home) as url:
        assert is_up(url)
    after = [path.stat() for path in above]
    assert [(now.st_mode, now.st_uid) for now in after] == [(then.st_mode, then.st_uid) for then in before]
    assert stat.S_IMODE(before[0].st_mode) == 0o700


@as_root
def test_a_moved_home_is_followed_and_a_copied_one_refused(fresh_home: Path) -> None:
    with embedded.acquire(fresh_home) as url:
        first = url
    moved, copy = fresh_home.with_name("moved"), fresh_home.with_name("copy")
    fresh_home.rename(moved)
    with embedded.acquire(moved) as url:
        assert url == first
    shutil.copytree(moved, copy)
    with pytest.raises(EmbeddedDatabaseError, match="is a copy of"), embedded.acquire(copy):
        pass
    moved.rename(fresh_home)


@pytest.fixture
def home_of_an_ordinary_user() -> Iterator[tuple[Path, list[str]]]:
    """A home with a long path, and what makes a holder run as its owner."""
    name = placement.system_user().pw_name if os.geteuid() == 0 else ""
    with tempfile.TemporaryDirectory(prefix="long-" * 25) as path:
        home = Path(path)
        if name:
            shutil.chown(home, name, name)
        yield home, ["--user", name] if name else []
        embedded.destroy(home)


def test_an_ordinary_user_keeps_all_in_a_home_with_however_long_a_path(
    home_of_an_ordinary_user: tuple[Path, list[str]], hold: Hold
) -> None:
    home, options = home_of_an_ordinary_user
    # The wheel may be where this user cannot go, and then the programs are chosen by hand.
    holder = hold(home, *options, **({"PG_BIN": str(placement.programs_for_all())} if options else {}))

    assert is_up(holder.url)
    place = server(home).place
    assert place.cluster == home / "postgresql"
    running = pid_file.read(place.cluster / "data")
    assert running
    assert stat.S_IMODE(running.socket.stat().st_mode) == 0o700
    with embedded.acquire(home) as url:
        assert url == holder.url
    assert holder.finish() == 0
    assert not running.socket.exists()
