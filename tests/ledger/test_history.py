"""What was left of a balance over time, told backwards from what is left now."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ostatok.ledger import history
from ostatok.ledger.models import Balance
from tests.ledger.shop import NOW, Shop

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def told(shop: Shop, *, since: datetime) -> list[tuple[timedelta, int]]:
    """How long ago, and how many minutes were left from then on."""
    balance = Balance.objects.get(pk=shop.minutes.pk)
    return [(NOW - point.at, int(point.amount) // 60) for point in history.of_balance(balance, since=since, now=NOW)]


def test_the_chart_begins_with_the_first_entry_and_ends_with_what_is_left(shop: Shop) -> None:
    shop.post(
        shop.entry("top_up", "100", occurred_at=NOW - 5 * DAY),
        shop.entry("charge", "30", occurred_at=NOW - 3 * DAY),
        shop.entry("charge", "20", occurred_at=NOW - DAY),
    )
    assert told(shop, since=NOW - 30 * DAY) == [(5 * DAY, 100), (3 * DAY, 70), (DAY, 50)]


def test_a_chart_of_a_part_begins_with_what_was_left_then(shop: Shop) -> None:
    shop.post(
        shop.entry("top_up", "100", occurred_at=NOW - 5 * DAY),
        shop.entry("charge", "30", occurred_at=NOW - 3 * DAY),
        shop.entry("charge", "20", occurred_at=NOW - DAY),
    )
    assert told(shop, since=NOW - 4 * DAY) == [(4 * DAY, 100), (3 * DAY, 70), (DAY, 50)]


def test_an_entry_that_came_late_changes_the_past(shop: Shop) -> None:
    shop.post(shop.entry("top_up", "100", occurred_at=NOW - 5 * DAY))
    shop.post(shop.entry("charge", "20", occurred_at=NOW - DAY))
    shop.post(shop.entry("charge", "10", occurred_at=NOW - 2 * DAY))
    assert told(shop, since=NOW - 30 * DAY) == [(5 * DAY, 100), (2 * DAY, 90), (DAY, 70)]


def test_a_balance_never_posted_to_has_no_chart(shop: Shop) -> None:
    assert told(shop, since=NOW - DAY) == []


def test_however_many_entries_a_chart_has_a_bounded_number_of_points_and_one_query(shop: Shop) -> None:
    shop.post(
        shop.entry("top_up", "1000", occurred_at=NOW - 5 * DAY),
        *(shop.entry("charge", "1", occurred_at=NOW - timedelta(minutes=7 * nth)) for nth in range(900)),
    )
    with CaptureQueriesContext(connection) as queries:
        points = told(shop, since=NOW - 5 * DAY)
    assert len(queries) == 2  # the balance, and its chart
    assert 100 < len(points) <= history.STEPS + 1
    assert points[-1] == (timedelta(0), 100)
