"""What a page tells of a balance over time: the drawing, its labels, and the same as a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from babel import dates
from django.utils.translation import gettext as _

from ostatok.kernel import moments, text, units
from ostatok.ledger.standing import Standing
from ostatok.web import reading
from ostatok.web.drawing import chart, spark
from ostatok.web.drawing.line import Point

#: Rows of the table beside a chart: a day each, the newest first.
ROWS: Final = 31


@dataclass(frozen=True, slots=True)
class Figures:
    """A chart made ready for its reader."""

    drawing: chart.Chart
    band: str
    levels: Sequence[tuple[chart.Level, str]]
    dates: Sequence[tuple[chart.Date, str]]
    rows: Sequence[tuple[str, str]]
    label: str


def of(points: Iterable[Point], standing: Standing) -> Figures | None:
    """The chart of a balance in the reader's words; None where nothing was ever posted."""
    known = list(points)
    unit = units.get(standing.unit)
    zone, now = reading.zone(), standing.now
    drawing = chart.draw(
        known,
        now=now,
        zone=zone,
        until=standing.lasts_until,
        floor=standing.left - standing.available,
        mark=standing.mark if standing.percent is not None else None,
        grain=unit.factor,
    )
    if drawing is None:
        return None
    return Figures(
        drawing=drawing,
        band=standing.band,
        levels=[(level, _level(level, standing)) for level in drawing.levels],
        dates=list(_dated(drawing.dates)),
        rows=_by_day(known, standing),
        label=_label(known, standing, now),
    )


def spark_of(points: Iterable[Point], standing: Standing) -> dict[str, Any]:
    """The drawing of a spark, its band and its sentence."""
    floor = standing.left - standing.available
    drawing = spark.draw(list(points), now=standing.now, until=standing.lasts_until, floor=floor)
    return {"drawing": drawing, "band": standing.band, "label": _until(standing, standing.now)}


def _level(level: chart.Level, standing: Standing) -> str:
    if level.band:
        return reading.percent(level.amount * 100 / standing.mark) if level.band == "low" and standing.mark else ""
    return reading.amount(level.amount, standing.unit) if level.amount else "0"


def _dated(marks: Sequence[chart.Date]) -> Iterable[tuple[chart.Date, str]]:
    """`12 November`, then `14`: the month is told once."""
    before: date | None = None
    for mark in marks:
        day = mark.at.date()
        same = before is not None and before.month == day.month
        yield mark, dates.format_date(day, "d" if same else "d\u00a0MMMM", locale=reading.language())
        before = day


def _by_day(points: Sequence[Point], standing: Standing) -> list[tuple[str, str]]:
    """What was left at the end of each day on which it changed, the newest first."""
    zone = reading.zone()
    closing = {point.at.astimezone(zone).date(): point.amount for point in points}
    newest = sorted(closing.items(), reverse=True)[:ROWS]
    return [(text.day(day, reading.language()), reading.amount(amount, standing.unit)) for day, amount in newest]


def _label(points: Sequence[Point], standing: Standing, now: datetime) -> str:
    since = moments.near_day(points[0].at, now, reading.language(), reading.zone())
    told = _("%(service)s since %(since)s, %(left)s.") % {
        "service": standing.service_name,
        "since": since,
        "left": reading.left(standing.left, standing.unit),
    }
    return f"{told} {_until(standing, now)}"


def _until(standing: Standing, now: datetime) -> str:
    if standing.lasts_until is None:
        return _("Nobody can tell how long it will last.")
    until = moments.until(standing.lasts_until, now, reading.language(), reading.zone())
    return _("At the recent rate it lasts until %(until)s.") % {"until": until}
