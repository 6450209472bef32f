"""The worker posts files that were handed over."""

import asyncio
import dataclasses
import io
from datetime import UTC, datetime
from functools import partial

import pytest
from django.db import connections

from ostatok.cli.worker import POSTING
from ostatok.delivery import jobs
from ostatok.intake import jobs as intake_jobs
from ostatok.intake import uploads
from ostatok.intake.models import Import
from ostatok.parties.access import System
from tests import faces
from tests.delivery.test_jobs import run_until

CONTENT = b"account,service,kind,amount,occurred_at,ref\n100001,ad,charge,1,2026-01-05,r1\n"


@pytest.fixture
def handed_over(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Import:
    # The threads that jobs run in must not keep their connections beyond the test.
    monkeypatch.setitem(connections["default"].settings_dict, "CONN_MAX_AGE", 0)
    world = faces.build()
    return uploads.accept(
        System(),
        world.north,
        kind="entries",
        name="march.csv",
        file=io.BytesIO(CONTENT),
        encoding="utf-8",
        now=faces.NOW,
        origin="test",
    )


def test_the_worker_posts_a_file_that_was_handed_over(handed_over: Import) -> None:
    finished: list[datetime] = []
    posting = dataclasses.replace(POSTING, finish=finished.append)
    work = jobs.runner(partial(intake_jobs.blueprint, posting, clock=lambda: datetime.now(UTC)))
    asyncio.run(run_until([work], lambda: bool(finished)))
    handed_over.refresh_from_db()
    assert handed_over.posted == 1
