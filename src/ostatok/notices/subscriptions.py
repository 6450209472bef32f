"""Who gets the run-out list by mail, and when: asked for by oneself, or by whoever may change users there."""

from datetime import datetime, time

from django.db import models, transaction
from django.utils.translation import gettext as _

from ostatok.kernel.errors import OstatokError
from ostatok.notices.models import RunOutSubscription
from ostatok.parties import access, audit
from ostatok.parties.access import Actor, Doors, Member, Permission
from ostatok.parties.models import Organization, User

_FIELDS = ("at", "working_days", "mine")


class SubscriptionRefused(OstatokError):
    """The list cannot be sent so."""


def visible_to(actor: Actor) -> Doors[RunOutSubscription]:
    """One's own, and those of organizations whose users one may change."""
    others = RunOutSubscription.objects.visible_to(actor, Permission.CHANGE_USERS)
    if not isinstance(actor, Member):
        return others
    own = models.Q(user=actor.user_id) | models.Q(pk__in=others.values("pk"))
    return RunOutSubscription.objects.visible_to(actor).filter(own)


def may_change(actor: Actor, user: User, organization: Organization) -> bool:
    """Whether the actor decides what the user gets from there."""
    own = isinstance(actor, Member) and actor.user_id == user.pk
    return own or access.permits(actor, Permission.CHANGE_USERS, organization.path)


def subscribe(
    actor: Actor,
    user: User,
    organization: Organization,
    *,
    at: time,
    working_days: bool,
    mine: bool,
    site: str,
    origin: str,
    now: datetime,
) -> RunOutSubscription:
    """Send the list to the user at that time of the organization's zone, from now on. Raises SubscriptionRefused.

    What is asked for again as it is changes nothing.
    """
    _check(actor, user, organization)
    wanted = {"at": at.replace(second=0, microsecond=0), "working_days": working_days, "mine": mine}
    with transaction.atomic():
        locked = RunOutSubscription.objects.select_for_update()
        kept, created = locked.get_or_create(
            user=user, organization=organization, defaults={**wanted, "site": site, "since": now}
        )
        before = {name: None if created else getattr(kept, name) for name in _FIELDS}
        changes = {name: (before[name], value) for name, value in wanted.items() if before[name] != value}
        if changes and not created:
            RunOutSubscription.objects.filter(pk=kept.pk).update(**wanted, site=site, since=now)
            kept.refresh_from_db()
        elif kept.site != site:
            kept.site = site
            kept.save(update_fields=["site"])
        if changes:
            deed = "created" if created else "changed"
            audit.record(actor, f"run_out_list.{deed}", f"user {user.email}", organization, changes, origin, now)
    return kept


def unsubscribe(actor: Actor, kept: RunOutSubscription, *, origin: str, now: datetime) -> None:
    """Send it no more; what waits is not sent either. The caller found the subscription through `visible_to`."""
    with transaction.atomic():
        kept.delete()
        audit.record(actor, "run_out_list.deleted", f"user {kept.user.email}", kept.organization, {}, origin, now)


def _check(actor: Actor, user: User, organization: Organization) -> None:
    if not may_change(actor, user, organization):
        raise SubscriptionRefused(_("You may not decide what this user gets."))
    if not access.permits(user.as_actor(), Permission.SEE, organization.path):
        raise SubscriptionRefused(_("The list goes to those with a role in the organization or above it."))
