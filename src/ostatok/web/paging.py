"""Pages of lists that grow: by key, never by counting, so that the last page costs what the first one does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from django.core import signing
from django.db import models
from django.db.models import Q

M = TypeVar("M", bound=models.Model)

SIZE: Final = 50
LARGEST: Final = 500
_SALT: Final = "ostatok.paging"


class BrokenCursor(ValueError):
    """No place in this list."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Page(Generic[M]):
    """So many rows, and the cursors of the rows before and after them; None where there are none.

    `broken`: what was asked for is no place in this list, and this is its beginning.
    """

    items: Sequence[M]
    previous: str | None
    next: str | None
    broken: bool = False


def cut(rows: models.QuerySet[M], *, order: Sequence[str], query: Mapping[str, str], size: int = SIZE) -> Page[M]:
    """The page that `after` or `before` of the query ask for.

    `order` names non-null fields, the last of them unique, "-" for descending; joins are written `client__name`.
    """
    try:
        return strictly(rows, order=order, after=query.get("after"), before=query.get("before"), size=size)
    except BrokenCursor:
        first = strictly(rows, order=order, size=size)
        return Page(items=first.items, previous=None, next=first.next, broken=True)


def strictly(
    rows: models.QuerySet[M],
    *,
    order: Sequence[str],
    after: str | None = None,
    before: str | None = None,
    size: int = SIZE,
) -> Page[M]:
    """The page after or before a cursor. Raises BrokenCursor."""
    back = bool(before) and not after
    cursor = decode(after or before or "", order) if after or before else None
    towards = [_turned(name) for name in order] if back else list(order)
    if cursor is not None:
        rows = rows.filter(_beyond(towards, cursor))
    found = list(rows.order_by(*towards)[: size + 1])
    more, items = len(found) > size, found[:size]
    if back:
        items.reverse()
    return Page(
        items=items,
        previous=encode(order, _key(items[0], order)) if items and (more if back else cursor is not None) else None,
        next=encode(order, _key(items[-1], order)) if items and (back or more) else None,
    )


def encode(order: Sequence[str], key: Sequence[object]) -> str:
    """A cursor: the key of a row, signed, good for lists of this order only."""
    return signing.dumps([",".join(order), *map(_plain, key)], salt=_SALT, compress=True)


def decode(cursor: str, order: Sequence[str]) -> list[Any]:
    """The key in a cursor. Raises BrokenCursor."""
    try:
        listed, *key = list(signing.loads(cursor, salt=_SALT))
    except (signing.BadSignature, ValueError):
        raise BrokenCursor(str(BrokenCursor.__doc__)) from None
    if listed != ",".join(order):
        raise BrokenCursor(str(BrokenCursor.__doc__))
    return key


def _beyond(order: Sequence[str], key: Sequence[Any]) -> Q:
    """Rows after the key. The first field is bounded by itself too, which is what an index can use."""
    names = [name.removeprefix("-") for name in order]
    compare = ["lt" if name.startswith("-") else "gt" for name in order]
    beyond = Q()
    for index, name in enumerate(names):
        same = Q(**dict(zip(names[:index], key, strict=False)))
        beyond |= same & Q(**{f"{name}__{compare[index]}": key[index]})
    return Q(**{f"{names[0]}__{compare[0]}e": key[0]}) & beyond


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _key(row: models.Model, order: Sequence[str]) -> list[object]:
    return [_value(row, name.removeprefix("-")) for name in order]


def _value(row: object, name: str) -> object:
    for part in name.split("__"):
        row = getattr(row, part)
    return row


def _plain(value: object) -> object:
    return value if isinstance(value, int | str) else str(value)
