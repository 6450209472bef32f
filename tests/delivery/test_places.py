"""Notices: when they are settled, and what those that reached nobody give back."""

from datetime import UTC, datetime, timedelta

from ostatok.delivery.channels.email.sink import Close, Step
from ostatok.notices.models import Notice
from ostatok.rules.models import Alarm, RuleState
from tests.delivery.conftest import AT_ONCE, LATER, Post
from tests.delivery.mails import refusing
from tests.delivery.world import World, states


def test_a_dropped_notice_gives_its_place_back_and_the_alarm_repeats(make_world: type[World], post: Post) -> None:
    world = make_world(kind="balance_below", threshold=20, period=timedelta(hours=24))
    balance = world.client(email="")
    last = datetime(2026, 11, 20, 9, tzinfo=UTC)
    world.alarm(balance, last_raised_at=last)
    world.deliveries(world.notices([balance], band=None))

    post.once()

    assert world.raised(balance) == 0
    assert Alarm.objects.get().next_repeat_at == last + timedelta(hours=24)


def test_a_notice_that_may_have_arrived_keeps_its_place(make_world: type[World], post: Post) -> None:
    world = make_world(kind="balance_below", threshold=20, period=timedelta(hours=24))
    balance = world.client(email="")
    world.alarm(balance, last_raised_at=datetime(2026, 11, 20, 9, tzinfo=UTC))
    [notice] = world.notices([balance], band=None)
    world.deliveries([notice])
    world.deliveries([notice], recipient="organization")
    post.sink.script = lambda step, _: Close() if step is Step.ANSWER else None

    post.once(AT_ONCE)

    assert states() == {"dropped": 1, "unknown": 1}
    assert Notice.objects.get().state == "failed"
    assert world.raised(balance) == 1
    assert Alarm.objects.get().next_repeat_at is None


def test_a_silent_alarm_and_one_with_a_repeat_due_are_left_alone(make_world: type[World], post: Post) -> None:
    world = make_world(kind="balance_below", threshold=20, period=timedelta(hours=24))
    silent, due = world.clients(2, email="")
    repeat = datetime(2026, 11, 22, 9, tzinfo=UTC)
    world.alarm(silent, silent=True)
    world.alarm(due, next_repeat_at=repeat)
    world.deliveries(world.notices([silent, due], band=None))

    post.once()

    assert list(Alarm.objects.order_by("balance").values_list("next_repeat_at", flat=True)) == [None, repeat]


def test_the_alarms_of_a_rule_that_is_off_do_not_begin_to_repeat(make_world: type[World], post: Post) -> None:
    world = make_world(kind="balance_below", threshold=20, period=timedelta(hours=24))
    balance = world.client()
    world.alarm(balance, last_raised_at=datetime(2026, 11, 20, 9, tzinfo=UTC))
    world.deliveries(world.notices([balance], band=None))
    world.rule.state = RuleState.INACTIVE
    world.rule.save()

    post.once()

    assert (states(), world.raised(balance)) == ({"dropped": 1}, 0)
    assert Alarm.objects.get().next_repeat_at is None


def test_a_notice_is_sent_if_any_of_its_deliveries_was(world: World, post: Post) -> None:
    balance = world.client()
    [notice] = world.notices([balance])
    world.deliveries([notice])
    world.deliveries([notice], recipient="organization")
    post.sink.script = refusing("550 5.1.1 No such user", balance.account.client.email)

    post.once()

    assert states() == {"dead": 1, "sent": 1}
    assert Notice.objects.get().state == "sent"
    assert world.raised(balance) == 1


def test_a_delivery_whose_every_attempt_died_with_its_worker_is_unknown(world: World, post: Post) -> None:
    [delivery] = world.waiting(attempts=len(LATER))

    post.once()

    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("unknown", "worker_died")
    assert post.sink.mails == []
