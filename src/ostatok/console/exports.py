"""Lists taken out as files: who may is asked, what goes out is audited."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import now

from ostatok.console.list_pages import Filters
from ostatok.parties import access, audit
from ostatok.parties.access import Permission
from ostatok.web import csv_file, taken_out
from ostatok.web.pages import Page
from ostatok.web.requests import origin


class Export(Page):
    """A list as CSV, narrowed by `filters`. Takes EXPORT where the rows are; the audit of each organization exported
    from says so.
    """

    needs: ClassVar[Permission] = Permission.EXPORT
    filters: ClassVar[type[Filters]] = Filters
    narrow: Any
    #: What the audit and the file call the list.
    what: ClassVar[str]

    def get(self, request: HttpRequest, **_where: Any) -> HttpResponseBase:
        self.narrow = self.filters(request.GET, actor=self.request.actor)
        if self.narrow.errors:
            return not_as_asked(request, self.narrow, self.back())
        if refusal := self.refusal():
            messages.error(request, refusal)
            return redirect(f"{self.back()}?{request.GET.urlencode()}")
        moment = now()
        acts = [
            audit.Act(
                action=f"{self.what}.exported",
                subject=request.path,
                organization_id=at,
                # By what, not by which value: names and phones that were searched for stay out of the audit.
                changes={"narrowed_by": (None, sorted(name for name, value in request.GET.items() if value))},
            )
            for at in access.reach(self.request.actor, Permission.EXPORT) or (None,)
        ]
        audit.record_all(self.request.actor, acts, origin=origin(request), at=moment)
        return csv_file.response(f"{self.what}-{moment:%Y-%m-%d}.csv", self.head(), taken_out.whole(self.lines()))

    def refusal(self) -> str:
        """Why there is no such file, in words; empty where there is one: what would only look complete is refused."""
        return ""

    def back(self) -> str:
        """Where the list is."""
        raise NotImplementedError

    def head(self) -> Sequence[str]:
        """The names of the columns."""
        raise NotImplementedError

    def lines(self) -> Iterable[Sequence[object]]:
        """The rows, read as they are written out."""
        raise NotImplementedError


def not_as_asked(request: HttpRequest, filters: Filters, back: str) -> HttpResponse:
    """Which filters do not fit: a file narrowed by the others would hold more than was asked for."""
    context = {"complaints": filters.complaints(), "back": back}
    return render(request, "console/not_as_asked.html", context, status=HTTPStatus.BAD_REQUEST)
