"""What happens when somebody signed in, failed to, or changed how they do: it is recorded, and sessions end.

Connected by importing this module, which the application does once all models are there.
"""

from datetime import datetime
from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ostatok.parties import wall
from ostatok.parties.models import ClientUser, Membership, User
from ostatok.web import requests
from ostatok.web.signing_in import confirming, languages, records, second_factor, sessions
from ostatok.web.signing_in.oidc import arrivals, links
from ostatok.web.signing_in.oidc.provider import configured


def _now() -> datetime:
    return timezone.now()


def _write(request: HttpRequest, user: User, action: str, **told: object) -> None:
    records.write(user.as_actor(), user, action, origin=requests.origin(request), at=_now(), **told)


@receiver(account.user_logged_in)
def signed_in(request: HttpRequest, user: User, response: HttpResponse | None = None, **_rest: Any) -> None:
    """From now on the browser speaks the user's language."""
    arrived = arrivals.last(request, user)
    _write(request, user, "user.signed_in", **({"by": "OpenID Connect"} if arrived else {}))
    if arrived:
        _keep_link(request, user, provider=arrived["provider"], subject=arrived["uid"])
    _count_as_shown(request, user)
    if response is not None:
        languages.keep(response, user.language)


def _keep_link(request: HttpRequest, user: User, *, provider: str, subject: str) -> None:
    """The first time somebody comes in by the provider, that is told as any new way to sign in is."""
    if links.keep(user, provider=provider, subject=subject):
        _write(request, user, "user.oidc_connected")
        known = configured()
        told = {"oidc": known.name if known else ""}
        get_adapter(request).send_notification_mail("account/email/oidc_connected", user, told)


def _count_as_shown(request: HttpRequest, user: User) -> None:
    """Who has signed in this moment need not show who it is once more, to set up a second factor above all."""
    record_authentication(request, user, method="password", reauthenticated=True)


@receiver(user_logged_out)
def signed_out(request: HttpRequest, user: User | None, **_rest: Any) -> None:
    if user is not None:
        _write(request, user, "user.signed_out")


@receiver(records.sign_in_failed)
def sign_in_failed(request: HttpRequest, email: str, **_rest: Any) -> None:
    """An address that nobody signs in with is not written down: it may be a password."""
    origin, at = requests.origin(request), _now()
    user = User.objects.filter(email=User.objects.normalize_email(email)).first()
    if user is None:
        records.write_unknown("user.sign_in_failed", origin=origin, at=at)
    else:
        records.write(records.NOBODY, user, "user.sign_in_failed", origin=origin, at=at)


@receiver(mfa.authentication_failed)
def code_failed(request: HttpRequest, user: User, **_rest: Any) -> None:
    _write(request, user, "user.second_factor_failed")


@receiver(mfa.authenticator_added)
def added(request: HttpRequest, user: User, authenticator: Authenticator, **_rest: Any) -> None:
    """With the first one, sessions end that a password alone has opened elsewhere."""
    _write(request, user, "user.second_factor_added", kind=str(authenticator.type))
    if second_factor.is_first(authenticator):
        second_factor.count_as_shown(request, authenticator)
        _end_others(request, user)


@receiver(mfa.authenticator_reset)
def renewed(request: HttpRequest, user: User, authenticator: Authenticator, **_rest: Any) -> None:
    _write(request, user, "user.second_factor_renewed", kind=str(authenticator.type))


@receiver(mfa.authenticator_removed)
def removed(request: HttpRequest, user: User, authenticator: Authenticator, **_rest: Any) -> None:
    _write(request, user, "user.second_factor_removed", kind=str(authenticator.type))


@receiver([account.password_changed, account.password_set])
def password_changed(request: HttpRequest, user: User, **_rest: Any) -> None:
    """Whoever knew the old password may be signed in elsewhere."""
    _write(request, user, "user.password_changed")
    _end_others(request, user)


@receiver(account.password_reset)
def password_reset(request: HttpRequest, user: User, **_rest: Any) -> None:
    _write(request, user, "user.password_reset")
    here = request.session.session_key
    confirming.by_mailbox(user, origin=requests.origin(request), now=_now(), keeps_password=True, here=here)
    _end_others(request, user)


@receiver(account.email_changed)
def email_changed(request: HttpRequest, user: User, **_rest: Any) -> None:
    _write(request, user, "user.email_changed")


def _end_others(request: HttpRequest, user: User) -> None:
    here = request.session.session_key
    sessions.end_all(user, but=here, actor=user.as_actor(), origin=requests.origin(request), now=_now())


@receiver(post_save, sender=User)
def deactivated(instance: User, created: bool, **_rest: Any) -> None:
    """Who may not sign in any more is out at once, and stays out when let in again by mistake."""
    if not created and not instance.is_active:
        sessions.end_all(instance)


@receiver([post_delete], sender=Membership)
@receiver([post_delete], sender=ClientUser)
def left(instance: Membership | ClientUser, **_rest: Any) -> None:
    """Who lost the last role and the last client has no business here."""
    with wall.lowered():  # whoever takes one away need not see the others
        user = User.objects.filter(pk=instance.user_id).first()
        if user and not (user.is_superuser or user.memberships.exists() or user.client_users.exists()):
            sessions.end_all(user)
