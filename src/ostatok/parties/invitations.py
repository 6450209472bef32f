"""Ways in: to a role in an organization, or to a client's cabinet. The link is told once and good for one use.

Staff are invited by whoever may change users there and give no more than they have; a client's people by whoever may
change clients.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ostatok.kernel.errors import OstatokError
from ostatok.parties import access, audit, tokens, wall
from ostatok.parties.access import Actor, Member, Permission, Role
from ostatok.parties.models import Client, ClientUser, Invitation, Membership, Organization, User

GOOD_FOR: Final = timedelta(days=7)


class InvitationRefused(OstatokError):
    """The invitation cannot be made, or not be accepted by this person."""


class InvitationGone(InvitationRefused):
    """The link leads nowhere: `reason` is unknown, accepted, revoked or expired."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(str(_GONE[reason]))


_GONE: Final[Mapping[str, Promise]] = {
    "unknown": gettext_lazy("There is no such invitation."),
    "accepted": gettext_lazy("This invitation was accepted already: sign in."),
    "revoked": gettext_lazy("This invitation was taken back: ask for another."),
    "expired": gettext_lazy("This invitation has expired: ask for another."),
}


def invite(
    actor: Actor, to: Organization | Client, *, email: str, role: Role | None = None, origin: str, now: datetime
) -> tuple[Invitation, str]:
    """Invite to `role` in an organization, or to a client's cabinet; return the invitation and the token for its link.

    Whoever is invited again gets a new link, and the old one is dead. Raises InvitationRefused.
    """
    address = _address(email)
    _refuse_excess(actor, to, role)
    _refuse_repetition(to, address)
    token = tokens.make()
    invitation = Invitation(
        email=address,
        organization=to.organization if isinstance(to, Client) else to,
        client=to if isinstance(to, Client) else None,
        role=role or "",
        digest=tokens.digest(token),
        expires_at=now + GOOD_FOR,
        created_by_id=actor.user_id if isinstance(actor, Member) else None,
        created_at=now,
    )
    with transaction.atomic():
        waiting(invitation.organization, invitation.client).filter(email=address).update(revoked_at=now)
        invitation.save()
        _record(actor, "invitation.created", invitation, origin, now)
    return invitation, token


def waiting(organization: Organization, client: Client | None = None) -> "access.Doors[Invitation]":
    """Invitations to an organization's roles, or to a client of it, that were neither accepted nor taken back."""
    rows = Invitation.objects.get_queryset()
    return rows.filter(organization=organization, client=client, accepted_at=None, revoked_at=None)


def revoke(actor: Actor, invitation: Invitation, *, origin: str, now: datetime) -> None:
    """Take an invitation back; one that is over stays as it is. Raises InvitationRefused."""
    needed = Permission.CHANGE_CLIENTS if invitation.client_id else Permission.CHANGE_USERS
    if not access.permits(actor, needed, invitation.organization.path):
        raise InvitationRefused(_("You may not take this invitation back."))
    open_still = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    with transaction.atomic():
        if open_still.update(revoked_at=now):
            invitation.revoked_at = now
            _record(actor, "invitation.revoked", invitation, origin, now)


def was_mailed(invitation: Invitation) -> None:
    """The link went to the mailbox, and to nobody else: who accepts by it has shown that the address is theirs."""
    Invitation.objects.filter(pk=invitation.pk).update(mailed=True)
    invitation.mailed = True


def find(token: str, now: datetime) -> Invitation:
    """The invitation that a link leads to. Raises InvitationGone."""
    return _found(token, now, lock=False)


def accept(
    token: str, *, name: str = "", password: str = "", user: User | None = None, origin: str, now: datetime
) -> User:
    """Accept an invitation as the user who is signed in, or as a new one with this password; return the user.

    An address that has a user already signs in first; one whose password was never set sets it here, if the link came
    to its mailbox or the password would open nothing else. All or nothing. Raises InvitationGone, InvitationRefused,
    and ValidationError for a weak password.
    """
    with transaction.atomic():
        invitation = _found(token, now, lock=True)
        taken_by = _signed_in(invitation, user) if user else _newcomer(invitation, name, password)
        _let_in(invitation, taken_by)
        invitation.accepted_at = now
        invitation.save(update_fields=["accepted_at"])
        _record(_as_guest(invitation, taken_by), "invitation.accepted", invitation, origin, now)
    return taken_by


