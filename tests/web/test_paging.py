"""Pages by key: nothing is left out, nothing comes twice, whatever the ties, forwards and back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostatok.parties.models import ClientGroup, Organization
from ostatok.web import paging

pytestmark = pytest.mark.django_db

_ORDERS = (("name", "id"), ("-name", "id"), ("name", "-id"), ("-id",))


@pytest.fixture
def organization() -> Organization:
    return Organization.objects.create(code="north", name="Северный")


def _names(page: paging.Page[ClientGroup]) -> list[int]:
    return [row.pk for row in page.items]


@pytest.mark.parametrize("order", _ORDERS)
@given(names=st.lists(st.sampled_from("абв"), max_size=12), size=st.integers(1, 5))
@settings(max_examples=30, deadline=None)
def test_walking_forwards_and_back_meets_every_row_once_in_order(
    order: tuple[str, ...], names: list[str], size: int
) -> None:
    organization, _ = Organization.objects.get_or_create(code="north", defaults={"name": "Северный"})
    ClientGroup.objects.all().delete()
    ClientGroup.objects.bulk_create(
        ClientGroup(organization=organization, code=str(index), name=name) for index, name in enumerate(names)
    )
    rows = ClientGroup.objects.all()
    expected = list(rows.order_by(*order).values_list("pk", flat=True))

    pages = [paging.cut(rows, order=order, query={}, size=size)]
    while cursor := pages[-1].next:
        pages.append(paging.cut(rows, order=order, query={"after": cursor}, size=size))
    assert [pk for page in pages for pk in _names(page)] == expected

    back = [pages[-1]]
    while cursor := back[-1].previous:
        back.append(paging.cut(rows, order=order, query={"before": cursor}, size=size))
    assert [pk for page in reversed(back) for pk in _names(page)] == expected


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "eyJhIjoxfQ:abc", paging.encode(("name", "id"), ("а", 1))],
    ids=["none", "no cursor", "forged", "of another list"],
)
def test_a_cursor_of_another_list_or_a_forged_one_shows_the_beginning(cursor: str, organization: Organization) -> None:
    group = ClientGroup.objects.create(organization=organization, code="a", name="а")
    page = paging.cut(ClientGroup.objects.all(), order=("-id",), query={"after": cursor})

    assert _names(page) == [group.pk]
    assert page.broken is bool(cursor)


def test_a_forged_cursor_is_refused_where_it_must_be(organization: Organization) -> None:
    with pytest.raises(paging.BrokenCursor):
        paging.strictly(ClientGroup.objects.all(), order=("-id",), after="forged")
