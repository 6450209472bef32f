"""The chart: what was left over weeks, the mark and its bands, now, and a dashed forecast to the day it ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from decimal import ROUND_CEILING, Decimal
from typing import Final

from ostatok.web.drawing import bar, line
from ostatok.web.drawing.line import Forecast, Point, Rise, Span

TOP, BOTTOM = 9.0, 85.0
ZERO: Final = Decimal(0)
_BANDS: Final = ((Decimal(20), "low"), (Decimal(10), "lower"), (Decimal(5), "crit"))
_DAYS: Final = (1, 2, 3, 7, 14, 28, 56, 91, 182, 364)
_MOST_DATES: Final = 6
_ROOM: Final = 8.0


@dataclass(frozen=True, slots=True)
class Level:
    """A line across, at an amount; `band` for the edges of the bands, empty for the grid."""

    y: str
    amount: Decimal
    band: str = ""


@dataclass(frozen=True, slots=True)
class Date:
    """A midnight below the drawing."""

    x: str
    at: datetime
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Paths in a box of 100 by 100, the rest in per cents; `x` is now, `y` what is left."""

    path: str
    area: str
    forecast: str
    levels: tuple[Level, ...]
    dates: tuple[Date, ...]
    x: str
    y: str


def draw(
    points: Sequence[Point],
    *,
    now: datetime,
    zone: tzinfo,
    until: datetime | None = None,
    floor: Decimal = ZERO,
    mark: Decimal | None = None,
    grain: int = 1,
) -> Chart | None:
    """The chart of a balance, oldest point first, and its fall to `floor`; None if there are no points.

    Amounts are in bases; `grain` bases are one unit, so that the grid stands at round figures of the unit.
    """
    if not points:
        return None
    amounts = [point.amount for point in points]
    span = Span(points[0].at, line.ahead(points, now, until, most=0.5))
    forecast = Forecast(amounts[-1], floor, now, until)
    highest = max(ZERO, mark or ZERO, *amounts) or Decimal(grain)
    rise = Rise(min(ZERO, *amounts, forecast.at(span.end)), highest, TOP, BOTTOM)
    path = line.steps(points, span, rise, now)
    x = bar.per_cent(Decimal(span.x(now)))
    return Chart(
        path=path,
        area=f"{path}V{line.place(rise.y(ZERO))}H0Z",
        forecast=forecast.path(span, rise),
        levels=(*_grid(rise, grain), *_edges(rise, mark)),
        dates=tuple(_dates(span, zone)),
        x=x,
        y=bar.per_cent(Decimal(rise.y(amounts[-1]))),
    )


def _grid(rise: Rise, grain: int) -> Iterator[Level]:
    """Round figures of the unit, two or three of them, and zero."""
    step = _round((rise.high - rise.low) / grain / 2) * grain
    at = (rise.low / step).to_integral_value(ROUND_CEILING) * step
    while at <= rise.high:
        yield Level(bar.per_cent(Decimal(rise.y(at))), at)
        at += step


def _round(amount: Decimal) -> Decimal:
    """The largest 1, 2 or 5 with zeros that is no larger than the amount."""
    power = Decimal(1).scaleb(amount.adjusted())
    return max(power * first for first in (1, 2, 5) if power * first <= amount)


def _edges(rise: Rise, mark: Decimal | None) -> Iterator[Level]:
    """The edges of the bands, where there is room for them."""
    if not mark or mark <= 0:
        return
    for edge, band in _BANDS:
        yield Level(bar.per_cent(Decimal(rise.y(mark * edge / 100))), mark * edge / 100, band)


def _dates(span: Span, zone: tzinfo) -> Iterator[Date]:
    """Midnights below the drawing, at most six or so."""
    days = span.length / timedelta(days=1)
    step = next((step for step in _DAYS if days / step <= _MOST_DATES), _DAYS[-1])
    day = span.start.astimezone(zone).date() + timedelta(days=1)
    while (at := datetime.combine(day, time(), zone)) <= span.end:
        x = span.x(at)
        yield Date(bar.per_cent(Decimal(x)), at, "start" if x < _ROOM else "end" if x > 100 - _ROOM else "middle")
        day += timedelta(days=step)