def _found(token: str, now: datetime, *, lock: bool) -> Invitation:
    rows = Invitation.objects.select_related("organization", "client")
    rows = rows.select_for_update(of=("self",)) if lock else rows
    invitation = rows.filter(digest=tokens.digest(token)).first()
    if invitation is None:
        raise InvitationGone("unknown")
    if reason := over(invitation, now):
        raise InvitationGone(reason)
    return invitation


def over(invitation: Invitation, now: datetime) -> str:
    """Why the invitation opens nothing any more, empty while it does: see `InvitationGone`."""
    if invitation.accepted_at is not None:
        return "accepted"
    if invitation.revoked_at is not None:
        return "revoked"
    return "expired" if invitation.expires_at <= now else ""


def _signed_in(invitation: Invitation, user: User) -> User:
    if not user.is_active or user.email != invitation.email:
        raise InvitationRefused(_("This invitation is for another address: sign out, and open it again."))
    return user


def _newcomer(invitation: Invitation, name: str, password: str) -> User:
    user = User.objects.filter(email=invitation.email).first()
    if user is None:
        language = invitation.client.language if invitation.client else ""
        user = User(email=invitation.email, language=language or invitation.organization.language)
    elif not user.is_active or user.has_usable_password():
        raise InvitationRefused(_("There is a user with this address: sign in, and open the invitation again."))
    elif not invitation.mailed and _has_a_life(user):
        raise InvitationRefused(
            _(
                "There is a user with this address already, and this link did not come to the mailbox, so it sets no "
                "password. Ask for a new password on the page of signing in, then open the invitation again."
            )
        )
    user.name = name.strip() or user.name
    validate_password(password, user)
    user.set_password(password)
    user.save()
    return user


def _has_a_life(user: User) -> bool:
    """Whether a password would open more than what the invitation is to."""
    if user.last_login is not None or user.is_superuser:
        return True
    with wall.lowered():  # what the user has elsewhere counts, though it is not seen
        return user.memberships.exists() or user.client_users.exists()


def _let_in(invitation: Invitation, user: User) -> None:
    """A role given meanwhile stays as it is."""
    if invitation.client:
        ClientUser.objects.get_or_create(client=invitation.client, user=user)
    else:
        Membership.objects.get_or_create(
            organization=invitation.organization, user=user, defaults={"role": invitation.role}
        )


def _as_guest(invitation: Invitation, user: User) -> Actor:
    return user.as_customer() if invitation.client else Member(user_id=user.pk, name=user.email, roles={})


def _address(email: str) -> str:
    address = User.objects.normalize_email(email)
    try:
        validate_email(address)
    except ValidationError:
        raise InvitationRefused(_("This is no e-mail address.")) from None
    return address


def _refuse_excess(actor: Actor, to: Organization | Client, role: Role | None) -> None:
    if isinstance(to, Client):
        allowed = role is None and access.permits(actor, Permission.CHANGE_CLIENTS, to.organization.path)
    else:
        allowed = role is not None and access.may_grant(actor, role, to.path)
    if not allowed:
        raise InvitationRefused(_("You may not invite there, or not to that role."))


def _refuse_repetition(to: Organization | Client, address: str) -> None:
    if isinstance(to, Client):
        inside = ClientUser.objects.filter(client=to, user__email=address).exists()
    else:
        inside = Membership.objects.filter(organization=to, user__email=address).exists()
    if inside:
        raise InvitationRefused(_("Whoever has this address is in already."))


def _record(actor: Actor, action: str, invitation: Invitation, origin: str, now: datetime) -> None:
    """The audit forgets nothing: it names the client, not the person that the client lets see its accounts."""
    subject = invitation.client.code if invitation.client else invitation.email
    changes = {"role": (None, invitation.role)} if invitation.role else {}
    audit.record(actor, action, subject, invitation.organization, changes, origin, now)
