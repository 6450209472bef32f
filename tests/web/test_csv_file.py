"""CSV for spreadsheets: what they would calculate is text, what is a number stays one."""

import csv
import io
import re
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from ostatok.web import csv_file


@pytest.mark.parametrize(
    "text", ["=1+1", "+7 921 000-00-01", "-2+3", "@SUM(A1)", "\tx", "\rx", " =1", "＝1", '=HYPERLINK("http://x")']
)
def test_a_formula_becomes_text(text: str) -> None:
    assert csv_file.neutral(text) == f"'{text}"


def test_numbers_stay_numbers_even_below_zero() -> None:
    assert csv_file.neutral(Decimal("-9.50")) == "-9.50"
    assert csv_file.neutral(-3) == "-3"
    assert csv_file.neutral(None) == ""


@pytest.mark.parametrize(
    ("written", "harmless"),
    [
        ("x;=cmd|' /C calc'!A0;y", "x;'=cmd|' /C calc'!A0;y"),
        ("x,@SUM(A1)", "x,'@SUM(A1)"),
        ("x\t+1", "x\t'+1"),
        ("\t=1", "'\t'=1"),
        ("x\r\n -2+3", "x\r\n '-2+3"),
        ('x;"=1"', 'x;"\'=1"'),
        ("x\n\n＝1", "x\n\n'＝1"),
    ],
)
def test_a_formula_behind_what_another_spreadsheet_splits_at_becomes_text(written: str, harmless: str) -> None:
    assert csv_file.neutral(written) == harmless


def test_signs_in_the_middle_of_words_stay() -> None:
    assert csv_file.neutral("Кафе «А-2», Москва; a=b, a@b.test") == "Кафе «А-2», Москва; a=b, a@b.test"


def test_numbers_below_zero_in_lists_of_values_stay() -> None:
    assert (
        csv_file.neutral('{"amount": [null, "-9.5"], "place": [-1, -2]}')
        == '{"amount": [null, "-9.5"], "place": [-1, -2]}'
    )
    assert csv_file.neutral("x;-1+cmd") == "x;'-1+cmd"
    assert csv_file.neutral('x;"-1"+cmd') == 'x;"\'-1"+cmd'


@pytest.mark.parametrize("language", ["ru", "pl", "kk"])
def test_where_a_comma_stands_before_decimals_semicolons_separate(language: str) -> None:
    with translation.override(language):
        form = csv_file.dialect()

    assert "".join(csv_file.lines(["a", "b"], [[Decimal("-9.50"), "1,5"]], form)) == "\ufeffa;b\r\n-9,50;1,5\r\n"


def test_in_english_commas_separate_and_a_dot_stands_before_decimals() -> None:
    with translation.override("en"):
        form = csv_file.dialect()

    assert "".join(csv_file.lines(["a", "b"], [[Decimal("-9.50"), "1,5"]], form)) == '\ufeffa,b\r\n-9.50,"1,5"\r\n'


_TEXTS = st.text(st.characters(exclude_characters="\x00", codec="utf-8")) | st.text(
    st.sampled_from("x,;\t\r\n \"'=+-@")
)


@given(st.lists(_TEXTS, min_size=1), st.sampled_from((",", ";")))
@example(["x;=cmd"], ",")
@example(['x;"=cmd"', 'y"'], ",")
def test_no_separator_begins_a_formula_whichever_a_spreadsheet_splits_at(cells: list[str], separator: str) -> None:
    [_, line, *rest] = csv_file.lines(["a"] * len(cells), [cells], csv_file.Dialect(separator, "."))

    for piece in re.split(r"[,;\t\r\n]", line):
        seen = re.sub(r"^-[0-9]+(\.[0-9]+)?([\]}].*)?$", "", piece.replace('"', "").strip())
        assert not seen.startswith(("=", "+", "-", "@"))
    assert rest == []


@given(st.lists(st.text(st.characters(exclude_characters="\x00", codec="utf-8")), min_size=1))
def test_what_is_written_can_be_read_and_no_cell_begins_a_formula(cells: list[str]) -> None:
    text = "".join(csv_file.lines(["a"] * len(cells), [cells]))
    _, read = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))

    assert [cell.replace("'", "") for cell in read] == [cell.replace("'", "") for cell in cells]
    assert not any(cell.lstrip(" ").startswith(("=", "+", "-", "@")) for cell in read)
