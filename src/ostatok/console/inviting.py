"""Invitations sent from the console: by mail, or, where no mail leaves, as a link shown once."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import gettext as _

from ostatok.console.form_pages import FormPage
from ostatok.parties import invitations
from ostatok.parties.access import Role
from ostatok.parties.models import Client, Organization
from ostatok.web.requests import origin
from ostatok.web.signing_in import invitations as letters


def invite(
    page: FormPage, to: Organization | Client, *, email: str, back: str, role: Role | None = None
) -> HttpResponse:
    """Invite and mail the link; the answer leads back, or shows the link. Raises InvitationRefused."""
    request = page.request
    invitation, token = invitations.invite(request.actor, to, email=email, role=role, origin=origin(request), now=now())
    if letters.send(invitation, token, request):
        return page.done(_("The invitation is on its way to %(email)s.") % {"email": invitation.email}, back)
    url = letters.link(token, request.build_absolute_uri("/"))
    return render(request, "console/invited.html", {"invitation": invitation, "url": url, "back": back})
