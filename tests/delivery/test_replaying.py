"""What was given up is sent again: the same delivery, after the same checks, counted as before."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ostatok.delivery import log, replaying
from ostatok.delivery.channels.base import Channel
from ostatok.delivery.channels.email import EmailChannel
from ostatok.delivery.channels.email import url as email_url
from ostatok.delivery.log import Filters
from ostatok.delivery.models import Attempt, Delivery, DeliveryState
from ostatok.delivery.replaying import Plan
from ostatok.notices.models import Notice
from ostatok.parties.access import Actor, Member, Role, System
from ostatok.parties.models import AuditRecord, Client
from tests.delivery.conftest import Post
from tests.delivery.world import World, notice_of

SYSTEM = System()
_SAME = (
    "organization_id, notice_id, channel, recipient, lane, state, reason, detail, due_at, attempts, created_at,"
    " settled_at, provider_id"
)


def channels() -> Mapping[str, Channel]:
    return {"email": EmailChannel(email_url.parse("smtp://127.0.0.1:1"))}


def now() -> datetime:
    return datetime.now(UTC)


def given_up(world: World, number: int = 1, **fields: Any) -> list[Delivery]:
    """Deliveries that are dead, as their notices are, whose places were given back."""
    rows = world.waiting(number, **{"state": "dead", "reason": "unreachable", "attempts": 3, **fields})
    Notice.objects.filter(deliveries__in=rows).update(state="failed", reason="unreachable", settled_at=now())
    world.rule.max_qty = 3
    world.rule.save()
    return rows


def retry(delivery: Delivery, **options: Any) -> None:
    replaying.retry(SYSTEM, delivery.pk, now=now(), channels=channels(), origin="test", **options)


def plan(actor: Actor = SYSTEM, **filters: Any) -> Plan:
    return replaying.plan(actor, Filters(**filters), now=now(), channels=channels())


def test_a_dead_delivery_is_retried_and_arrives_under_the_same_id(world: World, post: Post) -> None:
    [delivery] = given_up(world)
    retry(delivery)
    assert post.once().sent == 1
    [mail] = post.sink.mails
    assert f"ostatok.{delivery.pk}." in mail.message_id
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("sent", 1)
    assert Notice.objects.get().state == "sent"


def test_where_a_retried_message_went_is_on_record(world: World, post: Post) -> None:
    [delivery] = world.deliveries(world.notices([world.client(email="")]))
    post.once()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason, delivery.address) == ("dropped", "no_address", "")
    Client.objects.update(email="found@client.test")
    retry(delivery)
    assert post.once().sent == 1
    told = log.one(SYSTEM, delivery.pk)
    assert told
    assert (told.state, told.address) == ("sent", "found@client.test")
    assert [row.pk for row in log.rows(SYSTEM, Filters(address="Found@client.test"))] == [delivery.pk]


def test_a_retried_notice_takes_its_place_again(world: World) -> None:
    [delivery] = given_up(world)
    balance = notice_of(delivery).balance
    before = world.raised(balance)
    retry(delivery)
    assert world.raised(balance) == before + 1
    assert Notice.objects.get().state == "waiting"


def test_a_notice_that_may_have_arrived_had_kept_its_place(world: World) -> None:
    [delivery] = given_up(world, state="unknown", reason="no_reply")
    before = world.raised(notice_of(delivery).balance)
    retry(delivery)
    assert world.raised(notice_of(delivery).balance) == before


def test_what_is_no_longer_true_is_not_retried(world: World) -> None:
    [delivery] = given_up(world)
    world.top_up([notice_of(delivery).balance], 100)
    with pytest.raises(replaying.NotReplayable) as refused:
        retry(delivery)
    assert refused.value.reason == "recovered"
    delivery.refresh_from_db()
    assert delivery.state == "dead"


def test_what_was_sent_is_sent_again_only_by_name(world: World) -> None:
    [delivery] = given_up(world, state="sent", reason="")
    with pytest.raises(replaying.NotReplayable):
        retry(delivery)
    retry(delivery, though_sent=True)
    delivery.refresh_from_db()
    assert delivery.state == "waiting"
    assert AuditRecord.objects.get().action == "delivery.sent_again"


def test_what_waits_cannot_be_retried(world: World) -> None:
    [delivery] = world.waiting()
    with pytest.raises(replaying.NotReplayable):
        retry(delivery, though_sent=True)


def test_attempts_made_before_stay_on_record(world: World, post: Post) -> None:
    [delivery] = given_up(world)
    Attempt.objects.create(
        delivery=delivery,
        organization=world.organization,
        number=1,
        at=now() - timedelta(hours=1),
        outcome="temporary",
        reason="unreachable",
    )
    retry(delivery)
    post.once()
    told = log.one(SYSTEM, delivery.pk)
    assert told
    assert [(one.number, one.reason) for one in told.attempts] == [(1, "unreachable"), (2, "")]


def test_a_dry_run_says_what_would_go_and_what_would_stay_and_touches_nothing(world: World) -> None:
    going, recovered, old = given_up(world, 3)
    world.top_up([notice_of(recovered).balance], 100)
    Delivery.objects.filter(pk=old.pk).update(created_at=now() - timedelta(days=2))
    planned = plan()
    assert planned.going == (going.pk,)
    assert planned.by_reason == {"unreachable": 1}
    assert planned.staying == {"recovered": 1, "expired": 1}
    assert set(Delivery.objects.values_list("state", flat=True)) == {"dead"}


def test_of_what_is_replayed_together_only_the_latest_of_a_rule_and_balance_goes(world: World, post: Post) -> None:
    balance = world.client(email="")
    first, second = (world.deliveries(world.notices([balance], step=step))[0] for step in (1, 2))
    post.once()
    Client.objects.update(email="found@client.test")

    planned = replaying.plan(SYSTEM, Filters(states=["dropped"]), now=now(), channels=channels())

    assert [(fate.id, fate.goes, fate.reason) for fate in planned.fates] == [
        (first.pk, False, "superseded"),
        (second.pk, True, ""),
    ]
    assert planned.fates[1].address == "found@client.test"
    Delivery.objects.update(state="waiting")
    Notice.objects.update(state="waiting")
    post.once()
    assert list(Delivery.objects.order_by("pk").values_list("state", "reason")) == [
        ("dropped", "superseded"),
        ("sent", ""),
    ]


def test_of_what_is_replayed_together_one_notice_goes_to_one_address_once(world: World) -> None:
    [notice] = world.notices([world.client(email="")])
    first = world.deliveries([notice], state="dropped", reason="no_address", address="")[0]
    second = world.deliveries([notice], state="dropped", reason="no_address", recipient="organization", address="")[0]
    Notice.objects.update(state="dropped", reason="no_address")
    Client.objects.update(email="ops@energo.test")

    planned = replaying.plan(SYSTEM, Filters(states=["dropped"]), now=now(), channels=channels())

    assert [(fate.id, fate.reason) for fate in planned.fates] == [(first.pk, ""), (second.pk, "same_address")]


def test_a_range_is_replayed_in_one_go_and_audited(world: World) -> None:
    rows = given_up(world, 3)
    count = replaying.replay(SYSTEM, plan(), at_most=3, now=now(), origin="10.0.0.1")
    assert count == 3
    assert Delivery.objects.filter(pk__in=[row.pk for row in rows], state=DeliveryState.WAITING).count() == 3
    record = AuditRecord.objects.get()
    assert (record.action, record.changes["count"]) == ("deliveries.replayed", [None, 3])


def test_more_than_was_agreed_is_not_replayed(world: World) -> None:
    given_up(world, 2)
    with pytest.raises(replaying.MoreThanAgreed):
        replaying.replay(SYSTEM, plan(), at_most=1, now=now(), origin="test")
    assert set(Delivery.objects.values_list("state", flat=True)) == {"dead"}


def test_a_range_never_holds_what_was_sent(world: World) -> None:
    given_up(world, 1, state="sent", reason="")
    planned = plan(states=["sent"])
    assert planned.fates == ()


def test_what_was_dropped_is_in_a_range_only_where_it_is_chosen(world: World) -> None:
    [dead] = given_up(world)
    [dropped] = given_up(world, state="dropped", reason="quiet")
    [unknown] = given_up(world, state="unknown", reason="no_reply")
    assert plan().going == (dead.pk, unknown.pk)
    assert plan(states=["dropped"]).going == (dropped.pk,)


def test_what_changed_since_it_was_planned_is_left_alone(world: World) -> None:
    first, second = given_up(world, 2)
    planned = plan()
    retry(first)
    assert replaying.replay(SYSTEM, planned, at_most=2, now=now(), origin="test") == 1
    assert set(Delivery.objects.values_list("state", flat=True)) == {"waiting"}
    assert AuditRecord.objects.get(action="deliveries.replayed").changes["count"] == [None, 1]
    second.refresh_from_db()
    assert second.state == "waiting"


def test_a_range_is_found_without_a_look_at_what_was_dropped(world: World) -> None:
    given_up(world)
    [dropped] = given_up(world, state="dropped", reason="recovered")
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into delivery ({_SAME}, address) select {_SAME}, address || n"
            " from delivery, generate_series(1, 20000) n where id = %s",
            [dropped.pk],
        )
        cursor.execute("analyze delivery")
    with CaptureQueriesContext(connection) as ran:
        assert len(plan().fates) == 1
    found = ran.captured_queries[0]["sql"]
    with connection.cursor() as cursor:
        cursor.execute(f"explain {found}")
        assert "delivery_troubled" in "\n".join(line for (line,) in cursor.fetchall())


def test_a_range_can_be_narrowed_by_reason_and_period(world: World) -> None:
    given_up(world, 1)
    [other] = given_up(world, 1, reason="tls")
    planned = plan(reason="tls")
    assert planned.going == (other.pk,)
    later = plan(since=now() + timedelta(hours=1))
    assert later.fates == ()


def test_a_range_can_be_narrowed_to_a_provider_or_to_none(world: World) -> None:
    [over_one] = given_up(world, 1, provider="smtp:mail.test:25")
    [over_none] = given_up(world, 1)
    for provider, expected in (("smtp:mail.test:25", over_one), (log.NO_PROVIDER, over_none)):
        planned = replaying.plan(SYSTEM, Filters(provider=provider), now=now(), channels=channels())
        assert planned.going == (expected.pk,)


def test_a_range_of_a_provider_is_audited_by_its_name(world: World) -> None:
    given_up(world, 1, provider="smtp:mail.test:25")
    filters = Filters(states=["dead"], provider="smtp:mail.test:25")
    planned = replaying.plan(SYSTEM, filters, now=now(), channels=channels())
    replaying.replay(SYSTEM, planned, at_most=1, now=now(), origin="test")
    assert AuditRecord.objects.get(action="deliveries.replayed").changes["provider"] == [None, "smtp:mail.test:25"]


def test_who_may_only_look_may_not_replay(world: World) -> None:
    [delivery] = given_up(world)
    looker = Member(user_id=1, name="look", roles={world.organization.pk: Role.LOOK})
    assert plan(looker).fates == ()
    with pytest.raises(Delivery.DoesNotExist):
        replaying.retry(looker, delivery.pk, now=now(), channels=channels(), origin="test")
    assert log.one(looker, delivery.pk)


def test_the_log_of_another_organization_is_empty(world: World, make_world: Any) -> None:
    [delivery] = given_up(world)
    stranger = Member(user_id=1, name="x", roles={make_world().organization.pk: Role.OWNER})
    assert log.one(stranger, delivery.pk) is None
    assert not log.rows(stranger).exists()


def test_the_log_finds_by_address_whatever_its_case(world: World) -> None:
    [delivery, _] = given_up(world, 2)
    found = log.rows(SYSTEM, Filters(address=delivery.address.upper()))
    assert [row.pk for row in found] == [delivery.pk]


def test_two_who_retry_at_once_make_it_wait_once(world: World) -> None:
    [delivery] = given_up(world)
    retry(delivery)
    with pytest.raises(replaying.NotReplayable):
        retry(delivery)
    assert world.raised(notice_of(delivery).balance) == 2
