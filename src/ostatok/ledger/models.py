"""Tables of the ledger. What the database itself refuses is in migrations/0002_invariants.py.
All amounts of a service are kept in its unit's base: seconds for minutes, Wh for kWh.
"""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.timezone import now

from ostatok.parties.access import DoorManager
from ostatok.parties.models import CODE_LENGTH, Client, Organization, User

ENTRY_DIGITS, BALANCE_DIGITS, DECIMALS = 20, 30, 6


class AmountField(models.DecimalField):  # type: ignore[type-arg]
    """An amount that sums of entries fit into, wider than an entry's own."""

    def __init__(self, *args: object, **options: object) -> None:
        options.setdefault("max_digits", BALANCE_DIGITS)
        options.setdefault("decimal_places", DECIMALS)
        super().__init__(*args, **options)  # type: ignore[arg-type]


class UnboundedAmountField(models.Field):  # type: ignore[type-arg]
    """An amount that may be infinite: `numeric` without precision, which only SQL reads and writes."""

    def db_type(self, connection: object) -> str:  # noqa: ARG002 (Django passes it)
        return "numeric"


class Service(models.Model):
    """What an organization sells and a balance is kept of, in one unit.

    `rearm_from` is the smallest top-up (in base units) that starts an epoch; 0 means any.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="services")
    code = models.CharField(max_length=CODE_LENGTH)
    name = models.CharField(max_length=250)
    full_name = models.CharField(max_length=250, blank=True)
    unit = models.CharField(max_length=8)
    rearm_from = AmountField(default=0)
    top_up_url = models.URLField(blank=True)

    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "service"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "code"], name="service_code"),
            models.CheckConstraint(condition=models.Q(rearm_from__gte=0), name="service_rearm_from_positive"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.name


class Account(models.Model):
    """Лицевой счёт: a number of one client, unique within the organization."""

    class Billing(models.TextChoices):
        PREPAID = "prepaid", "prepaid"
        POSTPAID = "postpaid", "postpaid"

    class Status(models.TextChoices):
        OPEN = "open", "open"
        CLOSED = "closed", "closed"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="accounts")
    number = models.CharField(max_length=64)
    client = models.ForeignKey(Client, models.PROTECT, related_name="accounts")
    address = models.CharField(max_length=500, blank=True)
    billing = models.CharField(max_length=8, choices=Billing, default=Billing.PREPAID)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    created_at = models.DateTimeField(default=now)

    client_door: ClassVar[str] = "client"
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "account"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "number"], name="account_number"),
        ]

    def __str__(self) -> str:
        return self.number


class Facet(models.Model):
    """One thing a rule's audience can ask of a balance: its service, its client's group, status, tag."""

    id = models.AutoField(primary_key=True)
    kind = models.CharField(max_length=16)
    key = models.CharField(max_length=64)

    class Meta:
        db_table = "facet"
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "key"], name="facet_once")]


class Segment(models.Model):
    """All balances with the same facets: the same rules speak to them.

    `version` moves when those rules change; a balance whose tripwire was computed for another
    version meets the rules at its next posting and gets a new one.
    """

    id = models.AutoField(primary_key=True)
    facets = ArrayField(models.IntegerField(), unique=True)
    version = models.IntegerField(default=1)
    matched = models.BooleanField(default=False)

    class Meta:
        db_table = "segment"


class Balance(models.Model):
    """What is left on one account for one service: a cache of its entries.

    `seq` counts looks at the balance (postings, changes of limit or hold) and orders them; 0 means
    never posted to, so unknown. `epoch` is the seq of the top-up the balance lives on, 0 for none.
    `trip_low` and `trip_high` are the nearest amounts at which any rule could change state.
    """

    # The composite key balance_follows_account stands for those of organization and account. Every key costs a lookup
    # for each balance that a posting updates twice.
    organization = models.ForeignKey(Organization, models.PROTECT, db_index=False, db_constraint=False)
    number = models.CharField(max_length=64)
    service = models.ForeignKey(Service, models.PROTECT, db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="balances", db_constraint=False)
    segment = models.ForeignKey(Segment, models.PROTECT, null=True, db_constraint=False)
    amount = AmountField(default=0)
    credit_limit = AmountField(default=0)
    held = AmountField(default=0)
    package = AmountField(null=True)
    seq = models.BigIntegerField(default=0)
    epoch = models.BigIntegerField(default=0)
    trip_low = UnboundedAmountField(default=0)
    trip_high = UnboundedAmountField(default=0)
    trip_version = models.IntegerField(default=0)
    last_charge_at = models.DateTimeField(null=True)
    first_entry_at = models.DateTimeField(null=True)
    as_of = models.DateTimeField(null=True)

    client_door: ClassVar[str] = "account__client"
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "balance"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "number", "service"], name="balance_once"),
        ]


class EntryKind(models.IntegerChoices):
    TOP_UP = 1, "top_up"
    CHARGE = 2, "charge"
    ADJUSTMENT = 3, "adjustment"
    REFUND = 4, "refund"
    REVERSAL = 5, "reversal"
    OPENING = 6, "opening"
    SNAPSHOT = 7, "snapshot"


class Entry(models.Model):
    """One signed change of a balance, in base units. Append-only; corrected by another entry.

    `ref` is the source's own reference, unique in the organization; `seq` is the entry's place in
    the order in which the balance was posted to.
    """

    pk = models.CompositePrimaryKey("organization_id", "balance_id", "seq")
    organization = models.ForeignKey(Organization, models.DO_NOTHING, db_index=False, db_constraint=False)
    balance = models.ForeignKey(Balance, models.DO_NOTHING, related_name="entries", db_index=False, db_constraint=False)
    seq = models.BigIntegerField()
    kind = models.SmallIntegerField(choices=EntryKind)
    amount = AmountField(max_digits=ENTRY_DIGITS)
    occurred_at = models.DateTimeField()
    posted_at = models.DateTimeField()
    ref = models.CharField(max_length=200)
    reverses = models.CharField(max_length=200, null=True)  # noqa: DJ001 (null: not a reversal; unique where set)
    memo = models.TextField(default="")

    client_door: ClassVar[str] = "balance__account__client"
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "entry"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "ref"], name="entry_ref"),
            models.UniqueConstraint(
                fields=["organization", "reverses"],
                name="entry_reversed_once",
                condition=models.Q(reverses__isnull=False),
            ),
        ]


class Epoch(models.Model):
    """A re-arming top-up: the 100 % of its balance until the next one, or until it is reversed."""

    pk = models.CompositePrimaryKey("organization_id", "balance_id", "seq")
    organization = models.ForeignKey(Organization, models.DO_NOTHING, db_index=False, db_constraint=False)
    balance = models.ForeignKey(Balance, models.DO_NOTHING, related_name="epochs", db_index=False, db_constraint=False)
    seq = models.BigIntegerField()
    top_up = AmountField()
    balance_after = AmountField()
    topped_up_at = models.DateTimeField()
    reversed_seq = models.BigIntegerField(null=True)

    client_door: ClassVar[str] = "balance__account__client"
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "epoch"


class Outlook(models.Model):
    """What is foretold of a balance posted to, as of the last refresh (outlook.sql): lists and counts read it.

    `amount`, `held` and `seq` are the balance's as of `as_of`; `used` and `net` say what was used and by how much the
    amount changed on `day` and on each of the seven days before it, the oldest first, days being those of UTC.
    `runs_out_at` of what has run out lies in the past; null: nobody can tell, or it lasts for more than a year.
    `percent` is rounded towards zero.
    """

    pk = models.CompositePrimaryKey("organization_id", "balance_id")
    organization = models.ForeignKey(Organization, models.DO_NOTHING, db_index=False, db_constraint=False)
    balance = models.ForeignKey(
        Balance, models.DO_NOTHING, related_name="outlooks", db_index=False, db_constraint=False
    )
    service = models.ForeignKey(Service, models.DO_NOTHING, db_index=False, db_constraint=False)
    # The client's, kept by triggers too, so that a manager's own list is read by key (migrations/0008_managers.py).
    manager = models.ForeignKey(
        User, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    band = models.CharField(max_length=5)
    base = models.CharField(max_length=16)
    mark = AmountField(null=True)
    percent = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    amount = AmountField()
    held = AmountField()
    daily_use = AmountField()
    runs_out_at = models.DateTimeField(null=True)
    used = ArrayField(AmountField())
    net = ArrayField(AmountField())
    day = models.DateField()
    seq = models.BigIntegerField()
    as_of = models.DateTimeField()

    client_door: ClassVar[str] = "balance__account__client"
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "outlook"
        indexes: ClassVar = [
            models.Index(
                fields=["runs_out_at", "balance"],
                name="outlook_by_time",
                condition=models.Q(runs_out_at__isnull=False),
            ),
            models.Index(
                fields=["organization", "service", "band", "runs_out_at", "balance"],
                name="outlook_by_band",
                condition=models.Q(runs_out_at__isnull=False),
            ),
            models.Index(
                fields=["manager", "runs_out_at", "balance"],
                name="outlook_by_manager",
                condition=models.Q(manager__isnull=False, runs_out_at__isnull=False),
            ),
        ]


class BandCount(models.Model):
    """How many balances of a service stand in a band, as of the last refresh.

    `ran_out` of them within the seven days before it, `within_day` and `within_week` will in the day and seven days
    after it, each counting those of the one before.
    """

    pk = models.CompositePrimaryKey("organization_id", "service_id", "band")
    organization = models.ForeignKey(Organization, models.DO_NOTHING, db_index=False, db_constraint=False)
    service = models.ForeignKey(Service, models.DO_NOTHING, db_index=False, db_constraint=False)
    band = models.CharField(max_length=5)
    balances = models.BigIntegerField()
    ran_out = models.BigIntegerField(default=0)
    within_day = models.BigIntegerField(default=0)
    within_week = models.BigIntegerField(default=0)

    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "band_count"


class OutlookPass(models.Model):
    """When the outlook was last refreshed: one row for the installation."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()

    class Meta:
        db_table = "outlook_pass"


class OutlookMark(models.Model):
    """A balance that changed without an entry, so that the next refresh looks at it; taken away by it."""

    balance = models.ForeignKey(Balance, models.DO_NOTHING, db_index=False, db_constraint=False)

    class Meta:
        db_table = "outlook_mark"


class Feed(models.Model):
    """When anything was last posted for an organization, as of the last refresh of the outlook."""

    organization = models.OneToOneField(Organization, models.CASCADE, primary_key=True, related_name="feed")
    posted_at = models.DateTimeField()

    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "feed"
