"""The second factor: staff must have one, and show it in each session, before they see anything but how to do that."""

import logging
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Final

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ostatok.parties import access, wall
from ostatok.parties.access import Actor, Role, System
from ostatok.parties.models import User
from ostatok.web.signing_in import mail, records, sessions, words
from ostatok.web.signing_in.oidc import arrivals
from ostatok.web.signing_in.sealing import Unreadable

log: Final = logging.getLogger(__name__)
Handler = Callable[[HttpRequest], HttpResponseBase]

#: Where staff work. The cabinet shows a person no more than their own, with or without a second factor.
CONSOLE: Final = "/console/"
API: Final = "/api/"
#: Where one changes how one signs in; but on some of these pages a second factor is shown.
WAYS_IN: Final = (
    *("/account/2fa/", "/account/password/change/", "/account/password/set/", "/account/email/", "/account/oidc/"),
)
SHOWING: Final = (
    *("/account/2fa/authenticate/", "/account/2fa/reauthenticate/"),
    *("/account/2fa/passkeys/login/", "/account/2fa/passkeys/reauthenticate/"),
)
#: What a second factor is; recovery codes only stand in for one.
KINDS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
#: What allauth calls it among its records of a session.
_METHOD: Final = "mfa"
_SET_IT_UP: Final = "set one up under /account/2fa/"
_SHOW_IT: Final = "show it in this session, under /account/2fa/reauthenticate/"


def needed_by(user: User | AnonymousUser) -> bool:
    """Whether a user must have one, as all staff must but those of the demo."""
    return not settings.OSTATOK_DEMO and isinstance(user, User) and is_staff(user)


def is_staff(user: User) -> bool:
    """Whether a user works for somebody: has a role, or is the installation's superuser."""
    return user.is_superuser or user.memberships.exists()


def had_by(user: User) -> bool:
    """Whether a user has a second factor."""
    with wall.lowered():  # what a colleague has is not seen, but that there is something
        return _kept(user).exists()


def others(user: User, authenticator: Authenticator) -> QuerySet[Authenticator]:
    """The second factors a user would keep without this one."""
    return _kept(user).exclude(pk=authenticator.pk)


def _kept(user: User) -> QuerySet[Authenticator]:
    rows: QuerySet[Authenticator] = Authenticator.objects.filter(user=user, type__in=KINDS)
    return rows


class Stage(AuthenticateStage):  # type: ignore[misc]
    """The step of a sign-in that asks for it, left out where the provider has seen one and is trusted with that."""

    def _should_handle(self, request: HttpRequest) -> bool:
        user = self.login.user
        if isinstance(user, User) and arrivals.showed_second_factor(request, user):
            return False
        asked: bool = super()._should_handle(request)
        return asked


