"""The balance bar of a letter: table cells, so that it draws where pictures and styles do not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from functools import lru_cache

from markupsafe import escape

from ostatok.kernel import text
from ostatok.notices import words

FULL = Decimal(100)
LABEL_WIDTH = Decimal(5)
_STEP = Decimal("0.1")

# Of the design system's tokens: a level's fill, what is spent, and the letter's sheet between them.
_FILLS = {"ok": "#2b8f5d", "low": "#b57d06", "lower": "#d2600f", "crit": "#c9342b"}
_SPENT = "#e8e6e0"


def level(percent: Decimal) -> str:
    """The level of a per cent of the mark: exactly 20 is ok, exactly 10 is low, exactly 5 is lower."""
    steps = ((Decimal(20), "ok"), (Decimal(10), "low"), (Decimal(5), "lower"))
    return next((code for edge, code in steps if percent >= edge), "crit")


@dataclass(frozen=True, slots=True)
class Bar:
    """`percent` of the mark is left; `edges` are the bands' edges, drawn as gaps with their figures below."""

    percent: Decimal
    edges: tuple[Decimal, ...]
    language: str

    def __str__(self) -> str:
        return ""

    def __html__(self) -> str:
        # Rounded down, as bands are strict: 9.96 % is drawn, and coloured, below 10 %.
        return _drawn(self.percent.quantize(_STEP, ROUND_FLOOR), self.edges, self.language)


@lru_cache(maxsize=4096)
def _drawn(percent: Decimal, edges: tuple[Decimal, ...], language: str) -> str:
    label = words.LABELS[language]["bar"].format(percent=text.percent(percent, language))
    cells = _table("".join(_cells(percent, edges)), label=label)
    return cells + _table("".join(_labels(edges, language)), label="")


def _cells(percent: Decimal, edges: Sequence[Decimal]) -> Iterator[str]:
    code = level(percent)
    start = Decimal(0)
    for end in sorted({edge for edge in (*edges, percent, FULL) if 0 < edge <= FULL}):
        yield _cell(end - start, _FILLS[code], code) if end <= percent else _cell(end - start, _SPENT, "spent")
        if end in edges:
            yield _GAP
        start = end


def _labels(edges: Sequence[Decimal], language: str) -> Iterator[str]:
    """Figures centred under their edges; one that would run into its neighbour is left out."""
    position = Decimal(0)
    for edge in sorted(edge for edge in edges if 0 < edge < FULL - 2 * LABEL_WIDTH):
        start = edge - LABEL_WIDTH / 2
        if start < position:
            continue
        yield _label(start - position, "", "left") if start > position else ""
        yield _label(LABEL_WIDTH, text.number(edge, language, decimals=1), "center")
        position = start + LABEL_WIDTH
    yield _label(FULL - position, text.percent(FULL, language), "right")


_HEIGHT = "height:14px;font-size:0;line-height:14px"
_GAP = f'<td class="gap" width="2" bgcolor="#ffffff" style="width:2px;{_HEIGHT};background:#ffffff">&nbsp;</td>'


def _table(cells: str, *, label: str) -> str:
    role = f'role="img" aria-label="{escape(label)}"' if label else 'role="presentation"'
    frame = 'width="100%" cellpadding="0" cellspacing="0" border="0" style="table-layout:fixed;width:100%"'
    return f"<table {role} {frame}><tr>{cells}</tr></table>"


def _cell(width: Decimal, colour: str, css: str) -> str:
    style = f"width:{width:.2f}%;{_HEIGHT};background:{colour}"
    return f'<td class="bar-{css}" width="{width:.2f}%" height="14" bgcolor="{colour}" style="{style}">&nbsp;</td>'


def _label(width: Decimal, figure: str, align: str) -> str:
    style = f"width:{width:.2f}%;font-size:12px;line-height:18px;white-space:nowrap;color:#585c65"
    return f'<td class="k" align="{align}" width="{width:.2f}%" style="{style}">{escape(figure)}</td>'
