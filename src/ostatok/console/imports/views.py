"""Files that were handed over: taken in, followed while they are posted, their refused rows handed back."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from ostatok.console import fields
from ostatok.console.crumbs import crumb
from ostatok.console.form_pages import ConfirmPage, FormPage
from ostatok.console.imports import samples
from ostatok.console.list_pages import ListPage
from ostatok.intake import table, uploads
from ostatok.intake.models import Import, ImportKind, ImportRefusal
from ostatok.intake.table import REMARKS, Columns
from ostatok.intake.uploads import UploadRefused
from ostatok.parties import access, audit
from ostatok.parties.access import Actor, Permission
from ostatok.web import csv_file, paging, reading, refusals
from ostatok.web.pages import Page
from ostatok.web.requests import origin
from ostatok.web.uploads import was_too_large
from ostatok.web.widgets import Drop

KINDS: Final = {
    ImportKind.ENTRIES: gettext_lazy("charges, top-ups and other entries"),
    ImportKind.BALANCES: gettext_lazy("balances of another billing"),
}
_FIGURE: Final = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_ENCODINGS: Final = [("utf-8", "UTF-8"), ("cp1251", "Windows-1251"), ("cp1250", "Windows-1250")]


class UploadForm(forms.Form):
    """A file, and how it is to be read."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is in it"),
        choices=list(KINDS.items()),
        widget=forms.RadioSelect,
        initial=ImportKind.ENTRIES,
    )
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        widget=Drop({"accept": ".csv,.txt,text/csv"}),
        help_text=gettext_lazy(
            "Up to 64 MB. The first line names the columns; comma or semicolon between cells. With semicolons,"
            " amounts may be written 12,5."
        ),
    )
    encoding = forms.ChoiceField(label=gettext_lazy("Encoding"), choices=_ENCODINGS, initial="utf-8")

    def __init__(self, data: Any, files: Any, *, actor: Actor) -> None:
        super().__init__(data, files)
        self.fields["organization"] = fields.OrganizationField(actor, Permission.POST_ENTRIES)
        self.order_fields(["organization"])


class Imports(ListPage):
    template: ClassVar[str] = "console/imports/list.html"
    order: ClassVar[tuple[str, ...]] = ("-pk",)

    def rows(self) -> QuerySet[Import]:
        return self.visible(Import).select_related("organization")

    def context(self) -> dict[str, Any]:
        return {
            "may_upload": access.reach(self.request.actor, Permission.POST_ENTRIES) != (),
            "kinds": KINDS,
        }


class Upload(FormPage):
    """Take a file in; a worker posts it."""

    needs: ClassVar[Permission] = Permission.POST_ENTRIES
    template: ClassVar[str] = "console/imports/upload.html"

    def form(self, data: QueryDict | None = None) -> UploadForm:
        return UploadForm(data, self.request.FILES if data is not None else None, actor=self.request.actor)

    def show(self, form: forms.Form) -> HttpResponse:
        if form.is_bound and was_too_large(self.request):
            form.errors.pop("file", None)
            form.add_error("file", _("The file is larger than 64 MB: split it."))
        return super().show(form)

    def answer(self, form: UploadForm) -> HttpResponse | None:
        stated = form.cleaned_data
        try:
            one = uploads.accept(
                self.request.actor,
                stated["organization"],
                kind=stated["kind"],
                name=stated["file"].name,
                file=stated["file"],
                encoding=stated["encoding"],
                now=now(),
                origin=origin(self.request),
            )
        except UploadRefused as error:
            form.add_error("file", refusals.said(str(error)))
            return None
        return self.done(_("The file is taken in. It is posted row by row."), reverse("console:import", args=[one.pk]))

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Import a file"),
            "save": pgettext("button", "Import"),
            "back": reverse("console:imports"),
            "crumbs": [crumb(_("Imports"), "imports")],
            "columns": [(kind, label, uploads.columns(kind)) for kind, label in KINDS.items()],
        }


class ImportBase(Page):
    """A page about one import."""

    one: Import

    def find(self) -> Import:
        self.one = self.found(self.visible(Import).select_related("organization"), pk=self.kwargs["pk"])
        return self.one

    def told(self) -> dict[str, Any]:
        """How far it is, and who may stop it."""
        return {
            "one": self.one,
            "kind": KINDS[ImportKind(self.one.kind)],
            "log": self._log(),
            "may_cancel": not self.one.is_over and self.may(Permission.POST_ENTRIES, self.one.organization),
        }

    def _log(self) -> str:
        """Where the messages of those days stand that may have come of it."""
        if not self.one.notices or self.one.started_at is None:
            return ""
        days = {"since": self.one.started_at, "until": self.one.finished_at or now()}
        asked = {name: at.astimezone(reading.zone()).date() for name, at in days.items()}
        return f"{reverse('console:deliveries')}?{urlencode({'organization': self.one.organization_id, **asked})}"


