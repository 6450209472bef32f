"""How long what is left lasts: the pure figures."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ostatok.ledger import forecast

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WINDOW = 7 * DAY + 9 * HOUR
AMOUNTS = st.decimals(min_value=0, max_value=10**24, places=6)


def test_use_counts_from_the_midnight_seven_days_ago() -> None:
    assert forecast.first_day(NOW) == date(2026, 11, 14)
    assert forecast.first_day(datetime.fromisoformat("2026-11-21T03:00+05:00")) == date(2026, 11, 13)


def test_use_is_divided_by_that_time_by_the_age_of_a_younger_balance_and_by_a_day_at_least() -> None:
    assert forecast.span(NOW - 30 * DAY, NOW) == forecast.span(None, NOW) == WINDOW
    assert forecast.span(NOW - 3 * DAY, NOW) == 3 * DAY
    assert forecast.span(NOW - HOUR, NOW) == DAY
    assert forecast.span(NOW + HOUR, NOW) == DAY


def test_fifteen_minutes_last_sixteen_hours_at_twenty_two_and_a_half_a_day() -> None:
    assert forecast.daily_use(Decimal(9450), 7 * DAY) == Decimal(1350)
    assert forecast.lasts_until(Decimal(900), Decimal(9450), 7 * DAY, NOW) == NOW + 16 * HOUR


def test_what_is_used_up_or_not_used_or_lasts_beyond_a_year_has_no_date() -> None:
    assert forecast.lasts_until(Decimal(0), Decimal(1), DAY, NOW) is None
    assert forecast.lasts_until(Decimal(1), Decimal(0), DAY, NOW) is None
    assert forecast.lasts_until(Decimal(366), Decimal(1), DAY, NOW) == NOW + forecast.HORIZON
    assert forecast.lasts_until(Decimal("366.000012"), Decimal(1), DAY, NOW) is None


@given(available=AMOUNTS.filter(bool), used=AMOUNTS.filter(bool), hours=st.integers(24, 192))
def test_at_the_moment_foretold_what_was_left_is_just_used_up(available: Decimal, used: Decimal, hours: int) -> None:
    until = forecast.lasts_until(available, used, hours * HOUR, NOW)
    if until is not None:
        seconds = (until - NOW) // timedelta(seconds=1)
        assert Fraction(used) * seconds <= Fraction(available) * hours * 3600 < Fraction(used) * (seconds + 1)
