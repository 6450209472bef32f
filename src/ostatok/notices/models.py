"""Tables of notices, of the templates they are told in, and of the run-out list by mail."""

from typing import ClassVar, Self

from django.db import models
from django.utils.timezone import now

from ostatok.ledger.models import Account, AmountField, Balance
from ostatok.parties.access import DoorManager
from ostatok.parties.models import Client, Language, Organization, User
from ostatok.rules.models import Rule, RuleBand, TriggerKind


class NoticeState(models.TextChoices):
    WAITING = "waiting", "waiting"
    SENT = "sent", "sent"
    DROPPED = "dropped", "dropped"
    FAILED = "failed", "failed"
    SHADOW = "shadow", "shadow"


class Notice(models.Model):
    """One occasion worth telling, with the figures at raising.

    Unique by (rule, balance, occasion, step, band): `occasion` is the seq of the look that fired,
    `step` counts repeats within it. One about how long it lasts, fewer than `days`, keeps until when that was. `sent`
    once any delivery was; `dropped` or `failed` when none will be.
    """

    organization = models.ForeignKey(Organization, models.DO_NOTHING, db_index=False, db_constraint=False)
    rule = models.ForeignKey(Rule, models.PROTECT, db_index=False)
    rule_version = models.IntegerField()
    kind = models.CharField(max_length=24, choices=TriggerKind)
    balance = models.ForeignKey(Balance, models.DO_NOTHING, db_index=False, db_constraint=False)
    account = models.ForeignKey(Account, models.DO_NOTHING, db_index=False, db_constraint=False)
    client = models.ForeignKey(Client, models.DO_NOTHING, db_index=False, db_constraint=False)
    epoch = models.BigIntegerField()
    occasion = models.BigIntegerField()
    step = models.IntegerField()
    band = models.ForeignKey(RuleBand, models.PROTECT, null=True, db_index=False)
    amount = AmountField()
    available = AmountField()
    mark = AmountField(null=True)
    percent = models.DecimalField(max_digits=30, decimal_places=4, null=True)
    threshold = AmountField(null=True)
    days = models.SmallIntegerField(null=True)
    lasts_until = models.DateTimeField(null=True)
    raised_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=NoticeState, default=NoticeState.WAITING)
    reason = models.CharField(max_length=24, default="")
    settled_at = models.DateTimeField(null=True)

    client_door: ClassVar[str] = "client"
    client_sees: ClassVar[models.Q] = ~models.Q(state=NoticeState.SHADOW)
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "notice"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["balance", "rule", "occasion", "step", "band"],
                name="notice_once",
                nulls_distinct=False,
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization", "raised_at", "id"], name="notice_by_organization_at"),
            models.Index(fields=["client", "-id"], name="notice_by_client"),
            models.Index(fields=["rule", "raised_at", "id"], name="notice_by_rule_at"),
            # What is not over or went wrong is rare, and so is found without a look at the rest.
            models.Index(
                fields=["organization", "raised_at", "id"],
                name="notice_open",
                condition=models.Q(state__in=["waiting", "failed"]),
            ),
        ]


class Template(models.Model):
    """An organization's own wording for one trigger, channel and language; the newest version is in force."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="templates")
    kind = models.CharField(max_length=24, choices=TriggerKind)
    channel = models.CharField(max_length=16)
    language = models.CharField(max_length=2, choices=Language)
    version = models.IntegerField(default=1)
    subject = models.TextField(blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    deleted = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "template"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "kind", "channel", "language", "version"], name="template_version"
            ),
        ]


class RunOutSubscription(models.Model):
    """A member of staff gets the run-out list of an organization and those below it by mail, at a time of its zone.

    `mine`: only the clients it looks after. `since`: not for times before that. `site` is where its links lead,
    `https://host/`: where it was asked for.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="run_out_subscriptions")
    user = models.ForeignKey(User, models.CASCADE, related_name="run_out_subscriptions")
    at = models.TimeField()
    working_days = models.BooleanField()
    mine = models.BooleanField()
    site = models.CharField(max_length=250)
    since = models.DateTimeField()

    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "run_out_subscription"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "organization"], name="run_out_subscription_once"),
        ]


class Digest(models.Model):
    """The run-out list of one subscriber on one day: worth telling as a notice is, but about no one balance.

    It has one delivery, which says what became of it (docs/decisions/0040). It outlives its subscription, so that
    whoever subscribes anew on the same day is not told twice.
    """

    organization = models.ForeignKey(Organization, models.DO_NOTHING, db_index=False, db_constraint=False)
    user = models.ForeignKey(User, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    day = models.DateField()
    mine = models.BooleanField()
    site = models.CharField(max_length=250)
    raised_at = models.DateTimeField()

    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "digest"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "user", "day"], name="digest_once"),
        ]
