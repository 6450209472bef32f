"""Keeping the pages and a worker up until told to stop: what `ostatok serve` and `ostatok demo` do."""

import errno
import http.client
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

import click

from ostatok.cli import _children, _signals, main
from ostatok.cli._children import Child
from ostatok.kernel.errors import OstatokError

LOOK_SECONDS: Final = 0.2
START_SECONDS: Final = 120.0
STOP_SECONDS: Final = 29.0
_ANY: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 (only compared)
_HOSTS: Final = "OSTATOK_HOSTS"


class CannotServe(OstatokError):
    """The pages cannot be served there, or their server does not start."""


host_option: Final = click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
port_option: Final = click.option(
    "--port", type=click.IntRange(1, 65_535), default=8000, show_default=True, help="The port to listen at."
)


class Command(main.Command):
    """A command that serves, unless it is told `--no-serve`; it must not open the database where it could not."""

    def invoke(self, ctx: click.Context) -> Any:
        """Look at the port first."""
        if ctx.params.get("serve", True):
            require_free(ctx.params["host"], ctx.params["port"])
        return super().invoke(ctx)


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where the pages are served, by how many processes, and what the processes find in their environment."""

    host: str
    port: int
    processes: int
    with_worker: bool
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The address for a browser on this machine."""
        name = "localhost" if self.host in _ANY else self.host
        return f"http://{f'[{name}]' if ':' in name else name}:{self.port}"


def require_free(host: str, port: int) -> None:
    """Raise CannotServe if nobody could listen there, before anything is started."""
    try:
        [family, kind, protocol, _, address] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with closing(socket.socket(family, kind, protocol)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        raise CannotServe(f"{host} is no address of this machine: name another with --host") from None
    except OSError as error:
        raise CannotServe(_why_not(host, port, error)) from None


def serve(site: Site, *, ready: Callable[[], None]) -> None:
    """Serve until Ctrl-C or SIGTERM, with a worker beside if wanted; `ready` is called once the pages answer.

    The database must be open. Whoever ends by itself is started again. Raises CannotServe if the pages do not come up.
    """
    web, *others = _household(site)
    with _signals.stop_requested("Stopping, which takes half a minute at most; Ctrl-C again to stop at once.") as stop:
        try:
            for child in (web, *others):
                child.start(time.monotonic())
            if _wait_for_pages(site, web, stop):
                ready()
            while not stop.signum:
                for child in (web, *others):
                    child.look(time.monotonic())
                time.sleep(LOOK_SECONDS)
        finally:
            _children.stop([web, *others], STOP_SECONDS)


def _household(site: Site) -> list[Child]:
    environment = {**os.environ, **main.environment(), **_hosts(site), **site.environment}
    web = [sys.executable, "-m", "ostatok.cli._web", site.host, str(site.port), str(site.processes)]
    worker = [sys.executable, "-m", "ostatok.cli._leash", "ostatok", "worker"]
    commands = {"web": web} | ({"worker": worker} if site.with_worker else {})
    return [Child(name=name, command=command, environment=environment) for name, command in commands.items()]


def _hosts(site: Site) -> Mapping[str, str]:
    """A host named on the command line is one the pages may be asked under, unless the environment says which are."""
    if os.environ.get(_HOSTS) or site.host in _ANY:
        return {}
    return {_HOSTS: f"localhost,127.0.0.1,[::1],{f'[{site.host}]' if ':' in site.host else site.host}"}


def _wait_for_pages(site: Site, web: Child, stop: _signals.Stop) -> bool:
    """Return whether the pages answer; not if we are told to stop meanwhile."""
    deadline = time.monotonic() + START_SECONDS
    while not stop.signum:
        if _answers(site):
            return True
        if not web.runs() or time.monotonic() > deadline:
            raise CannotServe("the pages do not come up: what is amiss stands above")
        time.sleep(LOOK_SECONDS)
    return False


def _answers(site: Site) -> bool:
    host = "127.0.0.1" if site.host in _ANY else site.host
    with closing(http.client.HTTPConnection(host, site.port, timeout=5)) as connection:
        try:
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
    return True


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use: name another with --port"
    return f"port {port} of {host} cannot be listened at: {error.strerror}"
