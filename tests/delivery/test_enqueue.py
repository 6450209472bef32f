"""Notices become deliveries."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import connection, transaction

from ostatok.delivery import enqueue
from ostatok.delivery.models import Delivery
from ostatok.notices import raising
from ostatok.notices.models import Notice
from ostatok.parties.models import User
from tests.delivery.world import World


def put_into_the_outbox(notices: Sequence[Notice]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        raising.prepare(cursor)
        cursor.executemany(
            "insert into raised (notice_id, rule_id, client_id, shadow) values (%s, %s, %s, false)",
            [(notice.pk, notice.rule_id, notice.client_id) for notice in notices],
        )
        return enqueue.enqueue_raised(cursor, now=datetime.now(UTC))


def test_an_address_that_recipients_share_is_told_as_that_of_the_first(world: World) -> None:
    world.rule.recipients.create(kind="client")
    world.rule.recipients.create(kind="address", address="C000001@client.test")

    assert put_into_the_outbox(world.notices([world.client()])) == 1

    assert Delivery.objects.get().recipient == "client"


def test_a_user_who_may_not_sign_in_takes_the_address_from_nobody(world: World) -> None:
    gone = User.objects.create_user("ops@energo.test", is_active=False)
    world.rule.recipients.create(kind="user", user=gone)
    world.rule.recipients.create(kind="organization")

    assert put_into_the_outbox(world.notices([world.client()])) == 1

    assert Delivery.objects.get().recipient == "organization"
