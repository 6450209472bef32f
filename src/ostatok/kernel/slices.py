"""Lists that are read piece by piece, each from the key of the row before it, so that the last piece costs no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice(Generic[T]):
    """Rows in the order of their list; `more`: there are others beyond them, in the direction that was asked for."""

    items: Sequence[T]
    more: bool


def of(found: Sequence[T], *, size: int, backwards: bool = False) -> Slice[T]:
    """The slice of rows found nearest first, one more than `size` where there are more."""
    items = list(found[:size])
    return Slice(items=items[::-1] if backwards else items, more=len(found) > size)
