"""Contacts: people of an organization who are told things without signing in."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from ostatok.console.crumbs import crumb
from ostatok.console.form_pages import ConfirmPage, FormPage
from ostatok.console.list_pages import ListPage
from ostatok.console.people.forms import ContactForm, UserFilters
from ostatok.parties import access, finding
from ostatok.parties.access import Permission
from ostatok.parties.models import Contact


class Contacts(ListPage):
    template: ClassVar[str] = "console/people/contacts.html"
    order: ClassVar[tuple[str, ...]] = ("name", "pk")
    filters = UserFilters

    def rows(self) -> QuerySet[Contact]:
        rows = self.visible(Contact).select_related("organization").prefetch_related("points")
        if text := self.narrow.chosen("text"):
            rows = rows.filter(finding.contacts(text))
        if at := self.narrow.chosen("organization"):
            rows = rows.filter(organization=at)
        return rows

    def context(self) -> dict[str, Any]:
        return {"may_change": access.reach(self.request.actor, Permission.CHANGE_CONTACTS) != ()}


class ContactPage(FormPage):
    """A new contact, or one that is there, with its addresses."""

    needs: ClassVar[Permission] = Permission.CHANGE_CONTACTS
    template: ClassVar[str] = "console/people/contact.html"
    contact: Contact | None = None

    def prepare(self) -> None:
        if pk := self.kwargs.get("pk"):
            self.contact = self.found(self.visible(Contact).select_related("organization"), pk=pk)
            self.allow(self.needs, self.contact.organization)

    def form(self, data: QueryDict | None = None) -> ContactForm:
        initial = {"organization": self.request.GET.get("organization")}
        return ContactForm(data, actor=self.request.actor, contact=self.contact, initial=initial)

    def answer(self, form: ContactForm) -> HttpResponse | None:
        if not self.make(form):
            return None
        return self.done(_("%(name)s is saved.") % {"name": form.cleaned_data["name"]}, reverse("console:contacts"))

    def context(self) -> dict[str, Any]:
        return {
            "title": self.contact.name if self.contact else _("New contact"),
            "contact": self.contact,
            "back": reverse("console:contacts"),
            "crumbs": [crumb(_("Contacts"), "contacts")],
        }


class DeleteContact(ConfirmPage):
    needs: ClassVar[Permission] = Permission.CHANGE_CONTACTS

    def prepare(self) -> None:
        self.contact = self.found(self.visible(Contact).select_related("organization"), pk=self.kwargs["pk"])
        self.allow(self.needs, self.contact.organization)

    def act(self) -> HttpResponse:
        self.remove("contacts", organization=self.contact.organization.code, code=self.contact.code)
        return self.done(_("%(name)s is deleted.") % {"name": self.contact.name}, reverse("console:contacts"))

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Delete the contact %(name)s?") % {"name": self.contact.name},
            "here": _("Delete"),
            "what": [_("Nothing will be sent to it any more. A contact that a rule tells stays.")],
            "do": _("Delete the contact"),
            "back": reverse("console:contact", args=[self.contact.pk]),
            "crumbs": [crumb(_("Contacts"), "contacts"), crumb(self.contact.name, "contact", self.contact.pk)],
        }
