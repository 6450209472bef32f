"""Clients: added, changed, suspended, closed, deleted."""

from typing import Any, ClassVar

from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from ostatok.console.clients.forms import ClientForm
from ostatok.console.crumbs import Crumb, crumb
from ostatok.console.form_pages import ConfirmPage, FormPage
from ostatok.parties.access import Permission
from ostatok.parties.models import Client
from ostatok.web import changes
from ostatok.web.pages import Page
from ostatok.web.requests import origin


def found_client(page: Page, permission: Permission = Permission.CHANGE_CLIENTS) -> Client:
    """The client a page is about: 404 if it is not visible, 403 if the actor may not do this with it."""
    client = page.found(page.visible(Client).select_related("organization"), pk=page.kwargs["pk"])
    page.allow(permission, client.organization)
    return client


def way_to(client: Client) -> list[Crumb]:
    """What stands above the pages of a client."""
    return [crumb(_("Clients"), "clients"), Crumb(client.name, page_of(client))]


def page_of(client: Client) -> str:
    """The address of the client's page."""
    return reverse("console:client", args=[client.pk])


class NewClient(FormPage):
    needs: ClassVar[Permission] = Permission.CHANGE_CLIENTS

    def form(self, data: QueryDict | None = None) -> ClientForm:
        return ClientForm(data, actor=self.request.actor)

    def answer(self, form: ClientForm) -> HttpResponse | None:
        if not self.make(form):
            return None
        made = self.visible(Client).get(organization=form.cleaned_data["organization"], code=form.cleaned_data["code"])
        return self.done(_("%(name)s is added. Now open an account.") % {"name": made.name}, page_of(made))

    def context(self) -> dict[str, Any]:
        return {
            "title": _("New client"),
            "back": reverse("console:clients"),
            "crumbs": [crumb(_("Clients"), "clients")],
        }


class EditClient(FormPage):
    needs: ClassVar[Permission] = Permission.CHANGE_CLIENTS
    template: ClassVar[str] = "console/clients/edit.html"

    def prepare(self) -> None:
        self.client = found_client(self)

    def form(self, data: QueryDict | None = None) -> ClientForm:
        return ClientForm(data, actor=self.request.actor, client=self.client)

    def answer(self, form: ClientForm) -> HttpResponse | None:
        if not self.make(form):
            return None
        return self.done(_("%(name)s is saved.") % {"name": form.cleaned_data["name"]}, page_of(self.client))

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Change %(name)s") % {"name": self.client.name},
            "here": _("Change"),
            "client": self.client,
            "back": page_of(self.client),
            "crumbs": way_to(self.client),
        }


class SetStatus(ConfirmPage):
    """Suspend, close or take up again: what each means is said before."""

    needs: ClassVar[Permission] = Permission.CHANGE_CLIENTS

    def prepare(self) -> None:
        self.status = self.kwargs["status"]
        if self.status not in Client.Status.values:
            raise Http404
        self.client = found_client(self)

    def act(self) -> HttpResponse:
        item = {"organization": self.client.organization.code, "code": self.client.code, "status": self.status}
        changes.apply(self.request.actor, {"clients": [item]}, origin=origin(self.request))
        return self.done(self._words()[3], page_of(self.client))

    def context(self) -> dict[str, Any]:
        title, what, do, _done = self._words()
        return {
            "title": title,
            "here": do,
            "what": [what],
            "do": do,
            "back": page_of(self.client),
            "crumbs": way_to(self.client),
        }

    def _words(self) -> tuple[str, str, str, str]:
        """The question, what follows, what the button says, and what is told when it is done."""
        name = {"name": self.client.name}
        match self.status:
            case Client.Status.CLOSED:
                return (
                    _("Close %(name)s?") % name,
                    _("Nobody is told anything about the client any more, and what waits is not sent. Balances stay."),
                    _("Close the client"),
                    _("%(name)s is closed.") % name,
                )
            case Client.Status.SUSPENDED:
                return (
                    _("Suspend %(name)s?") % name,
                    _("Rules go by the status: those for active clients no longer speak to this one."),
                    _("Suspend the client"),
                    _("%(name)s is suspended.") % name,
                )
        return (
            _("Take %(name)s up again?") % name,
            _("Rules speak to the client as before. What is low already is passed over silently, nobody is told now."),
            _("Take up again"),
            _("%(name)s is active.") % name,
        )


class DeleteClient(ConfirmPage):
    needs: ClassVar[Permission] = Permission.CHANGE_CLIENTS

    def prepare(self) -> None:
        self.client = found_client(self)

    def act(self) -> HttpResponse:
        self.remove("clients", organization=self.client.organization.code, code=self.client.code)
        return self.done(_("%(name)s is deleted.") % {"name": self.client.name}, reverse("console:clients"))

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Delete %(name)s?") % {"name": self.client.name},
            "here": _("Delete"),
            "what": [
                _("A client can be deleted while it has no account. One that has had entries can only be closed."),
                _("Its call notes and who may see it in the cabinet go with it."),
            ],
            "do": _("Delete the client"),
            "back": page_of(self.client),
            "crumbs": way_to(self.client),
        }
