"""Who may see a client in the cabinet: invited, let in, shut out."""

from typing import Any, ClassVar

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ostatok.console.clients.editing import found_client, way_to
from ostatok.console.crumbs import Crumb
from ostatok.console.form_pages import ConfirmPage, FormPage
from ostatok.console.inviting import invite
from ostatok.parties import audit, invitations
from ostatok.parties.access import Permission
from ostatok.parties.invitations import InvitationRefused
from ostatok.parties.models import Client, ClientUser, Invitation
from ostatok.web.pages import Page
from ostatok.web.requests import origin


class Access(Page):
    """The people of a client, and those who are invited."""

    def get(self, request: HttpRequest, **_where: Any) -> HttpResponseBase:
        client = found_client(self, Permission.SEE)
        waiting = self.visible(Invitation).filter(
            client=client, accepted_at=None, revoked_at=None, expires_at__gt=now()
        )
        return render(
            request,
            "console/clients/access.html",
            {
                "client": client,
                "crumbs": way_to(client),
                "people": self.visible(ClientUser).filter(client=client).select_related("user").order_by("user__email"),
                "invitations": waiting.order_by("-created_at"),
                "may_change": self.may(Permission.CHANGE_CLIENTS, client.organization),
            },
        )


class CabinetInvitationForm(forms.Form):
    """Whom to invite."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail"), help_text=gettext_lazy("A link goes there, good for a week and for one use.")
    )


class InviteToCabinet(FormPage):
    needs: ClassVar[Permission] = Permission.CHANGE_CLIENTS

    def prepare(self) -> None:
        self.client = found_client(self)

    def form(self, data: QueryDict | None = None) -> CabinetInvitationForm:
        return CabinetInvitationForm(data, initial={"email": self.client.email})

    def answer(self, form: CabinetInvitationForm) -> HttpResponse | None:
        try:
            return invite(self, self.client, email=form.cleaned_data["email"], back=access_page(self.client))
        except InvitationRefused as error:
            form.add_error("email", str(error))
            return None

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Invite to the cabinet of %(name)s") % {"name": self.client.name},
            "here": _("Invite"),
            "lede": _("Whoever accepts sees this client's balances, entries and letters, and changes nothing else."),
            "save": _("Send the invitation"),
            "back": access_page(self.client),
            "crumbs": way_to_access(self.client),
        }


class TakeAccess(ConfirmPage):
    """Shut a person out of a client's cabinet."""

    needs: ClassVar[Permission] = Permission.CHANGE_CLIENTS

    def prepare(self) -> None:
        self.client = found_client(self)
        people = self.visible(ClientUser).filter(client=self.client).select_related("user")
        self.one = self.found(people, user=self.kwargs["user"])

    def act(self) -> HttpResponse:
        client, moment = self.client, now()
        subject = f"client {client.organization.code}/{client.code}"
        with transaction.atomic():
            self.one.delete()
            audit.record(
                self.request.actor,
                "client.access_taken",
                subject,
                client.organization,
                {"email": (self.one.user.email, None)},
                origin(self.request),
                moment,
            )
        return self.done(_("%(email)s no longer sees it.") % {"email": self.one.user.email}, access_page(client))

    def context(self) -> dict[str, Any]:
        names = {"email": self.one.user.email, "name": self.client.name}
        return {
            "title": _("Shut %(email)s out?") % names,
            "here": _("Shut out"),
            "what": [_("At the next click %(email)s no longer sees %(name)s. Letters to the client go on.") % names],
            "do": _("Shut out"),
            "back": access_page(self.client),
            "crumbs": way_to_access(self.client),
        }


class RevokeCabinetInvitation(ConfirmPage):
    needs: ClassVar[Permission] = Permission.CHANGE_CLIENTS

    def prepare(self) -> None:
        rows = self.visible(Invitation).select_related("organization", "client__organization")
        self.invitation = self.found(rows.exclude(client=None), pk=self.kwargs["pk"])
        self.client = self.found(self.visible(Client), pk=self.invitation.client_id)
        self.allow(self.needs, self.invitation.organization)

    def act(self) -> HttpResponse:
        invitations.revoke(self.request.actor, self.invitation, origin=origin(self.request), now=now())
        return self.done(_("The invitation is taken back."), access_page(self.client))

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Take the invitation of %(email)s back?") % {"email": self.invitation.email},
            "here": _("Take back"),
            "what": [_("The link in the letter stops working at once.")],
            "do": _("Take it back"),
            "back": access_page(self.client),
            "crumbs": way_to_access(self.client),
        }


def access_page(client: Client) -> str:
    """The address of the page that says who may see the client."""
    return reverse("console:client_access", args=[client.pk])


def way_to_access(client: Client) -> list[Crumb]:
    """What stands above the pages of access to a client."""
    return [*way_to(client), Crumb(_("Cabinet"), access_page(client))]
