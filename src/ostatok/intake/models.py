"""Tables of uploads: a file handed over through a face, on its way into the ledger, and what became of it."""

from enum import StrEnum
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.timezone import now

from ostatok.parties.access import DoorManager
from ostatok.parties.models import Organization


class ImportKind(models.TextChoices):
    ENTRIES = "entries", "entries"
    BALANCES = "balances", "balances"


class ImportState(models.TextChoices):
    WAITING = "waiting", "waiting"
    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


class Outcome(StrEnum):
    """What an import that was done came to."""

    ALL_IN = "all_in"
    NOTHING_NEW = "nothing_new"
    EMPTY = "empty"
    SOME_REFUSED = "some_refused"
    ALL_REFUSED = "all_refused"


class Import(models.Model):
    """One file. `last_line` and `bytes_read` say how far it was dealt with, so that a worker that takes it over goes on
    from there; `error` says what ended it where it `failed`. `created_by` is the actor's name.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="imports", db_index=False)
    kind = models.CharField(max_length=8, choices=ImportKind)
    file_name = models.CharField(max_length=250)
    encoding = models.CharField(max_length=16, default="utf-8")
    size = models.BigIntegerField()
    state = models.CharField(max_length=9, choices=ImportState, default=ImportState.WAITING)
    posted = models.IntegerField(default=0)
    duplicates = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    notices = models.IntegerField(default=0)
    deliveries = models.IntegerField(default=0)
    last_line = models.IntegerField(default=0)
    bytes_read = models.BigIntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)
    error = models.TextField(blank=True)
    created_by = models.CharField(max_length=254)
    created_at = models.DateTimeField(default=now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "import"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(size__gt=0), name="import_has_content"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization", "-id"], name="import_by_organization"),
            models.Index(fields=["id"], name="import_unfinished", condition=models.Q(state__in=["waiting", "running"])),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in (ImportState.WAITING, ImportState.RUNNING)

    @property
    def outcome(self) -> Outcome:
        """What became of its rows, once it is done."""
        if self.refused:
            return Outcome.SOME_REFUSED if self.posted or self.duplicates else Outcome.ALL_REFUSED
        if self.posted:
            return Outcome.ALL_IN
        return Outcome.NOTHING_NEW if self.duplicates else Outcome.EMPTY

    @property
    def percent(self) -> int:
        """How much of the file was dealt with."""
        return min(100, self.bytes_read * 100 // self.size)


class ImportChunk(models.Model):
    """A piece of the file, kept until it is dealt with."""

    pk = models.CompositePrimaryKey("of_id", "number")
    of = models.ForeignKey(Import, models.CASCADE, related_name="chunks", db_index=False)
    number = models.IntegerField()
    content = models.BinaryField()

    door: ClassVar[str] = "of__organization"
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "import_chunk"


class ImportRefusal(models.Model):
    """A row that was refused. `values` are its cells in the order of the kind's columns; a row that could not be taken
    apart has none, but its `text`.
    """

    of = models.ForeignKey(Import, models.CASCADE, related_name="refusals", db_index=False)
    line = models.IntegerField()
    values = ArrayField(models.TextField(), default=list)
    text = models.TextField(blank=True)
    reason = models.CharField(max_length=32)
    message = models.TextField()

    door: ClassVar[str] = "of__organization"
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "import_refusal"
        constraints: ClassVar = [models.UniqueConstraint(fields=["of", "line"], name="import_refusal_once")]
