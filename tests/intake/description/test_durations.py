"""Durations as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostatok.intake.description import durations


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("24h", timedelta(days=1)),
        ("30m", timedelta(minutes=30)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(days=14)),
        ("90s", timedelta(seconds=90)),
        ("1h30m", timedelta(minutes=90)),
        ("1h 30m", timedelta(minutes=90)),
    ],
)
def test_a_duration_is_a_count_and_a_unit(written: str, meant: timedelta) -> None:
    assert durations.parse(written) == meant


@pytest.mark.parametrize("written", ["", "24", "h", "1.5h", "-1h", "24 hours", "0s", "9999999w", "1h-2m"])
def test_what_is_no_duration_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        durations.parse(written)


@pytest.mark.parametrize(
    ("duration", "written"),
    [
        (timedelta(hours=24), "24h"),
        (timedelta(days=7), "7d"),
        (timedelta(minutes=90), "90m"),
        (timedelta(seconds=5), "5s"),
    ],
)
def test_a_duration_is_written_as_people_would(duration: timedelta, written: str) -> None:
    assert durations.write(duration) == written


@given(st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=3650)))
def test_a_written_duration_reads_back_the_same(duration: timedelta) -> None:
    whole = timedelta(seconds=int(duration.total_seconds()))
    assert durations.parse(durations.write(whole)) == whole
