"""Times of day where clocks skip and repeat them."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from ostatok.kernel import local_times

WARSAW, APIA = ZoneInfo("Europe/Warsaw"), ZoneInfo("Pacific/Apia")


@pytest.mark.parametrize(
    ("zone", "day", "at", "moment"),
    [
        (WARSAW, date(2026, 11, 25), time(8), datetime(2026, 11, 25, 7, tzinfo=UTC)),
        # 02:00 to 03:00 is skipped: it is 03:00 then.
        (WARSAW, date(2026, 3, 29), time(2, 30), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        # 02:30 comes twice: the first.
        (WARSAW, date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        # A day that there was not: the next.
        (APIA, date(2011, 12, 30), time(8), datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ],
)
def test_a_skipped_time_is_the_next_one_shown_and_a_repeated_one_the_first(
    zone: ZoneInfo, day: date, at: time, moment: datetime
) -> None:
    assert local_times.moment_of(day, at, zone) == moment
