"""Claiming, recording and taking over, statement by statement."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from psycopg import AsyncConnection

from ostatok.delivery import database, lease, outbox
from ostatok.delivery.circuit import Circuit
from ostatok.delivery.models import Attempt, AttemptOutcome, Delivery, DeliveryState
from ostatok.delivery.outbox import Settlement
from ostatok.kernel import sql
from ostatok.notices.models import Notice
from ostatok.rules import give_back
from ostatok.rules.models import Alarm
from tests.delivery.world import World, states

NOBODY = 0  # no worker has this id
Result = TypeVar("Result")
Work = Callable[[AsyncConnection], Awaitable[Result]]


def do(*works: Work[Result]) -> list[Result]:
    """Do each work in a transaction of a connection of its own; all transactions are open until the last is done."""

    async def run() -> list[Result]:
        connections = [await database.connect("test") for _ in works]
        for connection in connections:
            await connection.execute("begin")
        results = [await work(connection) for work, connection in zip(works, connections, strict=True)]
        for connection in connections:
            await connection.execute("commit")
            await connection.close()
        return results

    return asyncio.run(run())


def claim(
    limit: int, *, worker: int = 1, blocked: tuple[str, ...] = (), only: str | None = None, later: float = 0
) -> Work[list[outbox.Claim]]:
    now = datetime.now(UTC) + timedelta(seconds=later)
    return lambda c: outbox.claim(c, worker=worker, limit=limit, now=now, blocked=blocked, only=only)


def record(*settlements: Settlement, worker: int = 1) -> Work[dict[int, int | None]]:
    return lambda c: outbox.record(c, worker=worker, settlements=settlements, now=datetime.now(UTC))


def sent(claimed: outbox.Claim) -> Settlement:
    return Settlement(
        id=claimed.id,
        attempts=claimed.attempts,
        state=DeliveryState.SENT,
        outcome=AttemptOutcome.DELIVERED,
    )


def claimed_ids(*works: Work[list[outbox.Claim]]) -> list[list[int]]:
    return [sorted(one.id for one in claims) for claims in do(*works)]


# -- claiming


def test_what_one_worker_claims_another_does_not_wait_for(world: World) -> None:
    deliveries = world.waiting(30)

    first, second, third = claimed_ids(claim(12), claim(12, worker=2), claim(12, worker=3))

    assert [len(first), len(second), len(third)] == [12, 12, 6]
    assert sorted(first + second + third) == [one.pk for one in deliveries]


def test_only_what_is_due_is_claimed_the_oldest_first(world: World) -> None:
    now = datetime.now(UTC)
    [later] = world.waiting(due_at=now + timedelta(minutes=1))
    [old] = world.waiting(due_at=now - timedelta(hours=1))
    [new] = world.waiting(due_at=now - timedelta(minutes=1))

    assert claimed_ids(claim(1)) == [[old.pk]]
    assert claimed_ids(claim(5)) == [[new.pk]]
    assert claimed_ids(claim(5, later=61)) == [[later.pk]]


def test_lanes_go_before_each_other(world: World) -> None:
    world.waiting(40, lane=2)
    single = world.waiting(5, lane=1)
    security = world.waiting(3, lane=0)

    assert claimed_ids(claim(3)) == [[one.pk for one in security]]
    [claims] = do(claim(10))
    assert {one.pk for one in single} <= {one.id for one in claims}
    assert len(claims) == 10


def test_organizations_take_turns_however_long_their_queues_are(make_world: type[World]) -> None:
    big, small, tiny = make_world(), make_world(), make_world()
    big.waiting(100)
    small.waiting(20)
    tiny.waiting(2)

    [claims] = do(claim(21))

    owners = Counter(Delivery.objects.filter(id__in=[one.id for one in claims]).values_list("organization", flat=True))
    assert owners == {big.organization.pk: 7, small.organization.pk: 7, tiny.organization.pk: 2}


def test_what_cannot_be_shared_evenly_still_leaves_nobody_out(make_world: type[World]) -> None:
    now = datetime.now(UTC)
    for hours_old in (3, 2, 1):
        make_world().waiting(5, due_at=now - timedelta(hours=hours_old))

    [claims] = do(claim(4))

    owners = Delivery.objects.filter(id__in=[one.id for one in claims]).values_list("organization", flat=True)
    assert sorted(Counter(owners).values()) == [1, 1, 2]


def test_more_organizations_than_places_get_one_each(make_world: type[World]) -> None:
    for _ in range(6):
        make_world().waiting(3)

    [claims] = do(claim(4))

    assert len(set(Delivery.objects.filter(id__in=[one.id for one in claims]).values_list("organization"))) == 4


def test_a_blocked_channel_holds_no_other_up(world: World) -> None:
    world.waiting(5)
    faxes = world.waiting(2, channel="fax")

    assert claimed_ids(claim(3, blocked=("email",))) == [[one.pk for one in faxes]]
    assert claimed_ids(claim(3, only="fax")) == [[]]
    assert len(claimed_ids(claim(3, only="email"))[0]) == 3


def test_the_next_due_time_is_the_earliest_of_all_queues(make_world: type[World]) -> None:
    at = datetime(2030, 1, 1, tzinfo=UTC)
    make_world().waiting(due_at=at + timedelta(days=1))
    make_world().waiting(due_at=at, lane=2)
    make_world().waiting(due_at=at - timedelta(days=1), channel="fax")

    assert do(lambda c: outbox.next_due(c, blocked=["fax"])) == [at]
    assert do(lambda c: outbox.next_due(c, blocked=["fax", "email"])) == [None]
    assert do(outbox.waiting) == [3]


def test_a_claim_looks_at_the_heads_of_queues_and_not_through_them(make_world: type[World]) -> None:
    world = make_world()
    world.waiting(2000, due_at=datetime.now(UTC) + timedelta(days=1))
    make_world().waiting(3)
    blocks = sql.load("ostatok.delivery", "outbox.sql")
    parameters = {"worker": 1, "limit": 10, "now": datetime.now(UTC), "blocked": [], "only": None}

    async def plan(connection: AsyncConnection) -> str:
        await connection.execute("analyze delivery")
        rows = await (
            await connection.execute("explain (analyze, buffers off) " + blocks["claim"], parameters)
        ).fetchall()
        return "\n".join(line for (line,) in rows)

    [told] = do(plan)
    assert "Seq Scan on delivery" not in told, told


def test_one_index_of_deliveries_leads_with_the_notice(transactional_db: None) -> None:
    leading = (
        "select i.indexrelid::regclass::text from pg_index i join pg_attribute a on a.attrelid = i.indrelid"
        " and a.attnum = i.indkey[0] where i.indrelid = 'delivery'::regclass and a.attname = 'notice_id'"
    )

    async def indexes(connection: AsyncConnection) -> list[tuple[str]]:
        return await (await connection.execute(leading)).fetchall()

    assert do(indexes) == [[("delivery_once",)]]


# -- recording


def test_an_outcome_counts_only_while_its_lease_does(world: World) -> None:
    world.waiting(3)
    [[mine, lost, retaken]] = do(claim(3))
    Delivery.objects.filter(pk=lost.id).update(worker=2)
    Delivery.objects.filter(pk=retaken.id).update(attempts=1)

    assert do(record(sent(mine), sent(lost), sent(retaken))) == [{mine.id: Delivery.objects.get(pk=mine.id).notice_id}]

    assert states() == {"sent": 1, "sending": 2}
    assert Attempt.objects.get().delivery_id == mine.id


def test_recording_twice_does_no_harm(world: World) -> None:
    world.waiting(1)
    [[claimed]] = do(claim(1))

    assert do(record(sent(claimed))) == [{claimed.id: Notice.objects.get().pk}]
    assert do(record(sent(claimed))) == [{}]

    assert Attempt.objects.count() == 1


def test_two_workers_that_settle_the_same_notice_at_once_settle_it(world: World) -> None:
    [notice] = world.notices([world.client()])
    world.deliveries([notice])
    world.deliveries([notice], recipient="organization")
    [[first]], [[second]] = do(claim(1)), do(claim(1, worker=2))
    dropped = [
        Settlement(id=one.id, attempts=0, state=DeliveryState.DROPPED, reason="expired") for one in (first, second)
    ]

    async def both() -> None:
        one, other, looking = [await database.connect("test") for _ in range(3)]
        await one.execute("begin")
        await record(dropped[0], worker=1)(one)
        later = asyncio.create_task(in_transaction(other, record(dropped[1], worker=2)))
        await waits_or_is_done(looking, later)
        await one.execute("commit")
        await later
        for connection in (one, other, looking):
            await connection.close()

    asyncio.run(both())

    assert Notice.objects.get().state == "dropped"
    assert world.raised(notice.balance) == 0


def test_a_place_is_given_back_by_way_of_the_count_before_the_alarm_is_touched(make_world: type[World]) -> None:
    world = make_world(kind="balance_below", threshold=20, period=timedelta(hours=24))
    balance = world.client()
    world.alarm(balance)
    world.notices([balance], band=None)
    place = give_back.Place(rule=world.rule.pk, balance=balance.pk, epoch=balance.epoch)

    async def both() -> None:
        editing, giving, looking = [await database.connect("test") for _ in range(3)]
        await editing.execute("begin")
        await editing.execute("update alarm_epoch set bands = bands")
        now = datetime.now(UTC)
        later = asyncio.create_task(in_transaction(giving, lambda c: give_back.give_back(c, [place], now=now)))
        await waits_or_is_done(looking, later)
        await editing.execute("update alarm set reason_at = reason_at")
        await editing.execute("commit")
        await later
        for connection in (editing, giving, looking):
            await connection.close()

    asyncio.run(both())

    assert world.raised(balance) == 0
    assert Alarm.objects.get().next_repeat_at is not None


async def in_transaction(connection: AsyncConnection, work: Work[Result]) -> Result:
    async with connection.transaction():
        return await work(connection)


async def waits_or_is_done(looking: AsyncConnection, task: asyncio.Task[Result]) -> None:
    """Return once the task waits for a lock in the database, or came to its end without."""
    waiting = (
        "select exists (select from pg_stat_activity where application_name = 'test' and wait_event_type = 'Lock')"
    )
    async with asyncio.timeout(30):
        while not task.done() and await (await looking.execute(waiting)).fetchone() != (True,):
            await asyncio.wait([task], timeout=0.01)


def test_leases_given_back_are_as_they_were(world: World) -> None:
    world.waiting(4)
    [claims] = do(claim(4))
    released, unknown = claims[:2], claims[2:3]

    do(lambda c: outbox.release(c, worker=1, ids=[one.id for one in released]))
    do(lambda c: outbox.release_unknown(c, worker=1, held={one.id for one in claims} - {one.id for one in unknown}))

    assert states() == {"waiting": 3, "sending": 1}
    assert not Delivery.objects.filter(state="waiting", worker__isnull=False).exists()
    assert not Attempt.objects.exists()


# -- taking over


@pytest.fixture
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server of the tests may have been started a second ago."""
    monkeypatch.setattr(outbox, "RESTART_GRACE", timedelta(0))


