"""A worker is killed while it posts a file: another goes on, and every row is posted once."""

from pathlib import Path

import pytest

from ostatok.cli.worker import POSTING
from ostatok.delivery.channels.email.sink import Sink
from ostatok.intake import uploads
from ostatok.intake.models import Import
from ostatok.ledger.models import Entry
from ostatok.parties.access import System
from tests import faces
from tests.delivery.processes import Fleet, until

ROWS = 60_000


@pytest.fixture
def handed_over(transactional_db: None, tmp_path: Path) -> Import:
    world = faces.build()
    content = tmp_path / "large.csv"
    head = "account,service,kind,amount,occurred_at,ref\n"
    content.write_text(head + "".join(f"100001,appps,charge,0.001,2026-01-05,k{row}\n" for row in range(ROWS)))
    with content.open("rb") as file:
        return uploads.accept(
            System(),
            world.north,
            kind="entries",
            name="large.csv",
            file=file,
            encoding="utf-8",
            now=faces.NOW,
            origin="test",
        )


def test_a_worker_killed_midway_is_followed_by_another(handed_over: Import, database_url: str, tmp_path: Path) -> None:
    one = handed_over
    fleet = Fleet(database_url, Sink(tmp_path), tmp_path)
    with fleet.worker() as worker:
        until(lambda: Import.objects.filter(pk=one.pk, last_line__gt=0).exists(), why="the first batch")
        worker.kill()
        worker.wait()
    until(lambda: _goes_on(one), why="the end of the import")
    assert one.posted + one.duplicates == ROWS
    assert Entry.objects.filter(ref__startswith="k").count() == ROWS


def _goes_on(one: Import) -> bool:
    """The lock is free once the server has noticed that the worker is gone."""
    uploads.run(one.pk, POSTING, clock=lambda: faces.NOW, stopping=lambda: False)
    one.refresh_from_db()
    return one.state == "done"
