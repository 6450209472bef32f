"""The statement of a balance: in the order of posting, with what was left after each entry."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from ostatok.ledger import statements
from ostatok.ledger.models import Account, Balance, Entry, EntryKind
from ostatok.ledger.statements import Period
from ostatok.parties import wall
from ostatok.parties.access import Member, Role
from tests import faces

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


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


@pytest.fixture
def account(world: faces.World) -> Account:
    """An account whose two long balances are posted to in turn, by clocks that do not agree."""
    account = world.accounts["100001"]
    rows = [
        (
            world.north.pk,
            world.balance("100001", service).pk,
            1000 + n,
            faces.NOW + (n * 2 + skew) * SECOND,
            f"{service}{n}",
        )
        for n in range(1_000)
        for service, skew in (("ad", -3 * (n % 5 == 0)), ("appps", 1))
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO entry (organization_id, balance_id, seq, kind, amount, occurred_at, posted_at, ref, memo)"
            " VALUES (%s, %s, %s, 2, -1, '2026-01-01Z', %s, %s, '')",
            rows,
        )
        cursor.execute("ANALYZE entry")
    return account


def _balances(account: Account) -> list[Balance]:
    return list(Balance.objects.filter(account=account).select_related("service"))


def _every(account: Account) -> QuerySet[Entry]:
    return Entry.objects.filter(organization=account.organization)


def _pages(account: Account, size: int, most: int) -> Iterator[list[Entry]]:
    below = None
    for _page in range(most):
        found = statements.of_account(_every(account), _balances(account), below=below, size=size)
        yield list(found.items)
        below = found.below
        if below is None:
            return


@pytest.mark.parametrize("onwards", [False, True])
def test_pages_of_an_account_are_read_by_the_primary_key_and_never_sorted(account: Account, onwards: bool) -> None:
    clerk = Member(user_id=1, name="clerk", roles={account.organization_id: Role.CLERK})
    below = statements.of_account(_every(account), _balances(account), size=50).below if onwards else None
    with wall.raised_for(clerk):
        every = Entry.objects.visible_to(clerk).filter(organization=account.organization)
        with CaptureQueriesContext(connection) as ran:
            statements.of_account(every, _balances(account), below=below, size=50)
        found = next(one["sql"] for one in ran.captured_queries if "UNION ALL" in one["sql"])
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN ANALYZE {found}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
    assert plan.count("Index Scan Backward using entry_pkey") == 3
    assert "Sort" not in plan
    assert max(int(float(rows)) for rows in re.findall(r"actual time=\S+ rows=([\d.]+)", plan)) <= 51 * 3


def test_entries_of_an_account_stand_newest_first_and_in_the_order_of_posting(account: Account) -> None:
    [shown] = _pages(account, 500, most=1)
    for balance in _balances(account):
        seqs = [entry.seq for entry in shown if entry.balance_id == balance.pk]
        assert seqs == sorted(seqs, reverse=True)
    ahead = [later.posted_at - earlier.posted_at for earlier, later in pairwise(shown)]
    assert max(ahead) <= 4 * SECOND
    assert {entry.balance.service.code for entry in shown} == {"ad", "appps"}


@pytest.mark.parametrize("size", [1, 7, 50])
def test_an_entry_stands_in_its_place_whatever_the_size_of_the_pages(account: Account, size: int) -> None:
    [whole] = _pages(account, 120, most=1)
    pages = list(_pages(account, size, most=120 // size))
    assert [entry.pk for page in pages for entry in page] == [entry.pk for entry in whole][: size * (120 // size)]


def test_the_last_page_ends_with_the_first_entry_of_all(world: faces.World) -> None:
    account = world.accounts["100001"]
    shown = [entry.pk for page in _pages(account, 2, most=100) for entry in page]
    assert sorted(shown) == sorted(_every(account).filter(balance__account=account).values_list("pk", flat=True))
    assert len(shown) == len(set(shown))


def test_what_is_posted_meanwhile_is_not_in_the_pages_that_follow(world: faces.World) -> None:
    account = world.accounts["100001"]
    first = statements.of_account(_every(account), _balances(account), size=1)
    shown = statements.of_account(_every(account), _balances(account), below=first.below, size=100)
    for service in ("ad", "appps", "internet"):
        faces.post(world.north, ("100001", service, EntryKind.TOP_UP, "7", timedelta(0)))
    again = statements.of_account(_every(account), _balances(account), below=first.below, size=100)
    assert [entry.pk for entry in again.items] == [entry.pk for entry in shown.items]


def test_an_account_without_balances_has_no_entries(world: faces.World) -> None:
    assert statements.of_account(Entry.objects.all(), [], size=50) == statements.Piece(items=[], below=None)


def test_a_period_has_what_occurred_in_it_and_its_sums(world: faces.World) -> None:
    rows = Entry.objects.filter(organization=world.north, balance=world.balance("100001", "appps"))
    days = Period(since=faces.NOW - 5 * DAY, until=faces.NOW - 2 * DAY)
    assert [int(entry.amount) for entry in days.of(rows)] == [-50 * 60]
    assert statements.sums(rows) == statements.Sums(came=Decimal(2000 * 60), went=Decimal(-350 * 60))
