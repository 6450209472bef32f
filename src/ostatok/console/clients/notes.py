"""Call notes: called, promised, or what else is worth knowing before the next call."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import now
from django.utils.translation import gettext as _

from ostatok.console.clients.editing import found_client, page_of, way_to
from ostatok.console.clients.forms import NoteForm
from ostatok.console.form_pages import FormPage
from ostatok.ledger import run_out
from ostatok.parties import call_notes
from ostatok.parties.access import Permission
from ostatok.parties.call_notes import CallNoteRefused
from ostatok.parties.models import CallNote
from ostatok.web.requests import origin


class AddNote(FormPage):
    """Note a call: on its own page, or within the run-out list, whose cell it then answers with."""

    needs: ClassVar[Permission] = Permission.CHANGE_CLIENTS

    def prepare(self) -> None:
        self.client = found_client(self)

    def form(self, data: QueryDict | None = None) -> NoteForm:
        # Within a list several of these forms may be open, each with ids of its own.
        return NoteForm(data, auto_id=f"note_{self.client.pk}_%s")

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        """The form; within a list also the cell again, where the form is closed."""
        self.prepare()
        if self.request.htmx and "close" in self.request.GET:
            recent = self.visible(CallNote).filter(client=self.client, at__gt=now() - run_out.CALLED_LATELY)
            return self._cell(recent.order_by("-at", "-pk").first())
        return self.show(self.form())

    def answer(self, form: NoteForm) -> HttpResponse | None:
        try:
            note = call_notes.write(
                self.request.actor,
                self.client,
                kind=CallNote.Kind(form.cleaned_data["kind"]),
                text=form.cleaned_data["text"],
                promised_until=form.cleaned_data["promised_until"],
                origin=origin(self.request),
                now=now(),
            )
        except CallNoteRefused as error:
            form.add_error("promised_until" if error.about_day else None, str(error))
            return None
        return self._cell(note) if self.request.htmx else self.done(_("Noted."), self._back())

    def _cell(self, note: CallNote | None) -> HttpResponse:
        """The cell of a list, with the focus on what opens the form."""
        context = {"note": note, "client_pk": self.client.pk, "may_note": True, "was_open": True}
        return render(self.request, "console/clients/note.html", {**context, **self._list()})

    def _list(self) -> dict[str, str]:
        """Where the list is that the form stands in."""
        return {"note_back": self.request.htmx.current_url_abs_path or page_of(self.client)}

    def show(self, form: Any) -> HttpResponse:
        if self.request.htmx:
            return render(
                self.request,
                "console/clients/note_form.html",
                {"form": form, "client_pk": self.client.pk, **self._list()},
            )
        return super().show(form)

    def context(self) -> dict[str, Any]:
        return {
            "title": _("What came of the call"),
            "lede": self.client.name,
            "back": self._back(),
            "crumbs": way_to(self.client),
        }

    def _back(self) -> str:
        """Where the reader came from, if that is a page of ours."""
        back = self.request.GET.get("next", "")
        safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
        return back if safe else page_of(self.client)
