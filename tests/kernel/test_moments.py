"""Moments in the words people use beside a clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ostatok.kernel import moments

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 21, 8, 46, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "today at 11:46"),
        ("ru", "сегодня в 11:46"),
        ("pl", "dziś o 11:46"),
        ("kk", "бүгін сағат 11:46"),
        ("ru-RU", "сегодня в 11:46"),
        ("de", "today at 11:46"),
    ],
)
def test_a_moment_of_today_is_told_so_in_each_language(language: str, told: str) -> None:
    assert moments.near(NOW, NOW, language, MOSCOW) == told


def test_yesterday_and_tomorrow_are_days_of_the_readers_zone() -> None:
    late = datetime(2026, 11, 21, 21, 30, tzinfo=UTC)
    assert moments.near(late, NOW, "ru", MOSCOW) == "завтра в 00:30"
    assert moments.near(late, NOW, "ru", ZoneInfo("Europe/London")) == "сегодня в 21:30"
    assert moments.near(NOW - timedelta(days=1), NOW, "en", MOSCOW) == "yesterday at 11:46"


def test_the_year_is_told_only_where_it_is_not_this_one() -> None:
    assert moments.near(NOW - timedelta(days=3), NOW, "ru", MOSCOW) == "18\u00a0ноября, 11:46"
    assert moments.near(NOW - timedelta(days=365), NOW, "ru", MOSCOW) == "21\u00a0ноября 2025, 11:46"


def test_a_day_goes_without_its_time() -> None:
    assert moments.near_day(NOW, NOW, "pl", MOSCOW) == "dziś"
    assert moments.near_day(date(2026, 11, 6), NOW, "ru", MOSCOW) == "6\u00a0ноября"
    assert moments.near_day(date(2025, 12, 28), NOW, "ru", MOSCOW) == "28\u00a0декабря 2025"


def test_how_long_ago_is_one_rounded_unit() -> None:
    assert moments.ago(NOW - timedelta(minutes=47), NOW, "ru") == "47 минут назад"
    assert moments.ago(NOW - timedelta(minutes=58), NOW, "en") == "1 hour ago"
    assert moments.ago(NOW + timedelta(days=3), NOW, "ru") == "через 3 дня"
    assert moments.ago(NOW, NOW, "ru") == "только что"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (12, "12 секунд"),
        (0, "0 секунд"),
        (-5, "0 секунд"),
        (7504, "2 часа 5 минут"),
        (3600, "1 час"),
        (86400 * 3 + 4, "3 дня"),
    ],
)
def test_a_duration_has_at_most_two_neighbouring_units(seconds: int, told: str) -> None:
    assert moments.duration(timedelta(seconds=seconds), "ru").replace("\u00a0", " ") == told


def test_a_short_duration_abbreviates() -> None:
    assert moments.duration(timedelta(hours=2, minutes=5), "ru", short=True).replace("\u00a0", " ") == "2 ч 5 мин"


@pytest.mark.parametrize(
    ("language", "today", "tomorrow", "later"),
    [
        ("en", "13:46 today", "tomorrow", "24 November"),
        ("ru", "13:46 сегодня", "завтра", "24 ноября"),
        ("pl", "13:46 dziś", "jutra", "24 listopada"),
        ("kk", "бүгін сағат 13:46", "ертең", "24 қараша"),
    ],
)
def test_until_when_is_told_to_the_hour_within_a_day_only(language: str, today: str, tomorrow: str, later: str) -> None:
    told = [moments.until(NOW + timedelta(hours=hours), NOW, language, MOSCOW) for hours in (2, 30, 72)]
    assert [each.replace("\u00a0", " ") for each in told] == [today, tomorrow, later]


def test_until_tomorrow_has_an_hour_where_that_is_less_than_a_day_away() -> None:
    assert moments.until(NOW + timedelta(hours=20), NOW, "pl", MOSCOW) == "07:46\u00a0jutro"
