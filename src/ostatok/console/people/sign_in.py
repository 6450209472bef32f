"""How a colleague signs in: ending sessions, resetting the second factor, cutting the link to the provider."""

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ostatok.console.crumbs import crumb
from ostatok.console.people.users import found_role
from ostatok.parties.access import Permission
from ostatok.parties.models import Membership, User
from ostatok.web.pages import Page
from ostatok.web.requests import origin
from ostatok.web.signing_in import second_factor, sessions
from ostatok.web.signing_in.oidc import links


class UserSignIn(Page):
    """Each act is on a button of its own that says what it does."""

    needs: ClassVar[Permission] = Permission.CHANGE_USERS

    def get(self, _request: HttpRequest, pk: int) -> HttpResponseBase:  # noqa: ARG002 (found_role reads it)
        return self._page(found_role(self))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        membership = found_role(self)
        acts = {"sessions": self._end_sessions, "second_factor": self._reset, "oidc": self._disconnect}
        act = acts.get(request.POST.get("do", ""))
        if act is None:
            return self._page(membership)
        act(membership.user)
        return redirect("console:user_sign_in", pk)

    def _end_sessions(self, user: User) -> None:
        ended = sessions.end_all(user, actor=self.request.actor, origin=origin(self.request), now=now())
        told = ngettext("%(count)d session was ended.", "%(count)d sessions were ended.", ended)
        messages.success(self.request, told % {"count": ended})

    def _reset(self, user: User) -> None:
        if not second_factor.may_be_reset_by(self.request.actor, user):
            raise PermissionDenied
        second_factor.reset(user, actor=self.request.actor, origin=origin(self.request), now=now())
        messages.success(self.request, _("The second factor is reset; a mail says so."))

    def _disconnect(self, user: User) -> None:
        """Who comes next with that address is connected anew: it opens as much as a reset does."""
        if not second_factor.may_be_reset_by(self.request.actor, user):
            raise PermissionDenied
        links.cut(user, actor=self.request.actor, origin=origin(self.request), now=now())
        messages.success(self.request, _("Disconnected; a mail says so."))

    def _page(self, membership: Membership) -> HttpResponse:
        user = membership.user
        told: dict[str, Any] = {
            "user": user,
            "title": _("How %(user)s signs in") % {"user": user.name or user.email},
            "here": _("Sign-in"),
            "crumbs": [crumb(_("Users"), "users")],
            "sessions": sessions.listed(user),
            "second_factor": second_factor.had_by(user),
            "link": links.of(user),
            "may_reset": second_factor.may_be_reset_by(self.request.actor, user),
        }
        return render(self.request, "console/people/sign_in.html", told)
