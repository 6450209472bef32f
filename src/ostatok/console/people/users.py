"""Users: who has a role where; roles given, changed and taken away."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from ostatok.console.crumbs import crumb
from ostatok.console.form_pages import ConfirmPage, FormPage
from ostatok.console.list_pages import ListPage
from ostatok.console.people.forms import RoleForm, UserFilters
from ostatok.parties import access, finding
from ostatok.parties.access import Member, Permission, Role
from ostatok.parties.models import Invitation, Membership
from ostatok.web import changes
from ostatok.web.pages import Page
from ostatok.web.requests import origin


class Users(ListPage):
    """Roles, one a row: a person with two of them stands here twice."""

    template: ClassVar[str] = "console/people/users.html"
    order: ClassVar[tuple[str, ...]] = ("user__email", "pk")
    filters = UserFilters

    def rows(self) -> QuerySet[Membership]:
        rows = self.visible(Membership).select_related("user", "organization")
        if text := self.narrow.chosen("text"):
            rows = rows.filter(finding.users(text, at="user__"))
        if at := self.narrow.chosen("organization"):
            rows = rows.filter(organization__in=at.path)
        return rows

    def context(self) -> dict[str, Any]:
        waiting = self.visible(Invitation).filter(client=None, accepted_at=None, revoked_at=None, expires_at__gt=now())
        return {
            "may_change": access.reach(self.request.actor, Permission.CHANGE_USERS) != (),
            "invitations": list(waiting.select_related("organization").order_by("-created_at")[: self.size]),
        }


class ChangeRole(FormPage):
    needs: ClassVar[Permission] = Permission.CHANGE_USERS

    def prepare(self) -> None:
        self.membership = found_role(self)

    def form(self, data: QueryDict | None = None) -> RoleForm:
        return RoleForm(data, actor=self.request.actor, membership=self.membership)

    def answer(self, form: RoleForm) -> HttpResponse | None:
        if not self.make(form):
            return None
        return self.done(_("The role is changed."), reverse("console:users"))

    def context(self) -> dict[str, Any]:
        user, at = self.membership.user, self.membership.organization
        return {
            "title": _("What %(user)s may do in %(organization)s")
            % {"user": user.name or user.email, "organization": at.name},
            "here": _("Role"),
            "back": reverse("console:users"),
            "crumbs": [crumb(_("Users"), "users")],
        }


class TakeRole(ConfirmPage):
    """Take a role away. The person stays known: what they did is audited under their name."""

    needs: ClassVar[Permission] = Permission.CHANGE_USERS

    def prepare(self) -> None:
        self.membership = found_role(self)

    def act(self) -> HttpResponse:
        user, at = self.membership.user, self.membership.organization
        role = {"organization": at.code, "state": "deleted"}
        description = {"users": [{"email": user.email, "roles": [role]}]}
        changes.apply(self.request.actor, description, origin=origin(self.request))
        return self.done(_("%(user)s has no role here any more.") % {"user": user.name or user.email}, self._back())

    def context(self) -> dict[str, Any]:
        user, at = self.membership.user, self.membership.organization
        names = {"user": user.name or user.email, "organization": at.name}
        what = [
            _("At the next click %(user)s no longer sees %(organization)s and what is below it.") % names,
            _("Rules that tell this user go on telling: first take the user out of their recipients."),
        ]
        if isinstance(self.request.actor, Member) and self.request.actor.user_id == user.pk:
            what.insert(0, _("This is your own role: you will be locked out."))
        return {
            "title": _("Take the role of %(user)s in %(organization)s away?") % names,
            "here": _("Take away"),
            "what": what,
            "do": _("Take the role away"),
            "back": self._back(),
            "crumbs": [crumb(_("Users"), "users")],
        }

    def _back(self) -> str:
        return reverse("console:users")


def found_role(page: Page) -> Membership:
    """The role that a page is about; the actor must be able to give it: nobody changes who may do more."""
    rows = page.visible(Membership).select_related("user", "organization")
    membership = page.found(rows, pk=page.kwargs["pk"])
    page.allow(Permission.CHANGE_USERS, membership.organization)
    if not access.may_grant(page.request.actor, Role(membership.role), membership.organization.path):
        raise PermissionDenied
    return membership
