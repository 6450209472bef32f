"""The spark: a week of a balance in a table's cell, with its forecast."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ostatok.web.drawing import line
from ostatok.web.drawing.line import Forecast, Point, Rise, Span

TOP, BOTTOM = 6.0, 94.0
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Spark:
    """Paths in a box of 100 by 100; `x` and `y` is where it stands now."""

    path: str
    forecast: str
    x: str
    y: str


def draw(
    points: Sequence[Point], *, now: datetime, until: datetime | None = None, floor: Decimal = ZERO
) -> Spark | None:
    """The spark of a balance, oldest point first, and its fall to `floor`; None if there is nothing to draw."""
    if not points:
        return None
    amounts = [point.amount for point in points]
    span = Span(points[0].at, line.ahead(points, now, until, most=0.5))
    forecast = Forecast(amounts[-1], floor, now, until)
    rise = Rise(min(ZERO, *amounts, forecast.at(span.end)), max(amounts), TOP, BOTTOM)
    return Spark(
        path=line.steps(points, span, rise, now),
        forecast=forecast.path(span, rise),
        x=f"{line.place(span.x(now))}%",
        y=f"{line.place(rise.y(amounts[-1]))}%",
    )
