"""Invitations to the console: sent, and taken back."""

from typing import Any, ClassVar

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from ostatok.console.crumbs import crumb
from ostatok.console.form_pages import ConfirmPage, FormPage
from ostatok.console.inviting import invite
from ostatok.console.people.forms import InviteForm
from ostatok.parties import invitations
from ostatok.parties.access import Permission, Role
from ostatok.parties.invitations import InvitationRefused
from ostatok.parties.models import Invitation
from ostatok.web.requests import origin


class InviteUser(FormPage):
    needs: ClassVar[Permission] = Permission.CHANGE_USERS

    def form(self, data: QueryDict | None = None) -> InviteForm:
        asked = self.request.GET.get("organization")
        return InviteForm(data, actor=self.request.actor, initial={"organization": asked} if asked else None)

    def answer(self, form: InviteForm) -> HttpResponse | None:
        chosen = form.cleaned_data
        back = reverse("console:users")
        try:
            return invite(self, chosen["organization"], email=chosen["email"], role=Role(chosen["role"]), back=back)
        except InvitationRefused as error:
            form.add_error("email", str(error))
            return None

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Invite a colleague"),
            "here": _("Invite"),
            "lede": _("They choose a password and a second factor themselves, and see what their role allows."),
            "save": _("Send the invitation"),
            "back": reverse("console:users"),
            "crumbs": [crumb(_("Users"), "users")],
        }


class RevokeInvitation(ConfirmPage):
    needs: ClassVar[Permission] = Permission.CHANGE_USERS

    def prepare(self) -> None:
        rows = self.visible(Invitation).select_related("organization")
        self.invitation = self.found(rows, pk=self.kwargs["pk"], client=None)
        self.allow(self.needs, self.invitation.organization)

    def act(self) -> HttpResponse:
        invitations.revoke(self.request.actor, self.invitation, origin=origin(self.request), now=now())
        return self.done(_("The invitation is taken back."), reverse("console:users"))

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Take the invitation of %(email)s back?") % {"email": self.invitation.email},
            "here": _("Take back"),
            "what": [_("The link in the letter stops working at once.")],
            "do": _("Take it back"),
            "back": reverse("console:users"),
            "crumbs": [crumb(_("Users"), "users")],
        }
