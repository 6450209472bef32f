"""CSV for spreadsheets: what they would calculate is text, what is a number stays one."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostatok.web import csv_file


@pytest.mark.parametrize(
    "text", ["=1+1", "+7 921 000-00-01", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", '=HYPERLINK("http://x")']
)
def test_a_formula_becomes_text(text: str) -> None:
    assert csv_file.neutral(text) == f"'{text}"


def test_numbers_stay_numbers_even_below_zero() -> None:
    assert csv_file.neutral(Decimal("-9.50")) == "-9.50"
    assert csv_file.neutral(-3) == "-3"
    assert csv_file.neutral(None) == ""


@given(st.lists(st.text(st.characters(exclude_characters="\x00", codec="utf-8")), min_size=1))
def test_what_is_written_can_be_read_and_no_cell_begins_a_formula(cells: list[str]) -> None:
    text = "".join(csv_file.lines(["a"] * len(cells), [cells]))
    _, read = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))

    assert [cell.removeprefix("'") for cell in read] == [cell.removeprefix("'") for cell in cells]
    assert not any(cell.lstrip(" ").startswith(("=", "+", "-", "@")) for cell in read)
