"""Pages of lists: narrowed by a form of GET, cut by key."""

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from ostatok.kernel.slices import Slice
from ostatok.parties.access import Actor
from ostatok.web import paging
from ostatok.web.pages import Page


class Filters(forms.Form):
    """What narrows a list. Nonsense in the address narrows nothing of what is only looked at.

    What acts on the list, or takes it out, asks for complaints first: with them it would act on more than was meant.
    """

    def __init__(self, data: Any, *, actor: Actor) -> None:
        super().__init__(data)
        self.actor = actor
        self.is_valid()

    def chosen(self, name: str) -> Any:
        """What was chosen, or None."""
        return self.cleaned_data.get(name) or None

    def complaints(self) -> list[tuple[Any, list[str]]]:
        """What does not fit: the label of each field, and what is wrong with it."""
        named = [(self[name].label if name in self.fields else "", said) for name, said in self.errors.items()]
        return [(label, [str(one) for one in said]) for label, said in named]

    @property
    def narrowed(self) -> bool:
        """Whether anything was chosen: an empty list then means that nothing fits, not that there is nothing."""
        return any(bool(value) for value in self.cleaned_data.values())


class ListPage(Page):
    """A list: its rows in an order whose last field is unique. `narrow` holds the filters, `page` the rows shown."""

    template: ClassVar[str]
    order: ClassVar[tuple[str, ...]]
    filters: ClassVar[type[Filters]] = Filters
    size: ClassVar[int] = paging.SIZE
    narrow: Any
    page: paging.Page[Any]

    def get(self, request: HttpRequest, **_where: Any) -> HttpResponseBase:
        self.narrow = self.filters(request.GET, actor=self.request.actor)
        self.page = self.cut()
        return render(request, self.template, {"page": self.page, "filters": self.narrow, **self.context()})

    def cut(self) -> paging.Page[Any]:
        """The page that the address asks for."""
        return paging.cut(self.rows(), order=self.order, query=self.request.GET, size=self.size)

    def rows(self) -> QuerySet[Any]:
        """The rows that the actor may see, narrowed."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """What the template needs beside `page` and `filters`."""
        return {}


class FoundPage(ListPage):
    """A list that a search makes: it is asked for the rows after or before a key, and says whether there are more."""

    def find(self, *, after: Any, before: Any, size: int) -> Slice[Any]:
        """The rows nearest to the key, in the order of the list."""
        raise NotImplementedError

    def cut(self) -> paging.Page[Any]:
        """The page that the address asks for; its beginning where that is no place in the list."""
        after, before = self.request.GET.get("after"), self.request.GET.get("before")
        try:
            return self._at(after=after, before=None if after else before)
        except paging.BrokenCursor:
            first = self._at(after=None, before=None)
            return paging.Page(items=first.items, previous=None, next=first.next, broken=True)

    def _at(self, *, after: str | None, before: str | None) -> paging.Page[Any]:
        found = self.find(after=self._key(after), before=self._key(before), size=self.size)
        first, last = (self._cursor(row) for row in (found.items[0], found.items[-1])) if found.items else (None, None)
        return paging.Page(
            items=found.items,
            previous=first if (found.more if before else after) else None,
            next=last if before or found.more else None,
        )

    def _key(self, cursor: str | None) -> Any:
        return tuple(paging.decode(cursor, self.order)) if cursor else None

    def _cursor(self, row: Any) -> str:
        return paging.encode(self.order, [getattr(row, name) for name in self.order])
