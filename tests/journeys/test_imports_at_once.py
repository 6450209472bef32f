"""Imports beside each other, and beside changes of rules: nothing is posted or told twice, nothing is missed."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from ostatok.ledger import locks
from tests.clusters import wait_until
from tests.journeys import towns
from tests.journeys.desk import Desk, Row, charge, entries, posted, query, succeed, top_up, wait_for_entries


@contextmanager
def nobody_posting() -> Iterator[None]:
    """Keep postings waiting, so that they begin together."""
    with transaction.atomic(), connection.cursor() as cursor:
        locks.take(cursor, [at for (at,) in query("select id from organization")])
        yield


def test_two_overlapping_files_in_opposite_order_sixty_batches_each(desk: Desk) -> None:
    desk.apply(towns.description(100))
    rows = towns.random_entries(100, 8_000, seed=1)
    forward, backward = desk.file(entries(rows[:7_500])), desk.file(entries(reversed(rows[500:])))

    with nobody_posting():
        imports = [
            desk.start("import", "entries", file, "--organization", "energo", "--batch", "125")
            for file in (forward, backward)
        ]
        wait_until(lambda: query("select count(*) from pg_locks where locktype = 'advisory' and not granted") == [(2,)])
    first, second = succeed(imports)

    assert first["posted"] + second["posted"] == posted() == 8_000
    assert first["duplicates"] + second["duplicates"] == 7_000
    assert first["refused"] == second["refused"] == 0
    assert min(first["duplicates"], second["duplicates"]) > 0
    assert towns.raised() == towns.expected()
    assert first["notices"] + second["notices"] == len(towns.raised())
    desk.check()


def crossings(accounts: range) -> list[Row]:
    """Everybody is topped up by 100, and then spends 90."""
    numbers = [towns.number(n) for n in accounts]
    spent = [charge(30, account=one) for one in numbers for _ in range(3)]
    return [*(top_up(100, account=one) for one in numbers), *spent]


def test_a_rule_switched_on_during_imports_misses_nobody(desk: Desk) -> None:
    desk.apply(towns.description(2_000, rule=""))
    files = [desk.file(entries(crossings(part))) for part in (range(1_000), range(1_000, 2_000))]

    imports = [desk.start("import", "entries", file, "--organization", "energo", "--batch", "40") for file in files]
    wait_for_entries(2_500)
    desk.apply(
        "rules:\n  - {organization: energo, name: Мало, trigger: {kind: balance_below, amount: 50, unit: min},"
        " recipients: [{to: client, channel: email}]}"
    )
    succeed(imports)

    told = query(
        "select a.silent, n.id is not null from balance b left join alarm a on a.balance_id = b.id and a.firing"
        " left join notice n on n.balance_id = b.id"
    )
    assert len(told) == 2_000
    assert set(told) == {(True, False), (False, True)}
    desk.check()


def test_a_rule_switched_off_and_on_during_imports_tells_nobody_twice(desk: Desk) -> None:
    desk.apply(towns.description(500))
    process = desk.start(
        "import",
        "entries",
        desk.file(entries(towns.random_entries(500, 8_000, seed=2))),
        "--organization",
        "energo",
        "--batch",
        "100",
    )
    for state, seen in (("inactive", 2_000), ("active", 4_000), ("inactive", 5_000), ("active", 6_000)):
        wait_for_entries(seen)
        desk.apply(f"rules:\n  - {{organization: energo, name: Остаток, state: {state}}}")
    succeed([process])

    assert set(towns.raised()) < set(towns.expected())
    assert query("select balance_id, epoch, band_id from notice group by 1, 2, 3 having count(*) > 1") == []
    desk.check()
