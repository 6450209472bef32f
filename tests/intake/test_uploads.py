"""Files handed over through a face: what is taken in, what becomes of it, and of a worker that dies over it."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from ostatok.cli.worker import POSTING
from ostatok.intake import uploads
from ostatok.intake.models import Import, ImportChunk, ImportRefusal
from ostatok.intake.uploads import UploadRefused
from ostatok.ledger.models import Entry
from ostatok.parties.access import System
from ostatok.parties.models import AuditRecord
from tests import faces

pytestmark = pytest.mark.django_db

HEAD = "account,service,kind,amount,occurred_at,ref\n"


@pytest.fixture
def world() -> faces.World:
    return faces.build()


def rows(count: int, start: int = 0) -> str:
    return "".join(f"100001,ad,charge,0.01,2026-01-05,r{index}\n" for index in range(start, start + count))


def accept(world: faces.World, content: str | bytes, **options: Any) -> Import:
    file = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    stated = {"kind": "entries", "name": "march.csv", "encoding": "utf-8", "now": faces.NOW, "origin": "test"}
    return uploads.accept(System(), world.north, **{**stated, "file": file, **options})


def run(one: Import, stopping: Callable[[], bool] = lambda: False) -> Import:
    uploads.run(one.pk, POSTING, clock=lambda: faces.NOW, stopping=stopping)
    one.refresh_from_db()
    return one


def complaint(world: faces.World, content: str | bytes, **options: Any) -> str:
    with pytest.raises(UploadRefused) as refused:
        accept(world, content, **options)
    return str(refused.value)


def test_a_file_is_posted_and_its_pieces_are_gone(world: faces.World) -> None:
    one = run(accept(world, HEAD + rows(3)))
    assert (one.state, one.posted, one.refused, one.percent) == ("done", 3, 0, 100)
    assert Entry.objects.filter(ref__in=["r0", "r1", "r2"]).count() == 3
    assert not ImportChunk.objects.exists()


def test_taking_a_file_in_asks_for_a_worker_and_is_audited(world: faces.World) -> None:
    one = accept(world, HEAD + rows(1))
    job = ProcrastinateJob.objects.get()
    assert (job.task_name, job.args) == ("ostatok:import", {"import_id": one.pk})
    assert AuditRecord.objects.filter(action="import.uploaded", organization=world.north).exists()


def test_bad_rows_are_kept_as_they_were_with_their_reasons(world: faces.World) -> None:
    content = HEAD + "999999,ad,charge,1,2026-01-05,x1\n" + "100001,ad,charge\n" + rows(1)
    one = run(accept(world, content))
    assert (one.posted, one.refused) == (1, 2)
    unknown, broken = ImportRefusal.objects.order_by("line")
    assert (unknown.line, unknown.reason, unknown.values[:3]) == (2, "unknown_account", ["999999", "ad", "charge"])
    assert (broken.line, broken.reason, broken.values, broken.text) == (3, "bad_row", [], "100001,ad,charge")


def test_balances_of_another_billing_are_taken_over(world: faces.World) -> None:
    one = run(accept(world, "account,service,balance,as_of\n100004,ad,50,2026-01-05\n", kind="balances"))
    assert (one.state, one.posted) == ("done", 1)
    assert world.balance("100004", "ad").amount == 3000


def test_a_worker_that_takes_over_goes_on_behind_the_last_batch(
    world: faces.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_BATCH", 10)
    one = accept(world, HEAD + rows(25))
    asked = iter([False, True])
    run(one, stopping=lambda: next(asked))
    assert (one.state, one.posted, one.last_line) == ("running", 10, 11)
    run(one)
    assert (one.state, one.posted, one.duplicates, one.last_line) == ("done", 25, 0, 26)


def test_a_batch_that_was_posted_but_not_noted_is_found_as_duplicates(world: faces.World) -> None:
    one = accept(world, HEAD + rows(5))
    run(one)
    again = run(accept(world, HEAD + rows(7)))
    assert (again.posted, again.duplicates) == (2, 5)


def test_a_cancelled_import_keeps_what_was_posted(world: faces.World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_BATCH", 10)
    one = accept(world, HEAD + rows(25))
    asked = iter([False, True])
    run(one, stopping=lambda: next(asked))
    uploads.cancel(System(), one, now=faces.NOW, origin="test")
    run(one)
    assert (one.state, one.posted) == ("cancelled", 10)
    assert not ImportChunk.objects.exists()


def test_an_import_that_waits_is_cancelled_at_once(world: faces.World) -> None:
    one = accept(world, HEAD + rows(1))
    uploads.cancel(System(), one, now=faces.NOW, origin="test")
    assert run(one).state == "cancelled"
    assert not Entry.objects.filter(ref="r0").exists()


def test_imports_whose_worker_may_be_gone_are_found(world: faces.World) -> None:
    one = accept(world, HEAD + rows(1))
    assert uploads.unfinished(before=faces.NOW) == []
    assert uploads.unfinished(before=faces.NOW + timedelta(minutes=2)) == [one.pk]
    run(one)
    assert uploads.unfinished(before=faces.NOW + timedelta(minutes=2)) == []


def test_refused_rows_are_forgotten_but_their_number_stays(world: faces.World) -> None:
    one = run(accept(world, HEAD + "999999,ad,charge,1,2026-01-05,x1\n"))
    assert uploads.forget_refused_rows(before=faces.NOW) == 0
    assert uploads.forget_refused_rows(before=faces.NOW + timedelta(seconds=1)) == 1
    one.refresh_from_db()
    assert one.refused == 1


def test_asking_twice_for_a_worker_makes_one_job(world: faces.World) -> None:
    one = accept(world, HEAD + rows(1))
    uploads.enqueue(one.pk)
    assert ProcrastinateJob.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"PK\x03\x04rest of an xlsx", "save it as CSV"),
        (b"\xd0\xcf\x11\xe0 xls", "save it as CSV"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b gzip", "compressed"),
        ("account".encode("utf-16"), "UTF-16"),
        (b"MZ\0\0binary", "no text"),
        (b"account,servise\n", 'did you mean "service"'),
    ],
)
def test_what_is_no_table_is_refused_by_its_content(world: faces.World, content: bytes, said: str) -> None:
    assert said in complaint(world, content)
    assert not Import.objects.exists()


def test_a_file_that_is_too_large_leaves_nothing(world: faces.World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LIMIT", 50)
    assert "larger than" in complaint(world, HEAD + rows(3))
    assert not Import.objects.exists()
    assert not ProcrastinateJob.objects.exists()


def test_a_name_loses_its_directories_and_controls(world: faces.World) -> None:
    assert accept(world, HEAD + rows(1), name="C:\\Users\\Анна\\март\r\n.csv").file_name == "март.csv"
