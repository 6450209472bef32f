import re
from decimal import Decimal

import pytest

from ostatok.notices import bar

EDGES = (Decimal(5), Decimal(10), Decimal(20))


def drawn(percent: str, edges: tuple[Decimal, ...] = EDGES) -> str:
    return bar.Bar(Decimal(percent), edges, "ru").__html__()


def widths(html: str, css: str) -> Decimal:
    return sum((Decimal(width) for width in re.findall(rf'class="bar-{css}" width="([\d.]+)%"', html)), Decimal(0))


@pytest.mark.parametrize(
    ("percent", "css", "filled"),
    [
        ("15", "low", "15"),
        ("20", "ok", "20"),
        ("9.96", "lower", "9.9"),
        ("1", "crit", "1"),
        ("100", "ok", "100"),
        ("250", "ok", "100"),
    ],
)
def test_the_bar_is_filled_to_what_is_left_in_the_colour_of_its_level(percent: str, css: str, filled: str) -> None:
    html = drawn(percent)
    assert widths(html, css) == Decimal(filled)
    assert widths(html, "spent") == 100 - Decimal(filled)


@pytest.mark.parametrize("percent", ["0", "-10", "0.04"])
def test_a_bar_with_nothing_left_is_empty(percent: str) -> None:
    assert widths(drawn(percent), "spent") == 100


def test_the_edges_of_the_bands_are_gaps_with_their_figures() -> None:
    html = drawn("15")
    assert html.count('class="gap"') == 3
    assert re.findall(r">([\d%\u00a0]+)</td>", html.replace("&nbsp;", "")) == ["5", "10", "20", "100\u00a0%"]


def test_figures_that_would_run_into_each_other_are_left_out() -> None:
    html = drawn("15", tuple(Decimal(edge) for edge in (10, 11, 12, 95)))
    assert ">10<" in html
    assert not re.search(r">(11|12|95)<", html)


def test_labels_fill_the_whole_width() -> None:
    scale = drawn("15").split("</table>")[1]
    assert sum(Decimal(width) for width in re.findall(r'<td[^>]* width="([\d.]+)%"', scale)) == 100


def test_the_bar_is_told_in_words_to_those_who_do_not_see_it() -> None:
    assert 'role="img" aria-label="Осталось 15\u00a0%"' in drawn("15")


def test_in_text_the_bar_is_nothing() -> None:
    assert str(bar.Bar(Decimal(15), EDGES, "ru")) == ""
