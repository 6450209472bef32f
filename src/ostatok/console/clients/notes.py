"""Call notes: called, promised, or what else is worth knowing before the next call."""

from typing import Any, ClassVar

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import now
from django.utils.translation import gettext as _

from ostatok.console.clients.editing import found_client, page_of, way_to
from ostatok.console.clients.forms import NoteForm
from ostatok.console.form_pages import FormPage
from ostatok.parties import call_notes
from ostatok.parties.access import Permission
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

    def answer(self, form: NoteForm) -> HttpResponse:
        note = call_notes.write(
            self.request.actor,
            self.client,
            kind=CallNote.Kind(form.cleaned_data["kind"]),
            text=form.cleaned_data["text"],
            promised_until=form.cleaned_data["promised_until"],
            origin=origin(self.request),
            now=now(),
        )
        if self.request.htmx:
            return render(
                self.request, "console/clients/note.html", {"note": note, "client_pk": self.client.pk, "may_note": True}
            )
        return self.done(_("Noted."), self._back())

    def show(self, form: Any) -> HttpResponse:
        if self.request.htmx:
            return render(self.request, "console/clients/note_form.html", {"form": form, "client_pk": self.client.pk})
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
