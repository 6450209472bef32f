"""What is not sent, and the reason that is kept."""

from datetime import UTC, datetime, timedelta

import pytest

from ostatok.delivery import reasons
from ostatok.delivery.models import Delivery
from ostatok.notices.models import Notice
from ostatok.parties.models import Contact, ContactPoint, User
from ostatok.rules.models import RuleState
from tests.delivery.conftest import Post
from tests.delivery.mails import read
from tests.delivery.world import World, notice_of


def test_of_three_bands_entered_before_sending_only_the_lowest_is_told(world: World, post: Post) -> None:
    balance = world.client()
    told = []
    for band, charged in ((0, 0), (1, 6), (2, 8)):
        world.charge([balance], charged or 1)
        told += world.deliveries(world.notices([balance], band=band))

    post.once()

    assert [(one.state, one.reason) for one in Delivery.objects.order_by("id")] == [
        ("dropped", "superseded"),
        ("dropped", "superseded"),
        ("sent", ""),
    ]
    assert len(post.sink.mails) == 1
    assert world.raised(balance) == 1


def test_a_lower_band_that_was_left_again_overtakes_nothing(world: World, post: Post) -> None:
    balance = world.client()
    [higher] = world.deliveries(world.notices([balance], band=0))
    world.charge([balance], 7)
    [lower] = world.deliveries(world.notices([balance], band=1))
    world.correct([balance], 7)

    post.once()

    assert [(one.pk, one.state, one.reason) for one in Delivery.objects.order_by("id")] == [
        (higher.pk, "sent", ""),
        (lower.pk, "dropped", "recovered"),
    ]
    assert "15 минут" in str(read(post.sink.mails[0])["subject"]).replace("\xa0", " ")


def test_a_later_notice_that_was_dropped_before_overtakes_nothing(world: World, post: Post) -> None:
    balance = world.client()
    later = datetime.now(UTC) + timedelta(hours=1)
    [higher] = world.deliveries(world.notices([balance], band=0), due_at=later)
    world.charge([balance], 7)
    world.deliveries(world.notices([balance], band=1))
    world.correct([balance], 7)
    assert post.once().dropped == 1
    world.charge([balance], 7)

    post.once(clock=lambda: later)

    higher.refresh_from_db()
    assert higher.state == "sent"


def test_a_lower_band_that_was_told_overtakes_even_when_it_was_left_again(world: World, post: Post) -> None:
    balance = world.client()
    later = datetime.now(UTC) + timedelta(hours=1)
    [higher] = world.deliveries(world.notices([balance], band=0), due_at=later)
    world.charge([balance], 7)
    world.deliveries(world.notices([balance], band=1))
    assert post.once().sent == 1
    world.correct([balance], 7)

    post.once(clock=lambda: later)

    higher.refresh_from_db()
    assert (higher.state, higher.reason) == ("dropped", "superseded")


def test_a_later_repeat_overtakes_an_earlier_one(world: World, post: Post) -> None:
    balance = world.client()
    [first], [second] = world.notices([balance], step=1), world.notices([balance], step=2)
    world.deliveries([first, second])

    post.once()

    assert Delivery.objects.get(notice=first).reason == "superseded"
    assert len(post.sink.mails) == 1


def test_a_top_up_before_sending_cancels_and_says_how_much_later_it_came(world: World, post: Post) -> None:
    balance = world.client()
    [delivery] = world.deliveries(world.notices([balance], raised_at=datetime.now(UTC) - timedelta(seconds=14)))
    world.top_up([balance], 100)

    post.once()

    delivery.refresh_from_db()
    told = reasons.explain(state=delivery.state, reason=delivery.reason, detail=delivery.detail, language="ru")
    assert told.replace("\xa0", " ") == "не отправлено: баланс пополнен через 14 с"
    assert Notice.objects.get().state == "dropped"
    assert post.sink.mails == []


def test_a_balance_that_left_the_band_by_a_correction_is_not_told(world: World, post: Post) -> None:
    balance = world.client()
    [delivery] = world.deliveries(world.notices([balance]))
    world.correct([balance], 20)

    post.once()

    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason, delivery.detail) == ("dropped", "recovered", "")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"rule": {"state": RuleState.INACTIVE}}, "rule_off"),
        ({"rule": {"state": RuleState.SHADOW}}, "rule_off"),
        ({"rule": {"keep_for": timedelta(0)}}, "expired"),
        ({"client": {"status": "closed"}}, "client_closed"),
        ({"client": {"email": ""}}, "no_address"),
        ({"client": {"email": "nobody at all"}}, "bad_address"),
        ({"delivery": {"channel": "fax"}}, "channel_off"),
    ],
)
def test_what_a_check_objects_to_is_dropped_with_its_reason(
    world: World, post: Post, change: dict[str, dict[str, object]], reason: str
) -> None:
    [delivery] = world.waiting()
    rows = {"rule": world.rule, "client": notice_of(delivery).client, "delivery": delivery}
    for name, values in change.items():
        type(rows[name])._default_manager.filter(pk=rows[name].pk).update(**values)

    post.once()

    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("dropped", reason)
    assert (Notice.objects.get().state, Notice.objects.get().reason) == ("dropped", reason)
    assert post.sink.mails == []


