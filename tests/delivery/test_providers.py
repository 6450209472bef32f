"""What becomes of deliveries when servers misbehave or are down."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ostatok.delivery import message
from ostatok.delivery.channels.email.sink import Close, Hang, Reaction, Reply, Sink, Step
from ostatok.delivery.models import Attempt, Circuit, Delivery, DeliveryMessage
from ostatok.ledger.models import Balance
from ostatok.notices.models import Notice
from ostatok.parties.models import Organization
from ostatok.rules.models import Rule
from tests.delivery import world as tables
from tests.delivery.conftest import AT_ONCE, LATER, Post
from tests.delivery.mails import read, refusing
from tests.delivery.world import World, notice_of, states

# -- servers that misbehave


def test_one_refused_address_is_dead_at_once_and_the_others_get_their_mail(world: World, post: Post) -> None:
    deliveries = world.waiting(5)
    post.sink.script = refusing("550 5.1.1 No such user")

    summary = post.once()

    assert (summary.sent, summary.dead) == (4, 1)
    dead = Delivery.objects.get(state="dead")
    assert dead.pk == deliveries[1].pk
    assert (dead.reason, dead.detail) == ("address_refused", "550 5.1.1 No such user")
    assert notice_of(dead).state == "failed"


def test_a_temporary_refusal_is_retried_by_itself_until_it_goes_through(world: World, post: Post) -> None:
    [delivery] = world.waiting()
    refusals = iter([Reply("451 4.3.0 Try again later"), Reply("452 4.2.2 Mailbox full")])
    post.sink.script = lambda step, _: next(refusals, None) if step is Step.RECIPIENT else None

    summary = post.once(AT_ONCE)

    assert (summary.sent, summary.retried) == (1, 2)
    assert tables.reasons(delivery) == ["try_later", "try_later", ""]


def test_a_retry_is_due_by_the_schedule_and_not_before(world: World, post: Post) -> None:
    [delivery] = world.waiting()
    post.sink.script = refusing("451 4.3.0 Try again later", "c000001@client.test")
    began = datetime.now(UTC)

    assert post.once(LATER).retried == 1

    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("waiting", 1)
    assert timedelta(minutes=54) < delivery.due_at - began < timedelta(minutes=67)
    assert post.once(LATER).retried == 0
    post.sink.script = lambda *_: None
    assert post.once(LATER, clock=lambda: datetime.now(UTC) + timedelta(minutes=67)).sent == 1


def test_after_the_last_attempt_it_is_dead_and_its_notice_failed(world: World, post: Post) -> None:
    [delivery] = world.waiting()
    post.sink.script = refusing("451 4.3.0 Try again later", "c000001@client.test")

    summary = post.once(AT_ONCE)

    assert (summary.retried, summary.dead) == (2, 1)
    assert Notice.objects.get().state == "failed"
    assert tables.reasons(delivery) == ["try_later"] * 3


def test_a_lost_answer_is_unknown_and_sent_again_under_the_same_message_id(world: World, post: Post) -> None:
    [delivery] = world.waiting()
    answers = iter([Close()])
    post.sink.script = lambda step, _: next(answers, None) if step is Step.ANSWER else None

    post.once(AT_ONCE)

    first, second = post.sink.mails
    name = message.reference(delivery.pk, delivery.created_at)
    assert first.message_id == second.message_id == f"{name}@delivery.ostatok"
    assert list(Attempt.objects.order_by("number").values_list("outcome", flat=True)) == ["unknown", "delivered"]


def test_the_message_id_outlives_an_edit_of_the_senders_address(world: World, post: Post) -> None:
    world.waiting()
    answers = iter([Close()])
    post.sink.script = lambda step, _: next(answers, None) if step is Step.ANSWER else None
    post.once(LATER)
    Organization.objects.update(email="new@elsewhere.test")

    post.once(LATER, clock=lambda: datetime.now(UTC) + timedelta(hours=2))

    first, second = post.sink.mails
    assert first.message_id == second.message_id
    assert read(second)["from"].endswith("<new@elsewhere.test>")


def test_an_outcome_never_seen_is_shown_as_unknown(world: World, post: Post) -> None:
    [delivery] = world.waiting()
    post.sink.script = lambda step, _: Close() if step is Step.ANSWER else None

    assert post.once(AT_ONCE).unknown == 1

    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("unknown", "no_reply")
    assert DeliveryMessage.objects.filter(delivery=delivery).exists()
    assert Notice.objects.get().state == "failed"


@pytest.mark.parametrize("reaction", [Hang(), Close()])
@pytest.mark.parametrize("step", list(Step))
def test_a_server_that_hangs_or_closes_on_one_mail_keeps_no_other(
    world: World, post: Post, step: Step, reaction: Reaction
) -> None:
    world.waiting(30)
    post.sink.script = lambda at, to: reaction if at is step and to == "c000007@client.test" else None

    summary = Post(post.sink, timeout=0.5).once()

    assert (summary.sent, summary.retried) == (29, 1)


def test_one_poisoned_delivery_keeps_no_other(world: World, make_world: type[World], post: Post) -> None:
    world.waiting(3)
    poisoned = make_world()
    poisoned.service.unit = "nothing"
    poisoned.service.save()
    [delivery] = poisoned.waiting()

    summary = post.once()

    delivery.refresh_from_db()
    assert (summary.sent, summary.dead) == (3, 1)
    assert (delivery.state, delivery.reason) == ("dead", "unsendable")


# -- which provider it was


def test_a_delivery_and_its_attempts_keep_which_provider_they_went_over(world: World, post: Post) -> None:
    deliveries = world.waiting(3)
    post.sink.script = refusing("550 5.1.1 No such user")
    post.once()

    assert set(Delivery.objects.values_list("provider", flat=True)) == {post.provider}
    tried = Attempt.objects.filter(delivery__in=deliveries).values_list("provider", "outcome")
    assert sorted(tried) == [(post.provider, "delivered")] * 2 + [(post.provider, "permanent")]


def test_what_is_tried_again_over_another_provider_keeps_both(world: World, post: Post, tmp_path: Path) -> None:
    [delivery] = world.waiting()
    post.sink.script = refusing("451 4.3.0 Try again later", "c000001@client.test")
    post.once(LATER)
    other = Sink(tmp_path)
    other.up()
    Post(other).once(LATER, clock=lambda: datetime.now(UTC) + timedelta(hours=2))
    other.close()

    delivery.refresh_from_db()
    assert (delivery.state, delivery.provider) == ("sent", Post(other).provider)
    tried = Attempt.objects.filter(delivery=delivery).order_by("number").values_list("provider", flat=True)
    assert list(tried) == [post.provider, Post(other).provider]


def test_what_was_never_handed_over_went_over_none(world: World, post: Post) -> None:
    [wordless], [dropped] = world.waiting(), world.waiting()
    Notice.objects.filter(deliveries=wordless).update(kind="message")
    Rule.objects.filter(pk=world.rule.pk).update(kind="message")
    world.top_up([notice_of(dropped).balance], 100)

    post.once()

    assert states() == {"dead": 1, "dropped": 1}
    assert set(Delivery.objects.values_list("provider", flat=True)) == {""}
    assert Attempt.objects.get(delivery=wordless).provider == ""


def test_what_waits_for_a_provider_that_is_down_says_which(world: World, post: Post) -> None:
    world.waiting(8)
    post.sink.down()
    post.once(LATER)
    down = Delivery.objects.filter(reason__in=["unreachable", "provider_down"])
    assert set(down.values_list("provider", flat=True)) == {post.provider}
    assert Circuit.objects.get().provider == post.provider


# -- a provider that is down


def test_a_provider_that_is_down_opens_its_circuit_and_uses_up_few_attempts(world: World, post: Post) -> None:
    world.waiting(40)
    post.sink.down()

    summary = post.once()

    circuit = Circuit.objects.get()
    assert circuit.opened_at is not None
    assert summary.waiting == 40
    assert Attempt.objects.count() == 5
    assert Delivery.objects.filter(attempts=0, state="waiting").count() == 35


def test_once_the_provider_is_back_a_probe_lets_everything_flow(world: World, post: Post) -> None:
    world.waiting(40)
    post.sink.down()
    post.once()
    retry_at = Circuit.objects.get().retry_at
    assert retry_at is not None
    post.sink.up()

    assert post.once(clock=lambda: retry_at - timedelta(seconds=1)).sent == 0
    assert post.once(clock=lambda: retry_at).sent == 35
    assert Circuit.objects.get().opened_at is None
    assert post.once(clock=lambda: retry_at + timedelta(hours=2)).sent == 5


def test_a_failed_probe_keeps_the_circuit_open_for_longer_and_uses_up_no_attempt(world: World, post: Post) -> None:
    world.waiting(10)
    post.sink.down()
    post.once()
    before = Circuit.objects.get()
    assert before.retry_at is not None
    when = before.retry_at
    tried = Attempt.objects.count()

    post.once(clock=lambda: when)

    after = Circuit.objects.get()
    assert after.retry_at is not None
    assert (after.failures, after.opened_at) == (before.failures + 1, before.opened_at)
    assert after.retry_at > when + timedelta(minutes=1)
    assert Attempt.objects.count() == tried
    assert states() == {"waiting": 10}


def test_a_probe_that_a_check_drops_leaves_its_turn_to_the_next(world: World, post: Post) -> None:
    world.waiting(10)
    post.sink.down()
    post.once()
    retry_at = Circuit.objects.get().retry_at
    assert retry_at is not None
    untried = Delivery.objects.filter(attempts=0).order_by("due_at", "pk")
    recovered = list(untried.values_list("notice__balance", flat=True)[:2])
    world.correct(list(Balance.objects.filter(pk__in=recovered)), 80)
    post.sink.up()

    post.once(clock=lambda: retry_at)

    assert states() == {"dropped": 2, "sent": 3, "waiting": 5}
