"""Links: which subject of the provider is which user. Made at the first sign-in; from then on the subject decides.

An address that the provider gives to somebody else later opens nothing here.
"""

import logging
from datetime import datetime
from enum import StrEnum
from typing import Final

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction

from ostatok.kernel.errors import OstatokError
from ostatok.parties import wall
from ostatok.parties.access import Actor
from ostatok.parties.models import User
from ostatok.web.signing_in import mail, records, second_factor, sessions
from ostatok.web.signing_in.oidc.provider import Provider, configured
from ostatok.web.signing_in.oidc.tokens import Claims

log: Final = logging.getLogger(__name__)


class Reason(StrEnum):
    """Why nobody came in by the provider."""

    DENIED = "denied"
    STALE = "stale"
    DOWN = "down"
    UNTRUSTED = "untrusted"
    UNKNOWN = "unknown"
    UNVERIFIED = "unverified"
    DOMAIN = "domain"
    OTHER = "other"
    INACTIVE = "inactive"


class Refused(OstatokError):
    """Nobody is let in; `user` is whom the refusal is about, where it is known."""

    def __init__(self, reason: Reason, *, email: str = "", user: User | None = None) -> None:
        super().__init__(f"nobody is let in: {reason}")
        self.reason, self.email, self.user = reason, email, user


def find(claims: Claims, provider: Provider) -> User:
    """The member of staff that the provider speaks of: by the link, or else by the address. Raises Refused.

    Nothing is written: a link is made when the user is in, after the second factor.
    """
    _require_domain(claims, provider)
    link = SocialAccount.objects.filter(provider=provider.key, uid=claims.subject).select_related("user").first()
    user: User | None = link.user if link else _by_address(claims, provider)
    if user is None or not second_factor.is_staff(user):
        raise Refused(Reason.UNKNOWN, email=claims.email, user=user)
    if not user.is_active:
        raise Refused(Reason.INACTIVE, email=claims.email, user=user)
    return user


def _require_domain(claims: Claims, provider: Provider) -> None:
    """Asked each time: an installation that takes a domain away means those too who came before."""
    if not provider.domains:
        return
    if not claims.email_verified:
        raise Refused(Reason.UNVERIFIED, email=claims.email)
    if claims.email.rpartition("@")[2].lower() not in provider.domains:
        raise Refused(Reason.DOMAIN, email=claims.email)


def _by_address(claims: Claims, provider: Provider) -> User | None:
    if not claims.email or not claims.email_verified:
        raise Refused(Reason.UNVERIFIED, email=claims.email)
    user = User.objects.filter(email=User.objects.normalize_email(claims.email)).first()
    if user and SocialAccount.objects.filter(provider=provider.key, user=user).exists():
        raise Refused(Reason.OTHER, email=claims.email, user=user)
    return user


def speaks_for_address(claims: Claims, user: User) -> bool:
    """Whether the provider has verified the address that the user has here."""
    return claims.email_verified and User.objects.normalize_email(claims.email) == user.email


def keep(user: User, *, provider: str, subject: str) -> bool:
    """Note that this subject has come in as the user. Returns whether the link is new.

    Whoever comes in as another subject at the same moment is not linked, and is refused the next time.
    """
    found = SocialAccount.objects.filter(provider=provider, uid=subject, user=user).first()
    if found:
        found.save(update_fields=["last_login"])
        return False
    try:
        with transaction.atomic():
            SocialAccount.objects.create(provider=provider, uid=subject, user=user)
    except IntegrityError:
        log.warning("two subjects of the provider came in as user %s at once", user.pk)
        return False
    return True


def of(user: User) -> SocialAccount | None:
    """How a user is linked to the provider of this installation: `date_joined`, `last_login`."""
    provider = configured()
    if provider is None:
        return None
    with wall.lowered():  # a colleague's link is seen by whoever may change users
        link: SocialAccount | None = SocialAccount.objects.filter(user=user, provider=provider.key).first()
    return link


def cut(user: User, *, actor: Actor, origin: str, now: datetime, but: str | None = None) -> bool:
    """Forget which subject a user is, and end the sessions, except the one whose key is `but`.

    The next who comes with the user's verified address is linked anew, so whether the actor may is for the caller to
    ask. The user is told by mail: no transaction may be open. Returns whether there was a link.
    """
    with wall.lowered(), transaction.atomic():
        found: int = SocialAccount.objects.filter(user=user).delete()[0]
        if found:
            records.write(actor, user, "user.oidc_disconnected", origin=origin, at=now)
    if found:
        sessions.end_all(user, but=but, actor=actor, origin=origin, now=now)
        _tell_cut(user)
    return found > 0


def _tell_cut(user: User) -> None:
    """It is cut, whether the mail leaves or not."""
    provider = configured()
    told = {"oidc": provider.name if provider else "OpenID Connect"}
    sender = mail.sender_for(user)
    try:
        mail.send("account/email/oidc_disconnected", to=user.email, language=user.language, sender=sender, context=told)
    except mail.FAILURES as error:
        log.warning("a mail of signing in was not sent: %s", type(error).__name__)
