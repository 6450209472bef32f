"""The way back over a migration loses what the version before did not know, and nothing else."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from ostatok.delivery.models import Attempt, Delivery, DeliveryMessage
from ostatok.notices.models import Digest
from tests.parties import house

pytestmark = pytest.mark.django_db


def _delivered(digest: Digest) -> None:
    at, owner = house.NOW, digest.organization
    delivery = Delivery.objects.create(
        organization=owner, digest=digest, channel="email", recipient="user:1", due_at=at, created_at=at
    )
    DeliveryMessage.objects.create(delivery=delivery, subject="s", text="t", html="h")
    Attempt.objects.create(delivery=delivery, organization=owner, number=1, at=at, outcome="delivered", reason="x")


def test_before_digests_their_deliveries_are_gone_and_the_others_stay() -> None:
    house.build()
    for digest in Digest.objects.all():
        _delivered(digest)
    of_notices = set(Delivery.objects.filter(digest=None).values_list("pk", flat=True))
    of_digests = set(Delivery.objects.exclude(digest=None).values_list("pk", flat=True))
    assert of_notices
    assert of_digests
    backwards = MigrationExecutor(connection)
    backwards.migrate([("delivery", "0006_lately")])
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM delivery")
        assert {pk for (pk,) in cursor.fetchall()} == of_notices
    assert not Attempt.objects.filter(delivery_id__in=of_digests).exists()
    assert not DeliveryMessage.objects.filter(delivery_id__in=of_digests).exists()
