"""Lists, page by page."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from django.db import models

from ostatok.api.fields import Found, Listed, Paging
from ostatok.web import paging, slices
from ostatok.web.slices import Fetch

M = TypeVar("M", bound=models.Model)
T = TypeVar("T")


def page(
    rows: models.QuerySet[M], *, order: Sequence[str], at: Paging, tell: Callable[[Sequence[M]], Iterable[T]]
) -> Listed[T]:
    """The page that was asked for; `tell` makes what is told of its rows. Raises BrokenCursor."""
    found = paging.strictly(rows, order=order, after=at.cursor or None, size=at.limit)
    return Listed(items=list(tell(found.items)), next=found.next)


def found(
    fetch: Fetch[M], *, order: Sequence[str], at: Paging, tell: Callable[[Sequence[M]], Iterable[T]]
) -> Listed[T]:
    """As `page`, of what a function finds. Raises BrokenCursor."""
    piece = slices.strictly(fetch, order=order, after=at.cursor or None, size=at.limit)
    return Listed(items=list(tell(piece.items)), next=piece.next)


def searched(
    fetch: Fetch[M], *, order: Sequence[str], at: Paging, tell: Callable[[Sequence[M]], Iterable[T]], cut: bool
) -> Found[T]:
    """As `found`; `cut`: there is more than the search tells. Raises BrokenCursor."""
    listed = found(fetch, order=order, at=at, tell=tell)
    return Found(items=listed.items, next=listed.next, cut=cut)