class OneImport(ImportBase):
    """How far it is, and row by row what was refused and why."""

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        self.find()
        page = paging.cut(self.visible(ImportRefusal).filter(of=self.one), order=("line", "pk"), query=self.request.GET)
        shown = _columns(self.one.kind, page.items)
        context = {
            **self.told(),
            "page": page,
            "columns": [name for _place, name in shown],
            "rows": [
                (row, refusals.said(row.message), [(name, _cell(row, at)) for at, name in shown] if row.values else [])
                for row in page.items
            ],
            "error": refusals.said(self.one.error),
            "may_export": self.may(Permission.EXPORT, self.one.organization),
            "crumbs": [crumb(_("Imports"), "imports")],
        }
        return render(self.request, "console/imports/page.html", context)


def _columns(kind: str, rows: Sequence[ImportRefusal]) -> list[tuple[int, str]]:
    """The columns of such a file in which any of the rows has something, each with its place."""
    named = enumerate(uploads.columns(kind).all)
    return [(at, name) for at, name in named if any(_cell(row, at) for row in rows)]


def _cell(row: ImportRefusal, at: int) -> str:
    return row.values[at] if at < len(row.values) else ""


class Progress(ImportBase):
    """The part of the page that moves; when the import is over, the page is to be loaded anew."""

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        self.find()
        response = render(self.request, "console/imports/progress.html", self.told())
        if self.one.is_over:
            response.headers["HX-Refresh"] = "true"
        return response


class Refused(ImportBase):
    """The rows that were refused, with their reasons: to be corrected and imported as they are."""

    needs: ClassVar[Permission] = Permission.EXPORT

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        one = self.find()
        self.allow(self.needs, one.organization)
        audit.exported(
            self.request.actor, f"refused rows of import {one.pk}", one.organization, origin(self.request), now()
        )
        columns = uploads.columns(one.kind)
        return csv_file.response(f"refused-{one.file_name}", [*columns.all, *REMARKS], self._rows(columns))

    def _rows(self, columns: Columns) -> Iterator[list[object]]:
        amounts = frozenset(columns.places_of_amounts)
        for row in ImportRefusal.objects.filter(of=self.one).order_by("line").iterator(chunk_size=1_000):
            written = row.values or [""] * len(columns.all)
            values = [_amount(value) if at in amounts else _plain(value) for at, value in enumerate(written)]
            yield [*values, row.line, row.reason, refusals.said(row.message), row.text]


class Cancel(ConfirmPage):
    needs: ClassVar[Permission] = Permission.POST_ENTRIES

    def prepare(self) -> None:
        self.one = self.found(self.visible(Import).select_related("organization"), pk=self.kwargs["pk"])
        self.allow(self.needs, self.one.organization)

    def act(self) -> HttpResponse:
        uploads.cancel(self.request.actor, self.one, now=now(), origin=origin(self.request))
        said = _("The import stops before its next rows. What was posted stays.")
        return self.done(said, reverse("console:import", args=[self.one.pk]))

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Stop the import of %(name)s?") % {"name": self.one.file_name},
            "here": _("Stop"),
            "what": [_("What was posted stays posted. The same file imported again posts the rest.")],
            "do": _("Stop the import"),
            "back": reverse("console:import", args=[self.one.pk]),
            "crumbs": [crumb(_("Imports"), "imports"), crumb(self.one.file_name, "import", self.one.pk)],
        }


class Sample(Page):
    """A file to begin with."""

    def get(self, _request: HttpRequest, kind: str, **_where: Any) -> HttpResponseBase:
        if kind not in ImportKind.values:
            raise Http404
        rows = samples.rows(self.request.actor, ImportKind(kind), now())
        return csv_file.response(f"{kind}.csv", uploads.columns(kind).all, rows)


def _amount(value: str) -> object:
    """An amount is written as the reader writes amounts, below zero too. A text never becomes one by the way."""
    if _FIGURE.fullmatch(value):
        return Decimal(value)
    return csv_file.AsItIs(f"'{value}") if table.with_dot(value) != value else value


def _plain(value: str) -> object:
    """A number below zero is no formula: it needs no apostrophe before it."""
    return csv_file.AsItIs(value) if value.startswith("-") and _FIGURE.fullmatch(value) else value
