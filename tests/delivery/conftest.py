"""A mail server and a worker to play with."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ostatok.delivery import worker
from ostatok.delivery.channels.email import EmailChannel
from ostatok.delivery.channels.email import url as email_url
from ostatok.delivery.channels.email.sink import Sink
from ostatok.delivery.worker import Summary
from tests.delivery.world import World

AT_ONCE = (timedelta(0), timedelta(0), timedelta(0))
LATER = (timedelta(0), timedelta(hours=1), timedelta(hours=2))


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    """An SMTP server that keeps its mails."""
    one = Sink(tmp_path)
    one.up()
    yield one
    one.close()


@dataclass(frozen=True)
class Post:
    """Runs a worker in this process until nothing is due."""

    sink: Sink
    timeout: float = 2

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.sink.port}?timeout={self.timeout}"

    @property
    def provider(self) -> str:
        """What a worker calls the server."""
        return f"smtp:127.0.0.1:{self.sink.port}"

    def once(self, schedule: Sequence[timedelta] = LATER, **options: Any) -> Summary:
        return asyncio.run(self._once(schedule, options))

    async def _once(self, schedule: Sequence[timedelta], options: dict[str, Any]) -> Summary:
        channels = {"email": EmailChannel(email_url.parse(self.url))}
        return await worker.run(once=True, channels=channels, schedule=schedule, **options)


@pytest.fixture
def post(sink: Sink, transactional_db: None) -> Post:
    return Post(sink)


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


@pytest.fixture
def make_world(transactional_db: None) -> Callable[..., World]:
    return World
