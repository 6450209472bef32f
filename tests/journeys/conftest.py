from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ostatok.delivery.channels.email.sink import Sink
from tests.journeys.desk import Desk


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    """A mail server that keeps what it takes."""
    mails = tmp_path / "mails"
    mails.mkdir()
    one = Sink(mails)
    one.up()
    yield one
    one.close()


@pytest.fixture
def desk(transactional_db: None, database_url: str, sink: Sink, tmp_path: Path, settings: Any) -> Desk:
    """A database without anything in it, and commands to fill it."""
    settings.OSTATOK_EMAIL_URL = f"smtp://127.0.0.1:{sink.port}"
    settings.OSTATOK_HOME = tmp_path
    return Desk(sink, tmp_path, DATABASE_URL=database_url, OSTATOK_HOME=str(tmp_path))
