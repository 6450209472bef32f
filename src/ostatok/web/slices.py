"""Pages of lists that are read by functions instead of querysets, such as what was searched for."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

from django.db import models

from ostatok.kernel.slices import Slice
from ostatok.web import paging

M = TypeVar("M", bound=models.Model)


class Fetch(Protocol[M]):
    """Reads rows after or before a key, at most `size`."""

    def __call__(self, *, after: Any, before: Any, size: int) -> Slice[M]:
        """Read them, in the order of the list."""


def cut(fetch: Fetch[M], *, order: Sequence[str], query: Mapping[str, str], size: int = paging.SIZE) -> paging.Page[M]:
    """The page that `after` or `before` of the query ask for; `order` names the attributes that make a row's key."""
    try:
        return strictly(fetch, order=order, after=query.get("after"), before=query.get("before"), size=size)
    except paging.BrokenCursor:
        first = strictly(fetch, order=order, size=size)
        return paging.Page(items=first.items, previous=None, next=first.next, broken=True)


def strictly(
    fetch: Fetch[M],
    *,
    order: Sequence[str],
    after: str | None = None,
    before: str | None = None,
    size: int = paging.SIZE,
) -> paging.Page[M]:
    """The page after or before a cursor. Raises BrokenCursor."""
    later = tuple(paging.decode(after, order)) if after else None
    earlier = tuple(paging.decode(before, order)) if before and not after else None
    found = fetch(after=later, before=earlier, size=size)
    if not found.items:
        return paging.Page(items=(), previous=None, next=None)
    has_previous = found.more if earlier else later is not None
    has_next = found.more if not earlier else True
    return paging.Page(
        items=found.items,
        previous=_cursor(found.items[0], order) if has_previous else None,
        next=_cursor(found.items[-1], order) if has_next else None,
    )


def _cursor(row: models.Model, order: Sequence[str]) -> str:
    return paging.encode(order, [getattr(row, name) for name in order])
