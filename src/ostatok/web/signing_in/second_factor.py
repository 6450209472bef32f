"""The second factor: staff must have one, and see nothing but how to get it until they do."""

import logging
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Final

from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from ostatok.parties import access, wall
from ostatok.parties.access import Actor, Role, System
from ostatok.parties.models import User
from ostatok.web.signing_in import mail, records, sessions
from ostatok.web.signing_in.oidc import arrivals

log: Final = logging.getLogger(__name__)
Handler = Callable[[HttpRequest], HttpResponseBase]

#: Where staff work. The cabinet shows a person no more than their own, with or without a second factor.
CONSOLE: Final = "/console/"
API: Final = "/api/"
#: What a second factor is; recovery codes only stand in for one.
KINDS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


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
    """Middleware: staff without a second factor are led to set one up; a program with a session is told 403."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if not _guarded(request) or not isinstance(user, User) or _shown(request, user) or not needed_by(user):
            return self._get_response(request)
        return _refused(request) if request.path.startswith(API) else _led(request)


def _shown(request: HttpRequest, user: User) -> bool:
    """Whether the user has one here, which was asked for at the sign-in, or showed one where that is trusted."""
    return had_by(user) or arrivals.showed_second_factor(request, user)


def _guarded(request: HttpRequest) -> bool:
    """Whether this is for staff with a second factor only. In the API a header names a key, and no session counts."""
    if request.path.startswith(API):
        return "Authorization" not in request.headers
    return request.path.startswith(CONSOLE)


def _led(request: HttpRequest) -> HttpResponseBase:
    messages.warning(request, _("Your role needs a second factor. Set one up, then go on."))
    return redirect("mfa_index")


def _refused(request: HttpRequest) -> JsonResponse:
    problem = {
        "type": "urn:ostatok:problem:second-factor",
        "title": "A second factor is needed",
        "status": HTTPStatus.FORBIDDEN.value,
        "detail": "Members of staff need a second factor: set one up under /account/2fa/.",
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
