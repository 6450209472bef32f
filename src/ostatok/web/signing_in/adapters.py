"""Where allauth asks us: its words, its mails, its secrets, and who may do what."""

import ipaddress
import logging
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import HTTP_USER_AGENT_MAX_LENGTH
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ostatok.parties.models import User
from ostatok.web import requests
from ostatok.web.signing_in import browsers, confirming, mail, records, sealing, second_factor, words

log: Final = logging.getLogger(__name__)
Messages = Mapping[str, str | Promise]


#: Steps of signing in that we take our own way.
_OUR_STAGES: Final = {
    "allauth.account.stages.EmailVerificationStage": "ostatok.web.signing_in.stages.Confirmed",
    "allauth.mfa.stages.AuthenticateStage": "ostatok.web.signing_in.second_factor.Stage",
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up uninvited, and mails go out as their reader's organization, in their reader's language."""

    error_messages: ClassVar[Messages] = {
        **DefaultAccountAdapter.error_messages,
        "duplicate_email": gettext_lazy("This is your address already."),
        "email_password_mismatch": gettext_lazy("The e-mail or the password is not right."),
        "email_taken": gettext_lazy("Somebody signs in with this address already."),
        "enter_current_password": gettext_lazy("This is not your current password."),
        "incorrect_code": gettext_lazy("The code is not right. It may have changed meanwhile: enter the newest one."),
        "incorrect_password": gettext_lazy("The password is not right."),
        "invalid_password_reset": gettext_lazy("The link is not valid any more."),
        "same_as_current": gettext_lazy("This is what it is already."),
        "too_many_login_attempts": gettext_lazy("Too many failed attempts. Wait five minutes, then try again."),
        "rate_limited": gettext_lazy("Too many requests. Wait a minute, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 (allauth's signature)
        return False

    def get_login_stages(self) -> list[str]:
        """The same steps, but an address is confirmed only where a mail can come to it, and a second factor may have
        been shown to the provider of OpenID Connect.
        """
        return [_OUR_STAGES.get(stage, stage) for stage in super().get_login_stages()]

    def get_client_ip(self, request: HttpRequest) -> str:
        """As the audit records it; a socket without an address counts as one sender."""
        try:
            return str(ipaddress.ip_address(requests.origin(request)))
        except ValueError:
            return "0.0.0.0"  # noqa: S104 (an address that nobody has)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        records.sign_in_failed.send(sender=User, request=request, email=credentials.get("email", ""))

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, Any]) -> None:
        """Send what its reader waits for; a page says so if it did not leave."""
        try:
            self._send(template_prefix, email, context)
        except mail.FAILURES as error:
            log.warning("a mail of signing in was not sent: %s", type(error).__name__)
            raise ImmediateHttpResponse(render(self.request, "account/mail_failed.html", status=503)) from None

    def send_notification_mail(
        self, template_prefix: str, user: User, context: Mapping[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell a user what was changed. The change stands, whether the mail leaves or not."""
        agent = self.get_http_user_agent(self.request)[:HTTP_USER_AGENT_MAX_LENGTH]
        told = {
            "user": user,
            "timestamp": timezone.now(),
            "ip": self.get_client_ip(self.request),
            "browser": browsers.named(agent),
            **(context or {}),
        }
        try:
            self._send(template_prefix, email or user.email, told)
        except mail.FAILURES as error:
            log.warning("a mail of signing in was not sent: %s", type(error).__name__)
            messages.warning(self.request, _("This was done, but the mail that tells of it could not be sent."))

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """An address that another user has been given meanwhile stays theirs.

        The first time, a password stays only where this browser has typed it: else it may be somebody else's.
        """
        if User.objects.filter(email=email_address.email).exclude(pk=email_address.user_id).exists():
            messages.error(request, _("Somebody signs in with this address already."))
            return False
        user = email_address.user
        if not confirming.is_proved(user) and not confirming.typed_here(request, user):
            self._disown(request, user, email_address.email)
        confirmed: bool = super().confirm_email(request, email_address)
        return confirmed

    def _disown(self, request: HttpRequest, user: User, address: str) -> None:
        if confirming.disown(user, origin=requests.origin(request), now=timezone.now(), address=address):
            messages.warning(request, words.PASSWORD_DROPPED)

    def _send(self, template: str, email: str, context: Mapping[str, Any]) -> None:
        user = context.get("user") or _user_with(email)
        language = user.language if user else translation.get_language()
        values = {"base_url": self.request.build_absolute_uri("/"), **context}
        mail.send(template, to=email, language=language or "en", sender=mail.sender_for(user), context=values)

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """The same ways, in our words; the password is none in a session that owes a second factor."""
        words = {
            "reauthenticate": _("With the password"),
            "mfa_reauthenticate": _("With a code"),
            "mfa_reauthenticate:webauthn": _("With a passkey"),
        }
        methods = super().get_reauthentication_methods(user)
        if second_factor.must_be_shown(self.request, user):
            methods = [method for method in methods if method["id"] != "reauthenticate"]
        return [{**method, "description": words[method["id"]]} for method in methods]


def _user_with(email: str) -> User | None:
    address = EmailAddress.objects.filter(email=email, verified=True).select_related("user").first()
    return address.user if address else User.objects.filter(email=email).first()


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are kept encrypted; staff keep one."""

    error_messages: ClassVar[Messages] = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": gettext_lazy(
            "Your role needs a second factor. Set up another one first, then remove this one."
        ),
        "cannot_generate_recovery_codes": gettext_lazy("Recovery codes need a second factor: set one up first."),
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "unverified_email": gettext_lazy("Confirm your e-mail address first."),
    }

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        user = authenticator.user
        return not second_factor.needed_by(user) or second_factor.others(user, authenticator).exists()

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002 (allauth's signature)
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return ngettext("Passkey", "Passkey %(number)d", number) % {"number": number}


def display(user: User) -> str:
    """How a user is called on pages."""
    return user.name or user.email
