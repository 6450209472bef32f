"""Tables of what the faces share."""

from typing import ClassVar, Self

from django.db import models

from ostatok.parties.access import DoorManager
from ostatok.parties.models import Organization


class KeptAnswer(models.Model):
    """What was done under an idempotency key, so that the same request again does nothing (docs/api.md).

    `caller` is `key ID` or `user ID`, `fingerprint` is SHA-256 of the request in hex, `made` names what it made.
    `answer` is null where it is not known yet, or holds what must not be kept.
    """

    organization = models.ForeignKey(Organization, models.CASCADE)
    caller = models.CharField(max_length=32)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    made = models.CharField(max_length=250)
    status = models.SmallIntegerField()
    answer = models.JSONField(null=True)
    at = models.DateTimeField()

    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "kept_answer"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "caller", "key"], name="kept_answer_unique"),
        ]
        indexes: ClassVar = [models.Index(fields=["at"], name="kept_answer_at")]

    def __str__(self) -> str:
        return self.made
