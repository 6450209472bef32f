"""Groups of clients: what rules and lists are narrowed by."""

from typing import Any, ClassVar

from django.db.models import Count, QuerySet
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from ostatok.console.crumbs import crumb
from ostatok.console.form_pages import ConfirmPage, FormPage
from ostatok.console.list_pages import ListPage
from ostatok.console.people.forms import GroupForm
from ostatok.parties import access
from ostatok.parties.access import Permission
from ostatok.parties.models import ClientGroup, GroupMembership


class Groups(ListPage):
    """Groups with how many clients are in each: one count for the page."""

    template: ClassVar[str] = "console/people/groups.html"
    order: ClassVar[tuple[str, ...]] = ("name", "pk")

    def rows(self) -> QuerySet[ClientGroup]:
        return self.visible(ClientGroup).select_related("organization")

    def context(self) -> dict[str, Any]:
        rows = self.visible(GroupMembership).filter(group__in=[group.pk for group in self.page.items])
        members = dict(rows.order_by().values_list("group_id").annotate(Count("pk")))
        return {
            "groups": [(group, members.get(group.pk, 0)) for group in self.page.items],
            "may_change": access.reach(self.request.actor, Permission.CHANGE_CLIENTS) != (),
        }


class GroupPage(FormPage):
    """A new group, or one that is there."""

    needs: ClassVar[Permission] = Permission.CHANGE_CLIENTS
    template: ClassVar[str] = "console/people/group.html"
    group: ClientGroup | None = None

    def prepare(self) -> None:
        if pk := self.kwargs.get("pk"):
            self.group = self.found(self.visible(ClientGroup).select_related("organization"), pk=pk)
            self.allow(self.needs, self.group.organization)

    def form(self, data: QueryDict | None = None) -> GroupForm:
        return GroupForm(data, actor=self.request.actor, group=self.group)

    def answer(self, form: GroupForm) -> HttpResponse | None:
        if not self.make(form):
            return None
        return self.done(_("%(name)s is saved.") % {"name": form.cleaned_data["name"]}, reverse("console:groups"))

    def context(self) -> dict[str, Any]:
        return {
            "title": self.group.name if self.group else _("New group"),
            "group": self.group,
            "back": reverse("console:groups"),
            "crumbs": [crumb(_("Groups"), "groups")],
        }


class DeleteGroup(ConfirmPage):
    needs: ClassVar[Permission] = Permission.CHANGE_CLIENTS

    def prepare(self) -> None:
        self.group = self.found(self.visible(ClientGroup).select_related("organization"), pk=self.kwargs["pk"])
        self.allow(self.needs, self.group.organization)

    def act(self) -> HttpResponse:
        self.remove("groups", organization=self.group.organization.code, code=self.group.code)
        return self.done(_("%(name)s is deleted.") % {"name": self.group.name}, reverse("console:groups"))

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Delete the group %(name)s?") % {"name": self.group.name},
            "here": _("Delete"),
            "what": [_("Its clients stay. Rules that spoke to the group no longer speak to them.")],
            "do": _("Delete the group"),
            "back": reverse("console:group", args=[self.group.pk]),
            "crumbs": [crumb(_("Groups"), "groups"), crumb(self.group.name, "group", self.group.pk)],
        }
