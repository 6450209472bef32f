"""Lists taken out as files: who may is asked, what goes out is audited."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from http import HTTPStatus
from itertools import islice
from typing import Any, ClassVar, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _

from ostatok.console.list_pages import Filters
from ostatok.kernel import units
from ostatok.parties import access, audit
from ostatok.parties.access import Permission
from ostatok.web import csv_file
from ostatok.web.pages import Page
from ostatok.web.requests import origin

#: The most rows one file has; its last line says where it was cut.
MOST: Final = 100_000


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
        return csv_file.response(f"{self.what}-{moment:%Y-%m-%d}.csv", self.head(), whole(self.lines()))

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


def whole(lines: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
    """At most so many lines; where there are more, the last line says that the file was cut."""
    rows = iter(lines)
    yield from islice(rows, MOST)
    if next(rows, None) is not None:
        yield [_("CUT HERE: the list has more than %(count)s rows. Narrow it, and take it in parts.") % {"count": MOST}]


def tidy(amount: Decimal | None, unit: str) -> Decimal | None:
    """An amount in bases as a file has it: in the unit, without zeros that say nothing."""
    if amount is None:
        return None
    in_unit = units.from_base(amount, unit)
    whole = in_unit.to_integral_value()
    return whole if whole == in_unit else in_unit.normalize()
