"""The run-out list by mail, from the morning to the letter: once a day, with the figures and the rights of sending."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ostatok import pipeline
from ostatok.delivery import log, replaying
from ostatok.delivery.channels.base import Channel
from ostatok.delivery.channels.email import EmailChannel
from ostatok.delivery.channels.email import url as email_url
from ostatok.delivery.channels.email.sink import Reply
from ostatok.delivery.models import Delivery
from ostatok.notices.models import Digest, RunOutSubscription
from ostatok.parties.access import Member, Role, System
from ostatok.parties.models import CallNote, Client, Membership, Organization, User
from tests.delivery.conftest import AT_ONCE, Post
from tests.delivery.mails import part, read
from tests.delivery.world import World

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime.now(UTC)
EIGHT = datetime.combine(NOW.astimezone(MOSCOW).date() + timedelta(days=1), time(8), MOSCOW)


@pytest.fixture
def olga(world: World) -> User:
    user = User.objects.create_user("olga@energo.test", name="Ольга", language="ru")
    Membership.objects.create(user=user, organization=world.organization, role=Role.LOOK)
    return user


def subscribe(user: User, organization: Organization, **fields: Any) -> RunOutSubscription:
    wanted = {"at": time(8), "working_days": False, "mine": False, "site": "https://o.test/", "since": NOW, **fields}
    return RunOutSubscription.objects.create(user=user, organization=organization, **wanted)


def morning(at: datetime = EIGHT) -> pipeline.Outcome:
    """The outlook is fresh, and it is eight."""
    pipeline.refresh_outlook(now=datetime.now(UTC))
    return pipeline.tick(at=at, now=datetime.now(UTC))


def channels(post: Post) -> dict[str, Channel]:
    return {"email": EmailChannel(email_url.parse(post.url))}


def fate() -> tuple[str, str]:
    one = Delivery.objects.get()
    return one.state, one.reason


def test_the_list_comes_in_the_morning_with_a_message_id_of_its_delivery(world: World, post: Post, olga: User) -> None:
    world.clients(2, phone="+7 921 000-00-01")
    CallNote.objects.create(
        organization=world.organization, client=Client.objects.earliest("pk"), kind="called", text="завтра", at=NOW
    )
    subscribe(olga, world.organization)

    outcome = morning()

    assert (outcome.notices, outcome.deliveries) == (1, 1)
    assert post.once().sent == 1
    [mail] = post.sink.mails
    told = read(mail)
    assert told["to"] == "olga@energo.test"
    assert told["subject"] == "У кого кончается: 2 · ООО «Энергосбыт»"
    one = Delivery.objects.get()
    assert f"ostatok.{one.pk}." in told["message-id"]
    written = part(mail, "plain").replace("\xa0", " ")
    for words in ("Клиент 000001, 000001 · АД", "Осталось: 15 мин", "+7 921 000-00-01 · звонили: завтра"):
        assert words in written
    assert "https://o.test/console/run-out/" in part(mail, "html")
    found = log.one(System(), one.pk)
    assert found is not None
    assert (found.about, found.digest, found.name) == (None, EIGHT.date(), "Ольга")
    assert found.message is not None


def test_a_subscriber_is_told_once_a_day_however_often_the_clock_is_looked_at(
    world: World, post: Post, olga: User
) -> None:
    world.client()
    kept = subscribe(olga, world.organization)
    assert morning(EIGHT - timedelta(minutes=1)).notices == 0
    assert [morning(EIGHT + timedelta(minutes=minute)).notices for minute in (0, 1, 90)] == [1, 0, 0]
    kept.delete()
    subscribe(olga, world.organization)
    assert morning(EIGHT + timedelta(hours=2)).notices == 0
    assert morning(EIGHT + timedelta(days=1)).notices == 1
    assert Digest.objects.count() == 2


def test_after_an_outage_it_is_made_up_for_once_if_it_is_not_too_late(world: World, olga: User) -> None:
    subscribe(olga, world.organization)
    assert morning(EIGHT + timedelta(hours=7)).notices == 0
    assert morning(EIGHT + timedelta(days=3, hours=5)).notices == 1
    assert Digest.objects.get().day == EIGHT.date() + timedelta(days=3)


def test_it_shows_what_is_left_when_it_is_sent(world: World, post: Post, olga: User) -> None:
    balance = world.client()
    subscribe(olga, world.organization)
    morning()
    world.charge([balance], 5)
    post.once()
    assert "10 мин" in part(post.sink.mails[0], "plain").replace("\xa0", " ")


def test_where_nobody_runs_out_nothing_is_sent_and_the_log_says_why(world: World, post: Post, olga: User) -> None:
    subscribe(olga, world.organization)
    morning()
    post.once()
    assert fate() == ("dropped", "nobody_runs_out")
    assert not post.sink.mails


def test_mine_are_the_clients_one_looks_after(world: World, post: Post, olga: User) -> None:
    world.clients(3)
    Client.objects.filter(code="000002").update(manager=olga)
    subscribe(olga, world.organization, mine=True)
    morning()
    post.once()
    written = part(post.sink.mails[0], "plain")
    assert "Клиент 000002" in written
    assert "Клиент 000001" not in written
    assert "console/run-out/?whose=mine" in written


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda user: Membership.objects.filter(user=user).delete(), "role_lost"),
        (lambda user: User.objects.filter(pk=user.pk).update(is_active=False), "recipient_inactive"),
        (lambda user: RunOutSubscription.objects.filter(user=user).delete(), "unsubscribed"),
        (lambda user: Delivery.objects.update(created_at=NOW - timedelta(hours=21)), "expired"),
        (lambda user: User.objects.filter(pk=user.pk).update(email="olga"), "bad_address"),
        (lambda user: user.delete(), "recipient_inactive"),
    ],
)
def test_who_may_or_wants_no_more_by_then_is_told_nothing(
    world: World, post: Post, olga: User, change: Any, reason: str
) -> None:
    world.client()
    subscribe(olga, world.organization)
    morning()
    change(olga)
    post.once()
    assert fate() == ("dropped", reason)
    assert not post.sink.mails


def test_it_tells_of_no_client_out_of_reach(world: World, post: Post, olga: User) -> None:
    """A role below sees what is below; the list of an organization above shows no more than that."""
    sibling = World()
    parent = Organization.objects.create(code="root", name="Root")
    Organization.objects.filter(pk__in=[world.organization.pk, sibling.organization.pk]).update(parent=parent)
    world.client(name="Свой")
    sibling.client(name="Чужой")
    subscribe(olga, world.organization)
    subscribe(olga, parent, at=time(5))
    assert morning().notices == 2
    post.once()
    [mail] = post.sink.mails
    assert "Свой" in part(mail, "plain")
    assert "Чужой" not in part(mail, "plain")
    assert Delivery.objects.get(organization=parent).reason == "role_lost"
    stranger = Member(user_id=0, name="stranger", roles={sibling.organization.pk: Role.OWNER})
    assert not log.rows(stranger).exists()


def test_it_shows_fifty_lines_and_says_how_many_more_there_are(world: World, post: Post, olga: User) -> None:
    world.clients(52)
    subscribe(olga, world.organization)
    morning()
    post.once()
    written = part(post.sink.mails[0], "plain")
    assert written.count("Осталось:") == 50
    assert "И ещё 2 в списке." in written
    assert read(post.sink.mails[0])["subject"].startswith("У кого кончается: 52")


def test_a_letter_that_was_refused_is_tried_again_under_its_id_and_can_be_sent_again(
    world: World, post: Post, olga: User
) -> None:
    world.client()
    subscribe(olga, world.organization)
    morning()
    post.sink.script = lambda step, _recipient: Reply("550 5.1.1 no") if step.name == "RECIPIENT" else None
    post.once(AT_ONCE)
    one = Delivery.objects.get()
    assert (one.state, one.reason, one.tries.count()) == ("dead", "address_refused", 1)
    post.sink.script = lambda _step, _recipient: None
    replaying.retry(System(), one.pk, now=datetime.now(UTC), channels=channels(post), origin="test")
    post.once(AT_ONCE)
    one.refresh_from_db()
    assert one.state == "sent"
    assert len(post.sink.mails) == 1


def test_a_replay_of_a_range_looks_at_lists_too(world: World, post: Post, olga: User) -> None:
    world.client()
    subscribe(olga, world.organization)
    morning()
    Membership.objects.filter(user=olga).delete()
    post.once()
    planned = replaying.plan(System(), log.Filters(states=["dropped"]), now=datetime.now(UTC), channels=channels(post))
    assert dict(planned.staying) == {"role_lost": 1}
    Membership.objects.create(user=olga, organization=world.organization, role=Role.LOOK)
    planned = replaying.plan(System(), log.Filters(states=["dropped"]), now=datetime.now(UTC), channels=channels(post))
    assert planned.going == (Delivery.objects.get().pk,)
