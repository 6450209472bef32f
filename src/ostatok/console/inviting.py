"""Invitations sent from the console: by mail, or, where no mail leaves, as a link shown once, if it may be."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
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
    url = letters.link_by_hand(invitation, token, request.build_absolute_uri("/"))
    if not url:
        messages.warning(request, _("This was done, but the mail that tells of it could not be sent."))
        return redirect(back)
    return render(request, "console/invited.html", {"invitation": invitation, "url": url, "back": back})
