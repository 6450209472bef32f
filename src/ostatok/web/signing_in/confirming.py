"""What confirms an address beside the link that is sent to it."""

from allauth.account.models import EmailAddress

from ostatok.parties.models import User


def by_mailbox(user: User) -> None:
    """Somebody has shown to hold the mailbox, so the address is confirmed, if there is no other it can be about."""
    if not EmailAddress.objects.filter(user=user).exclude(email=user.email).exists():
        EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
