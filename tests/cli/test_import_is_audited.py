"""What the command line posts is in the audit as what programs post is: a record a batch, committed with it."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from django.db import connection
from psycopg.errors import CheckViolation

from ostatok.ledger.models import Entry
from ostatok.parties.models import AuditRecord, Organization
from tests.cli.conftest import Desk, Said
from tests.intake.description.conftest import ENERGO


@pytest.fixture
def energo(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    assert desk.apply(ENERGO).status == 0
    monkeypatch.chdir(tmp_path)
    return desk


def write(name: str, *rows: str) -> Path:
    file = Path(name)
    file.write_text("\n".join((*rows, "")), encoding="utf-8")
    return file


def post(desk: Desk, *refs: str, account: str = "100001", batch: int = 10_000) -> Said:
    rows = [f"{account},ad,charge,0.5,2026-01-05,{ref}" for ref in refs]
    file = write("entries.csv", "account,service,kind,amount,occurred_at,ref", *rows)
    return desk.run("import", "entries", file, "--organization", "energo", "--batch", str(batch))


def acts(*actions: str) -> Sequence[AuditRecord]:
    return list(AuditRecord.objects.filter(action__in=actions).order_by("pk"))


def test_entries_are_recorded_batch_by_batch_with_who_and_where_from(energo: Desk) -> None:
    assert post(energo, "a", "b", "c", "d", "e", batch=2).status == 0
    first, second, third = acts("entries.posted", "entry.posted")
    assert [one.changes for one in (first, second)] == [
        {"posted": [None, 2], "refs": [None, "a … b"]},
        {"posted": [None, 2], "refs": [None, "c … d"]},
    ]
    assert (third.action, third.subject) == ("entry.posted", "account energo/100001 ad")
    assert third.changes["ref"] == [None, "e"]
    assert {(one.origin, one.actor[:4]) for one in (first, second, third)} == {("cli", "cli:")}
    assert {one.organization for one in (first, second, third)} == {Organization.objects.get(code="energo")}


def test_balances_are_recorded_too(energo: Desk) -> None:
    rows = ("100001,ad,50,2026-01-05T08:00", "100001,ad,40,2026-01-05T09:00")
    file = write("balances.csv", "account,service,balance,as_of", *rows)
    assert energo.run("import", "balances", file, "--organization", "energo").status == 0
    assert {(one.subject, one.origin) for one in acts("balances.posted")} == {("balances energo", "cli")}
    assert sum(one.changes["posted"][1] for one in acts("balances.posted")) == 2


def test_what_posts_nothing_is_not_recorded(energo: Desk) -> None:
    for account, refs in (("100001", "ab"), ("100001", "ab"), ("999999", "cd")):
        post(energo, *refs, account=account)
    assert len(acts("entries.posted")) == 1


def test_a_batch_whose_record_fails_is_not_posted(energo: Desk) -> None:
    with connection.cursor() as cursor:
        cursor.execute("alter table audit_record add constraint no_entries check (action <> 'entries.posted')")
    with pytest.raises(CheckViolation, match="no_entries"):
        post(energo, "a", "b")
    assert not Entry.objects.exists()


def test_the_record_of_a_batch_is_one_however_large_it_is(energo: Desk) -> None:
    post(energo, *(f"r{number}" for number in range(2_000)))
    assert [one.changes["posted"] for one in acts("entries.posted")] == [[None, 2_000]]
