"""Lists that a function reads, cut by key."""

from typing import Any

import pytest

from ostatok.kernel import slices as kernel_slices
from ostatok.kernel.slices import Slice
from ostatok.parties.models import Organization
from ostatok.web import paging, slices

NAMES = ("Ё", "Альфа", "Бета", "Бета", "Гамма")
ROWS = sorted((Organization(pk=pk, name=name) for pk, name in enumerate(NAMES)), key=lambda row: (row.name, row.pk))
ORDER = ("name", "pk")


def fetch(*, after: Any, before: Any, size: int) -> Slice[Organization]:
    """Rows of the list after or before a key, as the database would find them."""
    if before:
        found = [row for row in reversed(ROWS) if (row.name, row.pk) < before]
    else:
        found = [row for row in ROWS if after is None or (row.name, row.pk) > after]
    return kernel_slices.of(found[: size + 1], size=size, backwards=before is not None)


def cut(**query: str) -> paging.Page[Organization]:
    return slices.cut(fetch, order=ORDER, query=query, size=2)


def test_pages_lead_to_the_end_and_back_without_losing_a_row() -> None:
    page, forth = cut(), []
    while True:
        forth.append(list(page.items))
        if page.next is None:
            break
        page = cut(after=page.next)
    assert [row for rows in forth for row in rows] == ROWS
    back = [list(page.items)]
    while page.previous:
        page = cut(before=page.previous)
        back.append(list(page.items))
    assert [row for rows in reversed(back) for row in rows] == ROWS


def test_the_first_page_has_none_before_it_and_the_last_none_after_it() -> None:
    first = cut()
    assert first.previous is None
    assert first.next
    assert cut(after=paging.encode(ORDER, ("Гамма", 4))) == paging.Page(items=(), previous=None, next=None)


@pytest.mark.parametrize(
    "cursor", ["", "nonsense", paging.encode(("name",), ("Ё",))], ids=["none", "no cursor", "of another list"]
)
def test_a_cursor_of_no_place_in_the_list_gives_its_beginning(cursor: str) -> None:
    page = cut(after=cursor)
    assert page.items == ROWS[:2]
    assert page.broken is bool(cursor)
