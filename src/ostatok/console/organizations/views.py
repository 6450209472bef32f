"""The tree of organizations, level by level, and each of them."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from ostatok.console.crumbs import Crumb, crumb
from ostatok.console.form_pages import ConfirmPage, FormPage
from ostatok.console.list_pages import ListPage
from ostatok.console.organizations.forms import OrganizationForm
from ostatok.ledger.models import Service
from ostatok.parties import access
from ostatok.parties.access import Permission
from ostatok.parties.models import Contact, Membership, Organization
from ostatok.web import paging
from ostatok.web.pages import Page

#: How many services, people and contacts an organization's page names; their own pages have the rest.
SHOWN = 20


class Organizations(ListPage):
    """The organizations at which the actor's reach begins; what is below each is on its page."""

    template: ClassVar[str] = "console/organizations/list.html"
    order: ClassVar[tuple[str, ...]] = ("name", "pk")

    def rows(self) -> QuerySet[Organization]:
        roots = access.reach(self.request.actor)
        rows = self.visible(Organization)
        tops = rows.filter(parent=None) if roots is None else _topmost(rows, roots)
        return _with_children(tops)

    def context(self) -> dict[str, Any]:
        """Only the installation itself makes a root."""
        return {"may_make_roots": access.reach(self.request.actor, Permission.CHANGE_ORGANIZATIONS) is None}


class OrganizationPage(Page):
    """One organization: what it is, what is below it, its services, users and contacts."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        one = self.found(self.visible(Organization).select_related("parent"), pk=pk)
        children = paging.cut(_with_children(one.children.all()), order=("name", "pk"), query=self.request.GET)
        return render(
            request,
            "console/organizations/page.html",
            {
                "organization": one,
                "crumbs": _way_to(self, one),
                "page": children,
                "services": list(self.visible(Service).filter(organization=one).order_by("name", "pk")[:SHOWN]),
                "members": list(_members(self, one)[:SHOWN]),
                "contacts": list(
                    self.visible(Contact).filter(organization=one).prefetch_related("points").order_by("name")[:SHOWN]
                ),
                "may_change": self.may(Permission.CHANGE_ORGANIZATIONS, one),
                "may_change_users": self.may(Permission.CHANGE_USERS, one),
                "may_change_contacts": self.may(Permission.CHANGE_CONTACTS, one),
                "may_change_services": self.may(Permission.CHANGE_SERVICES, one),
            },
        )


class EditOrganization(FormPage):
    needs: ClassVar[Permission] = Permission.CHANGE_ORGANIZATIONS

    def prepare(self) -> None:
        self.organization = self.found(self.visible(Organization), pk=self.kwargs["pk"])
        self.allow(self.needs, self.organization)

    def form(self, data: QueryDict | None = None) -> OrganizationForm:
        return OrganizationForm(data, organization=self.organization)

    def answer(self, form: OrganizationForm) -> HttpResponse | None:
        if not self.make(form):
            return None
        name = form.cleaned_data["name"]
        return self.done(_("%(name)s is saved.") % {"name": name}, _page_of(self.organization))

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Change %(name)s") % {"name": self.organization.name},
            "here": _("Change"),
            "back": _page_of(self.organization),
            "crumbs": [*_way_to(self, self.organization), Crumb(self.organization.name, _page_of(self.organization))],
        }


class NewOrganization(FormPage):
    """A new organization below another; without one, a root, which is the installation's to make."""

    needs: ClassVar[Permission] = Permission.CHANGE_ORGANIZATIONS
    parent: Organization | None = None

    def prepare(self) -> None:
        if pk := self.kwargs.get("pk"):
            self.parent = self.found(self.visible(Organization), pk=pk)
            self.allow(self.needs, self.parent)
        elif access.reach(self.request.actor, self.needs) is not None:
            raise PermissionDenied

    def form(self, data: QueryDict | None = None) -> OrganizationForm:
        return OrganizationForm(data, parent=self.parent)

    def answer(self, form: OrganizationForm) -> HttpResponse | None:
        if not self.make(form):
            return None
        made = Organization.objects.get(code=form.cleaned_data["code"])
        return self.done(_("%(name)s is added.") % {"name": made.name}, _page_of(made))

    def context(self) -> dict[str, Any]:
        if self.parent is None:
            return {
                "title": _("New organization"),
                "back": _all(),
                "crumbs": [crumb(_("Organizations"), "organizations")],
            }
        return {
            "title": _("New organization below %(name)s") % {"name": self.parent.name},
            "here": _("New organization"),
            "back": _page_of(self.parent),
            "crumbs": [*_way_to(self, self.parent), Crumb(self.parent.name, _page_of(self.parent))],
        }


class DeleteOrganization(ConfirmPage):
    needs: ClassVar[Permission] = Permission.CHANGE_ORGANIZATIONS

    def prepare(self) -> None:
        self.organization = self.found(self.visible(Organization), pk=self.kwargs["pk"])
        self.allow(self.needs, self.organization)

    def act(self) -> HttpResponse:
        self.remove("organizations", code=self.organization.code)
        return self.done(_("%(name)s is deleted.") % {"name": self.organization.name}, _all())

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Delete %(name)s?") % {"name": self.organization.name},
            "here": _("Delete"),
            "what": [
                _("Its users lose their roles in it, its contacts, groups and templates go with it."),
                _("An organization that still has services, clients, rules or organizations below it stays."),
            ],
            "do": _("Delete the organization"),
            "back": _page_of(self.organization),
            "crumbs": [*_way_to(self, self.organization), Crumb(self.organization.name, _page_of(self.organization))],
        }


def _topmost(rows: QuerySet[Organization], roots: tuple[int, ...]) -> QuerySet[Organization]:
    """Of the organizations with a role, those below none of the others."""
    paths = dict(Organization.objects.filter(pk__in=roots).values_list("pk", "path"))
    return rows.filter(pk__in=[pk for pk, path in paths.items() if not set(path[:-1]) & paths.keys()])


def _with_children(rows: QuerySet[Organization]) -> QuerySet[Organization]:
    return rows.annotate(below=Count("children", distinct=True))


def _members(page: Page, one: Organization) -> QuerySet[Membership]:
    """Who has a role in it, or above it and so here too."""
    return (
        page.visible(Membership)
        .filter(organization__in=one.path)
        .select_related("user", "organization")
        .order_by("user__name", "pk")
    )


def _way_to(page: Page, one: Organization) -> list[Crumb]:
    """The organizations above it that the actor sees."""
    above = {each.pk: each for each in page.visible(Organization).filter(pk__in=one.path[:-1])}
    way = [above[pk] for pk in one.path if pk in above]
    return [crumb(_("Organizations"), "organizations"), *(Crumb(each.name, _page_of(each)) for each in way)]


def _page_of(one: Organization) -> str:
    return reverse("console:organization", args=[one.pk])


def _all() -> str:
    return reverse("console:organizations")
