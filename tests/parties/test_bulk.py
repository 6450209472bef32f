"""Many rows are written by COPY, and are the rows that were meant."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ostatok.ledger.models import Service
from ostatok.parties import bulk
from ostatok.parties.models import AuditRecord, Client, Organization

pytestmark = pytest.mark.django_db


def test_inserted_rows_have_ids_and_read_back_as_they_were() -> None:
    energo = Organization.objects.create(code="energo", name="Energo")
    awkward = ['tab\t"quote" \\N', "line\nend\r", "", "Ж 🙂"]
    rows = [Client(organization=energo, code=f"c{n}", name=name, tags=[name, "b"]) for n, name in enumerate(awkward)]
    bulk.insert(rows)
    kept = Client.objects.in_bulk()
    assert [(kept[row.pk].name, kept[row.pk].tags) for row in rows] == [(name, [name, "b"]) for name in awkward]
    assert [kept[row.pk].created_at for row in rows] == [row.created_at for row in rows]


def test_rows_inserted_later_get_other_ids() -> None:
    energo = Organization.objects.create(code="energo", name="Energo")
    bulk.insert([Client(organization=energo, code="c1", name="A")])
    assert Client.objects.create(organization=energo, code="c2", name="B").pk != Client.objects.get(code="c1").pk


def test_nulls_amounts_and_documents_are_kept() -> None:
    energo = Organization.objects.create(code="energo", name="Energo")
    bulk.insert([Service(organization=energo, code="s", name="S", unit="min", rearm_from=Decimal("0.000001"))])
    bulk.insert([AuditRecord(actor="a", action="b", subject="c", changes={"x": [None, "ж"]})])
    assert Service.objects.get().rearm_from == Decimal("0.000001")
    assert (AuditRecord.objects.get().organization, AuditRecord.objects.get().changes) == (None, {"x": [None, "ж"]})


def test_an_update_writes_the_named_columns_of_these_rows_only() -> None:
    energo = Organization.objects.create(code="energo", name="Energo")
    rows = [Client(organization=energo, code=f"c{n}", name="old") for n in range(3)]
    bulk.insert(rows)
    for row in rows[:2]:
        row.name, row.email, row.tags = "new", "unwritten@x.test", ["a"]
    bulk.update(rows[:2], ["name", "tags"])
    kept = Client.objects.order_by("code").values_list("name", "email", "tags")
    assert list(kept) == [("new", "", ["a"]), ("new", "", ["a"]), ("old", "", [])]


def test_updates_may_follow_each_other_in_one_transaction() -> None:
    energo = Organization.objects.create(code="energo", name="Energo")
    client = Client.objects.create(
        organization=energo, code="c", name="old", created_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    for name in ("new", "newer"):
        client.name = name
        bulk.update([client], ["name"])
    client.refresh_from_db()
    assert client.name == "newer"


def test_nothing_to_write_is_no_statement(django_assert_num_queries: pytest.FixtureRequest) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        bulk.insert([])
        bulk.update([], ["name"])