def test_a_notice_older_than_a_day_is_not_sent_unless_its_rule_keeps_it_longer(world: World, post: Post) -> None:
    yesterday = datetime.now(UTC) - timedelta(hours=25)
    world.waiting(created_at=yesterday)
    world.rule.keep_for = timedelta(hours=26)
    world.rule.save()

    assert post.once().sent == 1

    world.rule.keep_for = None
    world.rule.save()
    world.waiting(created_at=yesterday)

    assert post.once().dropped == 1


def test_what_a_look_as_of_an_earlier_day_raised_is_sent(world: World, post: Post) -> None:
    world.deliveries(world.notices([world.client()], raised_at=datetime.now(UTC) - timedelta(days=9)))

    assert post.once().sent == 1


def test_the_address_is_the_one_at_sending(world: World, post: Post) -> None:
    balance = world.client()
    contact = Contact.objects.create(organization=world.organization, code="k", name="K")
    ContactPoint.objects.create(contact=contact, kind="email", address="new@contact.test")
    user = User.objects.create_user("new@user.test")
    [notice] = world.notices([balance])
    for recipient in ("client", "organization", f"user:{user.pk}", f"contact:{contact.pk}", "address"):
        world.deliveries([notice], recipient=recipient, address="old@x.test")

    post.once()

    addresses = {mail.recipient for mail in post.sink.mails}
    assert addresses == {
        balance.account.client.email,
        "ops@energo.test",
        "new@user.test",
        "new@contact.test",
        "old@x.test",
    }
    assert set(Delivery.objects.values_list("address", flat=True)) == addresses


def test_a_contact_that_lost_one_of_two_addresses_is_told_once_and_both_deliveries_keep_their_own(
    world: World, post: Post
) -> None:
    contact = Contact.objects.create(organization=world.organization, code="k", name="K")
    ContactPoint.objects.create(contact=contact, kind="email", address="b@contact.test")
    [notice] = world.notices([world.client()])
    for address in ("a@contact.test", "b@contact.test"):
        world.deliveries([notice], recipient=f"contact:{contact.pk}", address=address)

    post.once()

    assert [mail.recipient for mail in post.sink.mails] == ["b@contact.test"]
    assert list(Delivery.objects.order_by("id").values_list("address", "reason")) == [
        ("a@contact.test", ""),
        ("b@contact.test", "same_address"),
    ]


def test_a_user_who_may_not_sign_in_any_more_is_not_written_to(world: World, post: Post) -> None:
    user = User.objects.create_user("gone@user.test", is_active=False)
    [delivery] = world.deliveries(world.notices([world.client()]), recipient=f"user:{user.pk}")

    post.once()

    delivery.refresh_from_db()
    assert delivery.reason == "recipient_inactive"


def test_an_address_shared_with_a_user_who_may_not_sign_in_any_more_is_written_to(world: World, post: Post) -> None:
    gone = User.objects.create_user("ops@energo.test", is_active=False)
    [notice] = world.notices([world.client()])
    for recipient in (f"user:{gone.pk}", "organization"):
        world.deliveries([notice], recipient=recipient, address="ops@energo.test")

    post.once()

    assert list(Delivery.objects.order_by("id").values_list("state", "reason")) == [
        ("dropped", "recipient_inactive"),
        ("sent", ""),
    ]


def test_one_address_gets_a_notice_once_whoever_it_belongs_to(world: World, post: Post) -> None:
    [notice] = world.notices([world.client(email="OPS@energo.test")])
    for recipient in ("client", "organization", "address"):
        world.deliveries([notice], recipient=recipient, address="ops@energo.test")

    post.once()

    assert len(post.sink.mails) == 1
    assert sorted(Delivery.objects.values_list("state", "reason")) == [
        ("dropped", "same_address"),
        ("dropped", "same_address"),
        ("sent", ""),
    ]
    assert Notice.objects.get().state == "sent"
