"""Invitations as people meet them: the mail, and the page its link leads to."""

import logging
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urljoin

from allauth.account.models import EmailAddress
from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View

from ostatok.kernel import text
from ostatok.parties import invitations, wall
from ostatok.parties.invitations import InvitationGone, InvitationRefused
from ostatok.parties.models import Invitation, User
from ostatok.web import requests
from ostatok.web.signing_in import confirming, forms, languages, mail, words

log: Final = logging.getLogger(__name__)


def link(token: str, base: str) -> str:
    """Where an invitation is accepted, at an installation with this base address."""
    return urljoin(base, reverse("account_invitation", args=[token]))


def link_by_hand(invitation: Invitation, token: str, base: str) -> str:
    """The link for whoever invited, to be passed on where no mail left; nothing where only the mailbox may have it.

    Who has not set a password yet sets it by this link, and so comes to all roles the address was given anywhere.
    """
    with wall.lowered():  # users of other organizations count, though they are not seen
        users = list(User.objects.filter(email=invitation.email))
    return link(token, base) if all(user.has_usable_password() for user in users) else ""


def send(invitation: Invitation, token: str, request: HttpRequest) -> bool:
    """Mail the link. Returns whether the mail left: if not, the invitation stands, and the link can be told otherwise.

    To be called outside any transaction.
    """
    try:
        send_link(invitation, link(token, request.build_absolute_uri("/")))
    except mail.FAILURES as error:
        log.warning("an invitation was not mailed: %s", type(error).__name__)
        return False
    return True


def send_link(invitation: Invitation, url: str) -> None:
    """Mail this link, in the language of the client or of the organization. Raises one of `mail.FAILURES`.

    Who accepts by a link that was mailed has shown that the address is theirs: show it to nobody else.
    """
    language = language_of(invitation)
    with translation.override(language):
        told = {
            **_told(invitation),
            "link": url,
            "until": text.day(invitation.expires_at, language, timezone.get_current_timezone()),
        }
    sender = mail.sender_of(invitation.organization)
    mail.send("account/email/invitation", to=invitation.email, language=language, sender=sender, context=told)
    invitations.was_mailed(invitation)


def language_of(invitation: Invitation) -> str:
    """The language somebody who is invited is spoken to in: as a user, or else as the client or the organization."""
    known = User.objects.filter(email=invitation.email).values_list("language", flat=True).first()
    client = invitation.client
    return known or (client.language if client else "") or invitation.organization.language


def _told(invitation: Invitation) -> dict[str, Any]:
    return {
        "organization": invitation.organization,
        "client": invitation.client,
        "role": str(words.ROLES[invitation.role]) if invitation.role else "",
        "email": invitation.email,
    }


@method_decorator(sensitive_post_parameters("password1", "password2"), name="dispatch")
class Accept(View):
    """The page of an invitation: who is new says a name and a password, who is not signs in and accepts."""

    invitation: Invitation

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the invitation, and speak its reader's language."""
        limited: HttpResponse | None = ratelimit.consume_or_429(request, action="invitation", limit_get=True)
        if limited:
            return limited
        try:
            self.invitation = invitations.find(kwargs["token"], timezone.now())
        except InvitationGone:
            return self._gone()
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(language_of(self.invitation))
        if request.user.is_authenticated and request.user.email != self.invitation.email:
            return render(request, "account/invitation_other.html", status=HTTPStatus.FORBIDDEN)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG002
        language = language_of(self.invitation)
        return self._page(forms.Accept(email=self.invitation.email, initial={"language": language}))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        if request.user.is_authenticated:
            return self._accepted_by(request.user, token)
        if self._known:
            return redirect_to_login(request.get_full_path())
        form = forms.Accept(request.POST, email=self.invitation.email)
        return self._accepted_by_newcomer(form, token) if form.is_valid() else self._page(form)

    @property
    def _known(self) -> bool:
        """Whether the address signs in already; who never set a password does it here."""
        user = User.objects.filter(email=self.invitation.email).first()
        return user is not None and (user.has_usable_password() or not user.is_active)

    def _accepted_by(self, user: User, token: str) -> HttpResponse:
        try:
            invitations.accept(token, user=user, origin=requests.origin(self.request), now=timezone.now())
        except InvitationRefused:
            return self._gone()
        messages.success(self.request, _("The invitation is accepted."))
        return redirect("home")

    def _accepted_by_newcomer(self, form: forms.Accept, token: str) -> HttpResponse:
        said = form.cleaned_data
        where, now = requests.origin(self.request), timezone.now()
        try:
            user = invitations.accept(token, name=said["name"], password=said["password1"], origin=where, now=now)
        except ValidationError as error:
            form.add_error("password1", error)
            return self._page(form)
        except InvitationGone:
            return self._gone()
        except InvitationRefused as error:
            form.add_error(None, str(error))
            return self._page(form)
        return self._signed_in(user, said["language"])

    def _signed_in(self, user: User, language: str) -> HttpResponse:
        """A link that was mailed came to the mailbox, so the address is confirmed; one handed over by hand proves
        nothing, and the address is still to be confirmed by a mail.
        """
        user.language = language
        user.save(update_fields=["language"])
        proven = self.invitation.mailed
        if proven:
            where, now = requests.origin(self.request), timezone.now()
            confirming.by_mailbox(user, origin=where, now=now, keeps_password=True)
        else:
            new = {"verified": False, "primary": True}
            EmailAddress.objects.get_or_create(user=user, email=user.email, defaults=new)
        response: HttpResponse = perform_login(self.request, user, email_verification="none" if proven else None)
        languages.keep(response, language)
        return response

    def _page(self, form: forms.Accept) -> HttpResponse:
        here = self.request.user.is_authenticated
        told = {**_told(self.invitation), "form": form, "known": here or self._known, "here": here}
        return render(self.request, "account/invitation.html", told)

    def _gone(self) -> HttpResponse:
        return render(self.request, "account/invitation_gone.html", status=HTTPStatus.GONE)


accept = Accept.as_view()