def take_over(connection: AsyncConnection) -> Awaitable[outbox.TakenOver]:
    return outbox.take_over(connection, worker=NOBODY, now=datetime.now(UTC))


def test_leases_of_the_dead_are_taken_over_and_those_of_the_living_are_not(world: World, no_grace: None) -> None:
    async def run() -> outbox.TakenOver:
        living = lease.Lease()
        await living.start()
        connection = await database.connect("test")
        await claim(3, worker=living.worker)(connection)
        await claim(2, worker=living.worker + 1000)(connection)
        taken = await take_over(connection)
        await connection.close()
        await living.end()
        return taken

    world.waiting(5)

    assert asyncio.run(run()) == outbox.TakenOver(deliveries=2, too_early=False)

    assert states() == {"waiting": 2, "sending": 3}
    assert set(Attempt.objects.values_list("outcome", "reason")) == {("unknown", "worker_died")}
    assert set(Delivery.objects.filter(state="waiting").values_list("attempts", "reason")) == {(1, "worker_died")}


def test_right_after_the_server_came_up_nobody_is_taken_for_dead(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "RESTART_GRACE", timedelta(days=10_000))
    world.waiting(2)
    do(claim(2, worker=77))

    assert do(take_over) == [outbox.TakenOver(deliveries=0, too_early=True)]
    assert states() == {"sending": 2}


# -- circuits


def test_of_many_workers_one_probes(transactional_db: None) -> None:
    now = datetime.now(UTC)
    circuit = Circuit(provider="email x", failures=5, opened_at=now, retry_at=now)
    do(lambda c: outbox.save_circuit(c, circuit))

    def probe(connection: AsyncConnection) -> Awaitable[bool]:
        return outbox.begin_probe(connection, provider="email x", now=now, until=now + timedelta(minutes=2))

    assert [do(probe), do(probe)] == [[True], [False]]
    [known] = do(lambda c: outbox.circuits(c, ["email x", "email y"]))
    assert known["email x"].retry_at == now + timedelta(minutes=2)
    assert known["email y"] == Circuit(provider="email y")
