"""Lines over time: what a spark and a chart have in common. Places are per cents of the drawing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol


class Point(Protocol):
    """What was left at a moment."""

    @property
    def at(self) -> datetime: ...
    @property
    def amount(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, drawn from left to right."""

    start: datetime
    end: datetime

    def x(self, at: datetime) -> float:
        """The place of a moment, 0 to 100."""
        length = self.length.total_seconds()
        return 100 * (at - self.start).total_seconds() / length if length else 100.0

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Rise:
    """Amounts from `low` at `bottom` up to `high` at `top`, in per cents from above."""

    low: Decimal
    high: Decimal
    top: float
    bottom: float

    def y(self, amount: Decimal) -> float:
        """The place of an amount, from above."""
        whole = self.high - self.low
        share = float((amount - self.low) / whole) if whole else 0.0
        return self.bottom - share * (self.bottom - self.top)


def ahead(points: Sequence[Point], now: datetime, until: datetime | None, *, most: float) -> datetime:
    """Where the drawing ends: at the forecast's end, but no more than `most` of the past beyond now."""
    past = now - points[0].at
    return now if until is None or until <= now else min(until, now + past * most)


def steps(points: Iterable[Point], span: Span, rise: Rise, end: datetime) -> str:
    """A path that keeps each amount until the next: `M0 79.6H6.9V82.7`."""
    drawn = [(place(span.x(point.at)), place(rise.y(point.amount))) for point in points]
    first, *rest = drawn
    path = f"M{first[0]} {first[1]}" + "".join(f"H{x}V{y}" for x, y in rest)
    return f"{path}H{place(span.x(end))}"


@dataclass(frozen=True, slots=True)
class Forecast:
    """What will be left at the drawing's end, if `amount` falls evenly to `floor` between now and `until`."""

    amount: Decimal
    floor: Decimal
    now: datetime
    until: datetime | None

    def at(self, end: datetime) -> Decimal:
        """The amount at a later moment; as now where there is no forecast."""
        if self.until is None or self.until <= self.now:
            return self.amount
        return self.amount - (self.amount - self.floor) * Decimal((end - self.now) / (self.until - self.now))

    def path(self, span: Span, rise: Rise) -> str:
        """A straight line from now to the drawing's end; empty where there is no forecast."""
        if self.until is None or self.until <= self.now:
            return ""
        start = f"M{place(span.x(self.now))} {place(rise.y(self.amount))}"
        return f"{start}L100 {place(rise.y(self.at(span.end)))}"


def place(value: float) -> str:
    """A coordinate as SVG reads it."""
    return f"{value:.4g}"
