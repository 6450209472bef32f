"""docs/quickstart.md, typed as it stands, with a mail server beside it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ostatok.delivery.channels.email.sink import HOST, Sink
from tests.docs import sessions
from tests.docs.pages import page


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    """What the page says to keep running in another terminal."""
    mails = tmp_path / "mails"
    mails.mkdir()
    one = Sink(mails)
    one.up()
    yield one
    one.close()


def test_every_step_prints_what_the_page_says(
    transactional_db: None, tmp_path: Path, sink: Sink, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings.OSTATOK_EMAIL_URL = f"smtp://{HOST}:{sink.port}"

    ran = sessions.play(page("quickstart.md"), tmp_path)

    assert {one.status for one in ran} == {0}
    assert [mail.recipient for mail in sink.mails] == ["office@riverside.test"] * 2
