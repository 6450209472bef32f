"""The balance bar: what is left against the mark, as an SVG in per cents of its own width.

A value v stands at x = (v − lo) ÷ (hi − lo); lo is 0 or the debt, hi is 100 % or the surplus.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from functools import lru_cache
from typing import Final

from ostatok.kernel import text

ZERO: Final = Decimal(0)
FULL: Final = Decimal(100)
EDGES: Final = (Decimal(20), Decimal(10), Decimal(5))
#: Nearer than this, in per cents of the width, labels run into one another.
_ROOM: Final = Decimal(9)
_TENTH: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the bar; `css` says which: track, ghost, over, fill or debt."""

    css: str
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Label:
    """A figure below the bar, in per cent of the mark."""

    x: str
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """`edge` is the line at zero or at the mark, where that is inside the bar; no pieces but the track: no mark."""

    pieces: tuple[Piece, ...]
    ticks: tuple[str, ...] = ()
    edge: str | None = None
    labels: tuple[Label, ...] = ()


EMPTY: Final = Bar(pieces=(Piece("track", "0%", "100%"),))


@dataclass(frozen=True, slots=True)
class _Scale:
    lo: Decimal
    hi: Decimal

    def at(self, value: Decimal) -> Decimal:
        return (value - self.lo) / (self.hi - self.lo) * 100

    def piece(self, css: str, start: Decimal, end: Decimal) -> Piece:
        return Piece(css, per_cent(self.at(start)), per_cent(self.at(end) - self.at(start)))


def per_cent(value: Decimal) -> str:
    """A place on the drawing as SVG reads it: `24.24%`."""
    return f"{float(value):.4g}%"


def floor(percent: Decimal) -> Decimal:
    """Bands are strict below: 9.96 % is drawn and written as 9.9 %, never as the 10 % it is not."""
    return percent.quantize(_TENTH, ROUND_FLOOR, text.EXACT)


def draw(percent: Decimal | None, *, used_lately: Decimal = ZERO) -> Bar:
    """Where the parts of a bar stand; `percent` of the mark is left, None where there is no mark.

    `used_lately`, in per cent of the mark, is drawn pale behind what is left.
    """
    return EMPTY if percent is None else _drawn(floor(percent), floor(used_lately))


@lru_cache(maxsize=4096)
def _drawn(value: Decimal, used_lately: Decimal) -> Bar:
    scale = _Scale(lo=min(ZERO, value), hi=max(FULL, value))
    return Bar(
        pieces=tuple(_pieces(value, used_lately, scale)),
        ticks=tuple(per_cent(scale.at(edge)) for edge in EDGES),
        edge=_edge(value, scale),
        labels=tuple(_labels(value, scale)),
    )


def _pieces(value: Decimal, used_lately: Decimal, scale: _Scale) -> Iterator[Piece]:
    yield scale.piece("track", ZERO, scale.hi)
    if ZERO < value < FULL and used_lately > 0:
        yield scale.piece("ghost", value, min(value + used_lately, FULL))
    if value > FULL:
        yield scale.piece("over", FULL, value)
    if value > 0:
        yield scale.piece("fill", ZERO, min(value, FULL))
    if value < 0:
        yield scale.piece("debt", value, ZERO)


def _edge(value: Decimal, scale: _Scale) -> str | None:
    if ZERO <= value <= FULL:
        return None
    return per_cent(scale.at(ZERO if value < 0 else FULL))


def _labels(value: Decimal, scale: _Scale) -> Iterator[Label]:
    """Zero under its line, then 100, then 20 where there is room; 10 and 5 on the plain scale only."""
    plain = scale == _Scale(ZERO, FULL)
    taken: list[Decimal] = []
    for mark in (*([ZERO] if value < 0 else []), FULL, *(EDGES if plain else EDGES[:1])):
        place = scale.at(mark)
        if plain or all(abs(place - other) >= _ROOM for other in taken):
            taken.append(place)
            yield Label(per_cent(place), str(mark), "end" if place > FULL - _ROOM / 2 else "middle")
