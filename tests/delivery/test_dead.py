"""What was given up, by why, over which provider and by which rule: what there is to mend, the most first."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from ostatok.delivery import dead
from ostatok.delivery.models import Delivery
from ostatok.kernel import sql
from ostatok.notices.models import Digest
from ostatok.parties import wall
from ostatok.parties.access import Customer, Member, Role, System
from ostatok.parties.models import User
from tests.delivery.world import World, notice_of

pytestmark = pytest.mark.django_db

SYSTEM = System()
MAIL, OTHER = "smtp:mail.test:25", "smtp:other.test:465"


@pytest.fixture
def world(db: None) -> World:
    return World()


def given_up(world: World, number: int, reason: str, provider: str = MAIL, **fields: Any) -> list[Delivery]:
    return world.waiting(number, state="dead", reason=reason, provider=provider, **fields)


def lines(found: dead.Dead) -> list[tuple[str, str, str | None, int]]:
    return [(one.reason, one.provider, one.rule, one.letters) for one in found.groups]


def test_what_was_given_up_is_counted_by_reason_provider_and_rule(world: World) -> None:
    other = World(name="Мало", kind="balance_below", threshold=20)
    given_up(world, 1, "unreachable")
    given_up(world, 3, "address_refused")
    given_up(world, 2, "address_refused", OTHER)
    given_up(other, 4, "address_refused")
    world.waiting(5)
    found = dead.of(SYSTEM)
    assert lines(found) == [
        ("address_refused", MAIL, "Мало", 4),
        ("address_refused", MAIL, "Остаток минут", 3),
        ("address_refused", OTHER, "Остаток минут", 2),
        ("unreachable", MAIL, "Остаток минут", 1),
    ]
    assert (found.letters, found.left_out, found.more) == (10, 0, False)


def test_only_what_was_given_up_counts(world: World) -> None:
    for state in ("waiting", "sending", "sent", "dropped", "unknown"):
        world.waiting(1, state=state, reason="unreachable")
    assert dead.of(SYSTEM) == dead.Dead(groups=[], letters=0, left_out=0, more=False)


def test_a_group_says_when_the_first_and_the_last_were_made(world: World) -> None:
    first, last = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)
    for at in (last, first, first + timedelta(days=3)):
        given_up(world, 1, "unreachable", created_at=at)
    [group] = dead.of(SYSTEM).groups
    assert (group.oldest, group.newest) == (first, last)


def test_run_out_lists_are_of_no_rule(world: World) -> None:
    user = User.objects.create(email="anna@energo.test")
    at = datetime.now(UTC)
    digest = Digest.objects.create(organization=world.organization, user=user, day=at.date(), mine=False, raised_at=at)
    Delivery.objects.create(
        organization=world.organization,
        digest=digest,
        channel="email",
        recipient=f"user:{user.pk}",
        state="dead",
        reason="tls",
        due_at=at,
        created_at=at,
    )
    assert lines(dead.of(SYSTEM)) == [("tls", "", None, 1)]


def test_who_may_not_see_them_finds_none(world: World) -> None:
    [delivery] = given_up(world, 1, "unreachable")
    stranger = World().organization
    owner = Member(user_id=1, name="x", roles={world.organization.pk: Role.LOOK})
    assert dead.of(owner).letters == 1
    assert dead.of(owner, organization=stranger.pk).letters == 0
    assert dead.of(Member(user_id=1, name="x", roles={stranger.pk: Role.OWNER})).letters == 0
    assert dead.of(Customer(user_id=1, name="x", clients=(notice_of(delivery).client_id,))).letters == 0


def test_what_is_below_counts_and_the_wall_lets_it_through(world: World) -> None:
    child = World()
    child.organization.parent = world.organization
    child.organization.save()
    given_up(world, 1, "unreachable")
    given_up(child, 2, "unreachable")
    owner = Member(user_id=1, name="x", roles={world.organization.pk: Role.OWNER})
    below = Member(user_id=1, name="x", roles={child.organization.pk: Role.OWNER})
    for actor, letters in ((owner, 3), (below, 2)):
        with wall.raised_for(actor):
            assert dead.of(actor).letters == letters
    assert dead.of(owner, organization=child.organization.pk).letters == 2


def test_no_more_are_looked_at_than_it_says(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    given_up(world, 3, "unreachable")
    given_up(World(), 3, "tls")
    monkeypatch.setattr(dead, "COUNTED", 6)
    assert not dead.of(SYSTEM).more
    monkeypatch.setattr(dead, "COUNTED", 4)
    found = dead.of(SYSTEM)
    assert (found.letters, found.more) == (4, True)


def test_the_largest_groups_are_told_and_how_many_are_not(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, reason in ((1, "tls"), (3, "unreachable"), (2, "authentication")):
        given_up(world, number, reason)
    monkeypatch.setattr(dead, "SHOWN", 2)
    found = dead.of(SYSTEM)
    assert [one.reason for one in found.groups] == ["unreachable", "authentication"]
    assert (found.letters, found.left_out) == (6, 1)


def test_they_are_found_without_a_look_at_the_others(world: World) -> None:
    world.waiting(1500, state="sent")
    given_up(world, 20, "unreachable")
    asked = {"roots": [world.organization.pk], "at": None, "most": dead.COUNTED + 1, "shown": dead.SHOWN}
    with connection.cursor() as cursor:
        cursor.execute("analyze delivery")
        cursor.execute("explain " + sql.load("ostatok.delivery", "dead.sql")["groups"], asked)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "delivery_troubled" in plan, plan
    assert "Seq Scan on delivery" not in plan, plan
