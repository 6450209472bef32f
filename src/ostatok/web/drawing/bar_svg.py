"""The balance bar as SVG. Lists draw it a hundred times a page, so its inside is kept for bars that look the same."""

from collections.abc import Iterator
from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString

from ostatok.kernel import text
from ostatok.web.drawing.bar import FULL, Bar, Label, Piece

_TALL, _LOW = 14, 8


def draw(bar: Bar, *, band: str, label: str, language: str, tiny: bool = False) -> SafeString:
    """The bar in the colours of its band; `label` is the sentence for those who cannot see it."""
    return format_html(
        '<svg class="{}" data-band="{}" role="img" aria-label="{}">{}</svg>',
        "bar tiny" if tiny else "bar",
        band,
        label,
        _inside(bar, language, tiny),
    )


@lru_cache(maxsize=4096)
def _inside(bar: Bar, language: str, tiny: bool) -> SafeString:
    # Places and figures are our own: nothing here needs escaping.
    return SafeString("".join(_small(bar) if tiny else _large(bar, language)))


def _small(bar: Bar) -> Iterator[str]:
    yield from (_piece(piece, _LOW, "2.5") for piece in bar.pieces)
    if bar.edge:
        yield f'<line class="edge" x1="{bar.edge}" x2="{bar.edge}" y1="-2" y2="10"/>'


def _large(bar: Bar, language: str) -> Iterator[str]:
    yield from (_piece(piece, _TALL, "4") for piece in bar.pieces)
    yield from (f'<line class="tick" x1="{x}" x2="{x}" y2="{_TALL}"/>' for x in bar.ticks)
    if bar.edge:
        yield f'<line class="edge" x1="{bar.edge}" x2="{bar.edge}" y1="-4" y2="18"/>'
    yield from (_label(label, language) for label in bar.labels)


def _piece(piece: Piece, height: int, radius: str) -> str:
    """The pale part has square ends: it goes on where the fill stops."""
    rounded = "" if piece.css == "ghost" else f' rx="{radius}"'
    hatched = ' fill="url(#hatch)"' if piece.css == "debt" else ""
    return f'<rect class="{piece.css}"{hatched} x="{piece.x}" width="{piece.width}" height="{height}"{rounded}/>'


def _label(label: Label, language: str) -> str:
    figure = text.percent(FULL, language) if label.text == str(FULL) else label.text
    return f'<text x="{label.x}" y="28" text-anchor="{label.anchor}">{figure}</text>'
