"""Tables of the rules. A rule = trigger + audience + when + quota + recipients (DESIGN §6)."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.timezone import now

from ostatok.ledger.models import AmountField, Balance, Segment
from ostatok.parties.access import DoorManager
from ostatok.parties.models import ApiKey, Contact, Organization, User

#: The problem of what waited for a worker, and was not done since something else was done to the rule first.
TAKEN_BACK = "it was taken back: the rule was saved, switched or deleted since"
#: In days: what lasts for longer than a year nobody foretells.
LONGEST_FORECAST = 365


class TriggerKind(models.TextChoices):
    BALANCE_BAND = "balance_band", "balance in a band"
    BALANCE_BELOW = "balance_below", "balance below a threshold"
    BALANCE_ABOVE = "balance_above", "balance above a threshold"
    BALANCE_EXHAUSTED = "balance_exhausted", "balance exhausted"
    FORECAST_BELOW = "forecast_below", "lasts for fewer days"


class RuleState(models.TextChoices):
    ACTIVE = "active", "active"
    SHADOW = "shadow", "shadow"
    INACTIVE = "inactive", "inactive"
    DELETED = "deleted", "deleted"


class Mark(models.TextChoices):
    LAST_TOP_UP = "last_top_up", "the last top-up"
    BALANCE_AFTER = "balance_after", "the balance right after the last top-up"
    PACKAGE = "package", "the package granted"


class First(models.TextChoices):
    NOW = "now", "at once"
    NEXT_CHECK = "next_check", "at the next check"


class Rule(models.Model):
    """`threshold` and `hysteresis` are in base units of `unit`; `version` counts edits of the trigger.

    A forecast has `days` in place of the threshold, and a hysteresis in days.

    `audience` and `description` keep what the operator wrote; `RuleCondition` holds what matching uses.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="rules")
    name = models.CharField(max_length=250)
    state = models.CharField(max_length=8, choices=RuleState, default=RuleState.INACTIVE)
    kind = models.CharField(max_length=24, choices=TriggerKind)
    version = models.IntegerField(default=1)
    unit = models.CharField(max_length=8, blank=True)
    threshold = AmountField(null=True)
    hysteresis = AmountField(default=0)
    days = models.SmallIntegerField(null=True)
    mark = models.CharField(max_length=16, choices=Mark, default=Mark.LAST_TOP_UP)
    max_qty = models.IntegerField(null=True)
    period = models.DurationField(null=True)
    cooldown = models.DurationField(null=True)
    first = models.CharField(max_length=16, choices=First, default=First.NOW)
    keep_for = models.DurationField(null=True)
    audience = models.JSONField(default=dict)
    sort_order = models.IntegerField(default=0)
    created_at = models.DateTimeField(default=now)
    switched_on_at = models.DateTimeField(null=True)

    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "rule"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "name"], name="rule_name", condition=~models.Q(state="deleted")
            ),
            models.CheckConstraint(condition=models.Q(max_qty__gte=1), name="rule_max_qty_positive"),
            models.CheckConstraint(condition=models.Q(hysteresis__gte=0), name="rule_hysteresis_positive"),
            models.CheckConstraint(
                condition=models.Q(
                    kind=TriggerKind.FORECAST_BELOW, days__isnull=False, days__range=(1, LONGEST_FORECAST)
                )
                | ~models.Q(kind=TriggerKind.FORECAST_BELOW) & models.Q(days__isnull=True),
                name="rule_days_of_a_forecast",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Switching(models.Model):
    """A rule that a worker switches, or has: it speaks to so many `balances` that nobody waits for it.

    A user asked for it or a program with its key; `problem` says why it was not done.
    """

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="switchings")
    state = models.CharField(max_length=8, choices=RuleState)
    notify_now = models.BooleanField(default=False)
    balances = models.BigIntegerField()
    asked_by = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    asked_with = models.ForeignKey(ApiKey, models.CASCADE, null=True, related_name="+")
    origin = models.CharField(max_length=64, blank=True)
    problem = models.TextField(blank=True)
    asked_at = models.DateTimeField(default=now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    door: ClassVar[str] = "rule__organization"
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "rule_switching"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rule"], condition=models.Q(finished_at=None), name="rule_switching_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(asked_by=None) ^ models.Q(asked_with=None), name="rule_switching_asked_by_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.state}"

    @property
    def is_over(self) -> bool:
        """Whether it was done, or could not be."""
        return self.finished_at is not None

    @property
    def was_taken_back(self) -> bool:
        """Whether it is over since something else was done to the rule first."""
        return self.is_over and self.problem == TAKEN_BACK

    def is_to(self, state: str, *, notify_now: bool) -> bool:
        """Whether this is what it does."""
        return (self.state, self.notify_now) == (state, notify_now)


class RuleBand(models.Model):
    """A band `lower ≤ p < upper` in per cent; the last has no lower edge. Known by its edges, never deleted."""

    id = models.AutoField(primary_key=True)
    rule = models.ForeignKey(Rule, models.CASCADE, related_name="bands")
    upper = models.DecimalField(max_digits=9, decimal_places=4)
    lower = models.DecimalField(max_digits=9, decimal_places=4, null=True)
    active = models.BooleanField(default=True)

    door: ClassVar[str] = "rule__organization"
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "rule_band"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "upper", "lower"], name="rule_band_edges", nulls_distinct=False),
            models.CheckConstraint(
                condition=models.Q(lower__isnull=True) | models.Q(lower__lt=models.F("upper")),
                name="rule_band_lower_below_upper",
            ),
        ]


