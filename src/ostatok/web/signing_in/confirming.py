"""What confirms an address beside the link that is sent to it, and what is not taken over when it is."""

from datetime import datetime

from allauth.account.internal.stagekit import unstash_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest

from ostatok.parties import wall
from ostatok.parties.models import User
from ostatok.web.signing_in import records, sessions


def by_mailbox(
    user: User, *, origin: str, now: datetime, keeps_password: bool = False, here: str | None = None
) -> bool:
    """Somebody has shown to hold the mailbox, so the address is confirmed, if there is no other it can be about.

    The first time, what was set before is dropped (see `disown`). Returns whether a password was.
    """
    with transaction.atomic():
        dropped = False
        if not is_proved(user):
            dropped = disown(user, origin=origin, now=now, keeps_password=keeps_password, here=here)
        if not EmailAddress.objects.filter(user=user).exclude(email=user.email).exists():
            proven = {"verified": True, "primary": True}
            EmailAddress.objects.update_or_create(user=user, email=user.email, defaults=proven)
    return dropped


def is_proved(user: User) -> bool:
    """Whether somebody has ever shown to hold a mailbox of the user."""
    return bool(EmailAddress.objects.filter(user=user, verified=True).exists())


def disown(
    user: User,
    *,
    origin: str,
    now: datetime,
    keeps_password: bool = False,
    here: str | None = None,
    address: str | None = None,
) -> bool:
    """Drop the ways in that were set before anybody had shown to hold the mailbox: they may be somebody else's.

    A password that was set through the mailbox stays (`keeps_password`), and so do the session whose key is `here` and
    the address that is being confirmed. Returns whether a password was dropped.
    """
    drops_password = user.has_usable_password() and not keeps_password
    with wall.lowered(), transaction.atomic():
        factors = Authenticator.objects.filter(user=user).delete()[0]
        EmailAddress.objects.filter(user=user, verified=False).exclude(email=address or user.email).delete()
        if drops_password:
            user.set_unusable_password()
            user.save(update_fields=["password"])
        ended = sessions.end_all(user, but=here, actor=user.as_actor(), origin=origin, now=now)
        if drops_password or factors or ended:
            records.write(user.as_actor(), user, "user.unproven_dropped", origin=origin, at=now)
    return drops_password


def typed_here(request: HttpRequest, user: User) -> bool:
    """Whether this browser has shown the password too: who opens the mail elsewhere need not be who has set it."""
    pending = unstash_login(request, peek=True)
    return request.user == user or (pending is not None and pending.user == user)
