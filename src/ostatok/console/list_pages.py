"""Pages of lists: narrowed by a form of GET, cut by key."""

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from ostatok.parties.access import Actor
from ostatok.web import paging
from ostatok.web.pages import Page


class Filters(forms.Form):
    """What narrows a list. Nonsense in the address narrows nothing."""

    def __init__(self, data: Any, *, actor: Actor) -> None:
        super().__init__(data)
        self.actor = actor
        self.is_valid()

    def chosen(self, name: str) -> Any:
        """What was chosen, or None."""
        return self.cleaned_data.get(name) or None

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
        self.page = paging.cut(self.rows(), order=self.order, query=request.GET, size=self.size)
        return render(request, self.template, {"page": self.page, "filters": self.narrow, **self.context()})

    def rows(self) -> QuerySet[Any]:
        """The rows that the actor may see, narrowed."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """What the template needs beside `page` and `filters`."""
        return {}