class RuleCondition(models.Model):
    """One condition of an audience: the segment has any of `facets` (or, negated, none of them)."""

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="conditions")
    facets = ArrayField(models.IntegerField())
    negated = models.BooleanField(default=False)

    door: ClassVar[str] = "rule__organization"
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "rule_condition"


class SegmentRule(models.Model):
    """Which rules that are on (active or shadow) speak to which segments: the audience, worked out."""

    pk = models.CompositePrimaryKey("segment_id", "rule_id")
    segment = models.ForeignKey(Segment, models.CASCADE, db_index=False)
    rule = models.ForeignKey(Rule, models.CASCADE)

    class Meta:
        db_table = "segment_rule"


class RecipientKind(models.TextChoices):
    CLIENT = "client", "the client"
    ORGANIZATION = "organization", "the client's organization"
    USER = "user", "a user"
    CONTACT = "contact", "a contact"
    ADDRESS = "address", "an address"


class RuleRecipient(models.Model):
    rule = models.ForeignKey(Rule, models.CASCADE, related_name="recipients")
    kind = models.CharField(max_length=16, choices=RecipientKind)
    channel = models.CharField(max_length=16, default="email")
    user = models.ForeignKey(User, models.CASCADE, null=True)
    contact = models.ForeignKey(Contact, models.CASCADE, null=True)
    address = models.CharField(max_length=254, blank=True)

    door: ClassVar[str] = "rule__organization"
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "rule_recipient"


class Alarm(models.Model):
    """The state of one rule on one balance. No row means armed.

    `reason` says why the last occasion raised nothing, or what it did: see rules/reasons.py.
    `next_repeat_at` is when a repeat falls due; null where nothing repeats.
    """

    pk = models.CompositePrimaryKey("rule_id", "balance_id")
    rule = models.ForeignKey(Rule, models.CASCADE, db_index=False)
    balance = models.ForeignKey(Balance, models.DO_NOTHING, db_constraint=False)
    organization = models.ForeignKey(Organization, models.DO_NOTHING, db_index=False, db_constraint=False)
    firing = models.BooleanField(default=False)
    silent = models.BooleanField(default=False)
    since = models.DateTimeField(null=True)
    since_seq = models.BigIntegerField(default=0)
    repeats = models.IntegerField(default=0)
    last_raised_at = models.DateTimeField(null=True)
    next_repeat_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=16)
    reason_at = models.DateTimeField()

    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "alarm"


class AlarmEpoch(models.Model):
    """What one rule has told about one balance within one epoch: fired bands and the count for max qty."""

    pk = models.CompositePrimaryKey("rule_id", "balance_id", "epoch")
    rule = models.ForeignKey(Rule, models.CASCADE, db_index=False)
    balance = models.ForeignKey(Balance, models.DO_NOTHING, db_index=False, db_constraint=False)
    epoch = models.BigIntegerField()
    raised = models.IntegerField(default=0)
    bands = ArrayField(models.IntegerField(), default=list)

    door: ClassVar[str] = "balance__organization"
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "alarm_epoch"


class ForecastDue(models.Model):
    """A balance whose forecast passed the days of a rule, as of a refresh of the outlook: the next sweep judges it."""

    pk = models.CompositePrimaryKey("rule_id", "balance_id")
    rule = models.ForeignKey(Rule, models.DO_NOTHING, db_index=False, db_constraint=False)
    balance = models.ForeignKey(Balance, models.DO_NOTHING, db_index=False, db_constraint=False)

    class Meta:
        db_table = "forecast_due"