class SecondFactor:
    """Middleware: staff see nothing until they have shown a second factor in this session; and whoever has one shows it
    before changing how they sign in. A program with a session is told 403.
    """

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User) or not _kept_from(request, user):
            return self._get_response(request)
        return _refused(request, user) if request.path.startswith(API) else _led(request, user)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A page that needs a secret which no key opens says what to do."""
        if not isinstance(exception, Unreadable):
            return None
        log_unreadable(request.user)
        return render(request, "account/unreadable.html", {"why": words.UNREADABLE}, status=HTTPStatus.CONFLICT)


def log_unreadable(user: User | AnonymousUser) -> None:
    """Tell whoever runs this that somebody waits to be let in; neither the secret nor the address."""
    log.error("no key opens a secret of the second factor of user %s", user.pk)


def shown_in(request: HttpRequest, user: User) -> bool:
    """Whether a second factor was shown in this session: at the sign-in, later, by setting up the first one, or to a
    trusted provider. What the user shows elsewhere does not count: here a password alone may have come in.
    """
    shown = any(record["method"] == _METHOD for record in get_authentication_records(request, user))
    return (shown and had_by(user)) or arrivals.showed_second_factor(request, user)


def must_be_shown(request: HttpRequest, user: User | AnonymousUser) -> bool:
    """Whether the user has one that this session has not seen."""
    return isinstance(user, User) and not shown_in(request, user) and had_by(user)


def count_as_shown(request: HttpRequest, authenticator: Authenticator) -> None:
    """Whoever has set up the first one in a session need not show it there once more."""
    told = {"id": authenticator.pk, "type": str(authenticator.type)}
    record_authentication(request, authenticator.user, _METHOD, **told)


def is_first(authenticator: Authenticator) -> bool:
    """Whether this is a second factor, and the only one its user has."""
    return authenticator.type in KINDS and not others(authenticator.user, authenticator).exists()


def _kept_from(request: HttpRequest, user: User) -> bool:
    if _guarded(request):
        return not shown_in(request, user) and needed_by(user)
    return _is_about_signing_in(request.path) and must_be_shown(request, user)


def _guarded(request: HttpRequest) -> bool:
    """Whether this is for staff with a second factor only. In the API a header names a key, and no session counts."""
    if request.path.startswith(API):
        return "Authorization" not in request.headers
    return request.path.startswith(CONSOLE)


def _is_about_signing_in(path: str) -> bool:
    """Whether a page changes how somebody signs in, or tells of it; not those on which a second factor is shown."""
    return path.startswith(WAYS_IN) and not path.startswith(SHOWING)


def _led(request: HttpRequest, user: User) -> HttpResponseBase:
    """To where it is set up, or else shown, and from there on to the page that was asked for."""
    if not had_by(user):
        messages.warning(request, _("Your role needs a second factor. Set one up, then go on."))
        return redirect("mfa_index")
    messages.warning(request, _("You have not shown your second factor in this browser yet. Show it, then go on."))
    there = reverse(_page_to_show(user))
    return redirect_to_login(request.get_full_path(), there) if request.method in ("GET", "HEAD") else redirect(there)


def _page_to_show(user: User) -> str:
    by_code = _kept(user).filter(type=Authenticator.Type.TOTP).exists()
    return "mfa_reauthenticate" if by_code else "mfa_reauthenticate_webauthn"


def _refused(request: HttpRequest, user: User) -> JsonResponse:
    has_one = had_by(user)
    problem = {
        "type": "urn:ostatok:problem:second-factor",
        "title": "A second factor is needed",
        "status": HTTPStatus.FORBIDDEN.value,
        "detail": f"Members of staff need a second factor: {_SHOW_IT if has_one else _SET_IT_UP}.",
        "instance": request.path,
        "errors": [],
    }
    return JsonResponse(problem, status=HTTPStatus.FORBIDDEN, content_type="application/problem+json")


def may_be_reset_by(actor: Actor, user: User) -> bool:
    """Whether the actor could give the user all the roles it holds: nobody opens a door to more than its own."""
    if isinstance(actor, System):
        return True
    with wall.lowered():  # roles elsewhere count, though they are not seen
        held = list(user.memberships.values_list("role", "organization__path"))
    return not user.is_superuser and all(access.may_grant(actor, Role(role), path) for role, path in held)


def reset(user: User, *, actor: Actor, origin: str, now: datetime) -> bool:
    """Take all second factors from a user who lost them, recovery codes too, and end the sessions.

    Whether the actor may, is for the caller to ask: see `may_be_reset_by`.

    Who is staff must set up a new one at the next sign-in. The user is told by mail, so no transaction may be open.
    Returns whether there was any.
    """
    with wall.lowered(), transaction.atomic():
        found: int = Authenticator.objects.filter(user=user).delete()[0]
        if found:
            records.write(actor, user, "user.second_factor_reset", origin=origin, at=now)
    sessions.end_all(user, actor=actor, origin=origin, now=now)
    if found:
        _tell_reset(user)
    return found > 0


def _tell_reset(user: User) -> None:
    """The reset stands, whether the mail leaves or not."""
    sender = mail.sender_for(user)
    try:
        mail.send("account/email/second_factor_reset", to=user.email, language=user.language, sender=sender, context={})
    except mail.FAILURES as error:
        log.warning("a mail of signing in was not sent: %s", type(error).__name__)
