"""The statement of a balance: in the order of posting, with what was left after each entry."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from ostatok.ledger import statements
from ostatok.ledger.models import Entry, EntryKind
from ostatok.ledger.statements import Period
from tests import faces

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def world() -> faces.World:
    """A balance: 2,000 minutes came six days ago, 300 went two days ago; then came 50 of five days ago, late."""
    world = faces.build()
    faces.post(world.north, ("100001", "appps", EntryKind.CHARGE, "50", 5 * DAY))
    return world


def test_a_late_entry_stands_where_it_was_posted_and_changes_what_was_left_from_then_on(world: faces.World) -> None:
    balance = world.balance("100001", "appps")
    every = Entry.objects.filter(organization=world.north, balance=balance)
    shown = list(every.order_by(*statements.ORDER))
    after = statements.left_after(every, balance, shown)
    assert [(int(entry.amount), int(after[entry.seq])) for entry in shown] == [
        (-50 * 60, 1650 * 60),
        (-300 * 60, 1700 * 60),
        (2000 * 60, 2000 * 60),
    ]


def test_what_was_left_is_the_same_on_whichever_page_an_entry_stands(world: faces.World) -> None:
    balance = world.balance("100001", "appps")
    every = Entry.objects.filter(organization=world.north, balance=balance)
    shown = list(every.order_by(*statements.ORDER))
    whole = statements.left_after(every, balance, shown)
    for page in (shown[:1], shown[1:2], shown[1:], shown[::2]):
        after = statements.left_after(every, balance, page)
        assert [after[entry.seq] for entry in page] == [whole[entry.seq] for entry in page]
    assert statements.left_after(every, balance, []) == {}


def test_a_page_of_a_long_statement_is_read_by_the_primary_key(world: faces.World) -> None:
    balance = world.balance("100001", "appps")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO entry (organization_id, balance_id, seq, kind, amount, occurred_at, posted_at, ref, memo) "
            "SELECT %s, %s, 1000 + n, 2, -1, %s, %s, 'long-' || n, '' FROM generate_series(1, 5000) AS n",
            [world.north.pk, balance.pk, faces.NOW, faces.NOW],
        )
        cursor.execute("ANALYZE entry")
    every = Entry.objects.filter(organization=world.north, balance=balance)
    plan = every.order_by(*statements.ORDER)[:51].explain()
    assert "Index Scan Backward using entry_pkey" in plan
    assert "Sort" not in plan


def test_a_period_has_what_occurred_in_it_and_its_sums(world: faces.World) -> None:
    rows = Entry.objects.filter(organization=world.north, balance=world.balance("100001", "appps"))
    days = Period(since=faces.NOW - 5 * DAY, until=faces.NOW - 2 * DAY)
    assert [int(entry.amount) for entry in days.of(rows)] == [-50 * 60]
    assert statements.sums(rows) == statements.Sums(came=Decimal(2000 * 60), went=Decimal(-350 * 60))
