"""`ostatok serve`: the pages and a worker, kept up and stopped together."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from ostatok.cli import _children, _serving
from ostatok.cli._children import Child
from ostatok.config.embedded.server import State
from tests.cli import serving
from tests.cli.serving import Served
from tests.clusters import server, wait_until


@pytest.fixture
def served(transactional_db: None, database_url: str, tmp_path: Path) -> Iterator[Served]:
    """The pages and a worker on the test's database."""
    with serving.started(
        "serve", "--processes", "1", log=tmp_path / "log", DATABASE_URL=database_url, OSTATOK_HOME=str(tmp_path)
    ) as one:
        serving.announced(one, "answers at")
        yield one


def test_pages_and_a_worker_are_there_and_ctrl_c_ends_them_all(served: Served) -> None:
    children = served.children()
    answers = [served.get(path) for path in ("/healthz", "/readyz", "/console/", "/nowhere")]

    status, _ = served.stop(signal.SIGINT)

    assert answers == [200, 200, 302, 404]
    assert sum("_leash ostatok worker" in serving.command_of(pid) for pid in children if serving.lives(pid)) == 0
    assert (status, len(children)) == (0, 3)
    assert "Traceback" not in served.log.read_text()
    serving.gone(children)


@pytest.mark.parametrize("name", ["_leash ostatok worker", "ostatok.cli._web"])
def test_who_was_killed_is_started_again(served: Served, name: str) -> None:
    killed = found(served, name)

    os.kill(killed, signal.SIGKILL)

    wait_until(lambda: bool(set(all_of(served, name)) - {killed}) and served.get("/healthz") == 200)
    children = served.children()
    assert served.stop()[0] == 0
    serving.gone([*children, killed])


def test_none_outlives_a_server_that_was_killed(served: Served) -> None:
    children = served.children()

    served.process.kill()

    serving.gone(children)
    assert served.get("/healthz") == 0


def test_the_embedded_database_is_up_meanwhile_and_down_afterwards(fresh_home: Path, tmp_path: Path) -> None:
    with serving.started("serve", "--no-worker", log=tmp_path / "log", OSTATOK_HOME=str(fresh_home)) as one:
        serving.announced(one, "answers at")
        answer = one.get("/readyz")
        status, _ = one.stop()

    assert (answer, status) == (200, 0)
    assert server(fresh_home).look() is State.DOWN


def test_a_port_in_use_is_said_before_anything_starts(fresh_home: Path, tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with serving.started("serve", log=tmp_path / "log", port=port, OSTATOK_HOME=str(fresh_home)) as one:
            status = one.process.wait(serving.PATIENCE)

    assert status == 1
    assert one.log.read_text() == f"ostatok: port {port} of 127.0.0.1 is in use: name another with --port\n"
    assert not fresh_home.exists()


def test_a_host_of_another_machine_is_refused() -> None:
    with pytest.raises(_serving.CannotServe, match=r"192\.0\.2\.1 cannot be listened at"):
        _serving.require_free("192.0.2.1", 8000)


def test_nothing_real_is_served_without_a_second_factor(database_url: str, tmp_path: Path) -> None:
    with serving.started("serve", log=tmp_path / "log", DATABASE_URL=database_url, OSTATOK_DEMO="1") as one:
        status = one.process.wait(serving.PATIENCE)

    assert status == 1
    assert "OSTATOK_DEMO is for `ostatok demo` alone" in one.log.read_text()


def test_who_keeps_dying_is_started_after_longer_and_longer_pauses() -> None:
    child = Child(name="short", command=[sys.executable, "-c", ""], environment=dict(os.environ))
    starts = [0.0]
    child.start(0.0)
    for second in range(1, 400):
        ends(child)
        began = child.began
        child.look(float(second))
        child.look(float(second))
        if child.began != began:
            starts.append(child.began)
    child.wait(serving.PATIENCE)

    assert [after - before for before, after in pairwise(starts)][:7] == [1, 2, 6, 16, 61, 61, 61]


def test_who_does_not_stop_is_killed_with_all_it_started() -> None:
    deaf = "import os, signal, time; signal.signal(15, signal.SIG_IGN); os.fork(); print(flush=True); time.sleep(600)"
    child = Child(name="deaf", command=[sys.executable, "-c", deaf], environment=dict(os.environ))
    child.start(0.0)
    assert child.process
    wait_until(lambda: bool(serving.descendants(child.process.pid)) if child.process else False)
    all_of_them = [child.process.pid, *serving.descendants(child.process.pid)]

    _children.stop([child], within=0.1)

    serving.gone(all_of_them)


def ends(child: Child) -> None:
    assert isinstance(child.process, subprocess.Popen)
    child.process.wait(serving.PATIENCE)


def all_of(served: Served, name: str) -> list[int]:
    return [pid for pid in served.children() if name in command(pid)]


def found(served: Served, name: str) -> int:
    return min(all_of(served, name))


def command(pid: int) -> str:
    try:
        return serving.command_of(pid)
    except OSError:
        return ""
