"""Tables of the outbox."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from ostatok.notices.models import Digest, Notice
from ostatok.parties.access import DoorManager
from ostatok.parties.models import Organization


class DeliveryState(models.TextChoices):
    WAITING = "waiting", "waiting"
    SENDING = "sending", "sending"
    SENT = "sent", "sent"
    DROPPED = "dropped", "dropped"
    DEAD = "dead", "dead"
    UNKNOWN = "unknown", "unknown"


class Worker(models.Model):
    """A process that sends. It lives as long as it holds the session advisory lock of its id."""

    host = models.CharField(max_length=250)
    pid = models.IntegerField()
    started_at = models.DateTimeField(default=now)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "worker"


class Delivery(models.Model):
    """One notice, or one digest, to one address over one channel.

    `recipient` says where `address` came from, so that it can be looked up again at sending:
    client, organization, user:ID, contact:ID or address. A delivery that is `sending` is leased to
    `worker`. Message-ID and the like derive from the id and stay the same over retries. `provider` is the one that it
    went over last, as its channel calls it; empty before.
    """

    organization = models.ForeignKey(Organization, models.DO_NOTHING, db_index=False, db_constraint=False)
    # `delivery_once` leads with the notice.
    notice = models.ForeignKey(
        Notice, models.DO_NOTHING, null=True, related_name="deliveries", db_index=False, db_constraint=False
    )
    digest = models.ForeignKey(
        Digest, models.DO_NOTHING, null=True, related_name="deliveries", db_index=False, db_constraint=False
    )
    channel = models.CharField(max_length=16)
    recipient = models.CharField(max_length=32)
    address = models.CharField(max_length=254, blank=True)
    lane = models.SmallIntegerField(default=1)
    state = models.CharField(max_length=8, choices=DeliveryState, default=DeliveryState.WAITING)
    reason = models.CharField(max_length=24, default="")
    detail = models.TextField(default="")
    due_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    worker = models.ForeignKey(Worker, models.DO_NOTHING, null=True, db_index=False, db_constraint=False)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    provider = models.CharField(max_length=250, default="", db_default="")
    provider_id = models.CharField(max_length=250, default="")

    client_door: ClassVar[str] = "notice__client"
    client_sees: ClassVar[Q] = Q(recipient="client")
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "delivery"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notice", "channel", "recipient", "address"], name="delivery_once"),
            models.UniqueConstraint(fields=["digest"], name="delivery_of_a_digest", condition=Q(digest__isnull=False)),
            models.CheckConstraint(
                condition=Q(notice__isnull=False, digest__isnull=True) | Q(notice__isnull=True, digest__isnull=False),
                name="delivery_of_a_notice_or_a_digest",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["lane", "channel", "organization", "due_at", "id"],
                name="delivery_waiting",
                condition=Q(state="waiting"),
            ),
            models.Index(fields=["worker"], name="delivery_leased", condition=Q(state="sending")),
            # What somebody must look at is rare, and so is found without a look at the rest.
            models.Index(
                fields=["organization", "-id"], name="delivery_troubled", condition=Q(state__in=["dead", "unknown"])
            ),
            models.Index(fields=["address"], name="delivery_by_address"),
        ]


class DeliveryMessage(models.Model):
    """What was really sent."""

    delivery = models.OneToOneField(
        Delivery, models.DO_NOTHING, primary_key=True, related_name="message", db_constraint=False
    )
    subject = models.TextField()
    text = models.TextField()
    html = models.TextField()
    headers = models.JSONField(default=dict)

    door: ClassVar[str] = "delivery__organization"
    client_door: ClassVar[str] = "delivery__notice__client"
    client_sees: ClassVar[Q] = Q(delivery__recipient="client")
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "delivery_message"


class AttemptOutcome(models.TextChoices):
    DELIVERED = "delivered", "delivered"
    TEMPORARY = "temporary", "temporary failure"
    PERMANENT = "permanent", "permanent failure"
    UNKNOWN = "unknown", "unknown"


class Attempt(models.Model):
    """One try to send. `provider` is empty where none was asked, or nobody knows: a letter that cannot be worded, a
    worker that died.
    """

    delivery = models.ForeignKey(Delivery, models.DO_NOTHING, related_name="tries", db_constraint=False)
    organization = models.ForeignKey(Organization, models.DO_NOTHING, db_index=False, db_constraint=False)
    worker = models.ForeignKey(Worker, models.DO_NOTHING, null=True, db_index=False, db_constraint=False)
    number = models.SmallIntegerField()
    at = models.DateTimeField()
    outcome = models.CharField(max_length=16, choices=AttemptOutcome)
    reason = models.CharField(max_length=24)
    detail = models.TextField(default="")
    provider = models.CharField(max_length=250, default="", db_default="")

    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "attempt"


class Circuit(models.Model):
    """A provider that fails is left alone until `retry_at`; its deliveries wait, the rest flow."""

    provider = models.CharField(max_length=250, primary_key=True)
    failures = models.IntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    detail = models.TextField(default="")

    class Meta:
        db_table = "circuit"
