"""The outbox in the database (outbox.sql): claiming, releasing, recording, taking over. No decisions here."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from psycopg import AsyncConnection
from psycopg.rows import class_row, scalar_row

from ostatok.delivery.circuit import Circuit
from ostatok.delivery.lease import SPACE
from ostatok.delivery.models import AttemptOutcome, DeliveryState
from ostatok.kernel import sql
from ostatok.notices.rendering import Rendered
from ostatok.rules import give_back

_SQL = sql.load("ostatok.delivery", "outbox.sql")

# After a restart of the server, or of the network, no worker's lock is held until it comes back.
RESTART_GRACE = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A delivery leased to this worker; `attempts` counts those already made."""

    id: int
    attempts: int
    channel: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Settlement:
    """What became of a claimed delivery. `outcome` is None where nothing was attempted; `due_at` None leaves it.

    `address` is where an attempt went and `provider` what it went over, empty where there was none. `kept` and
    `headers` are what was sent, if it was, or may have been.
    """

    id: int
    attempts: int
    state: DeliveryState
    reason: str = ""
    detail: str = ""
    due_at: datetime | None = None
    outcome: AttemptOutcome | None = None
    address: str = ""
    provider: str = ""
    provider_id: str = ""
    kept: Rendered | None = None
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenOver:
    """Leases of dead workers set free, and whether some worker may be dead but it is too early to tell."""

    deliveries: int
    too_early: bool


async def claim(
    connection: AsyncConnection,
    *,
    worker: int,
    limit: int,
    now: datetime,
    blocked: Collection[str] = (),
    only: str | None = None,
) -> list[Claim]:
    """Lease up to `limit` due deliveries to the worker: of no blocked channel, or of one only."""
    parameters = {"worker": worker, "limit": limit, "now": now, "blocked": list(blocked), "only": only}
    cursor = connection.cursor(row_factory=class_row(Claim))
    return await (await cursor.execute(_SQL["claim"], parameters)).fetchall()


async def next_due(connection: AsyncConnection, *, blocked: Collection[str] = ()) -> datetime | None:
    """When the next delivery falls due, which may be past; None if none waits."""
    row = await (await connection.execute(_SQL["next_due"], {"blocked": list(blocked)})).fetchone()
    return row[0] if row else None


async def waiting(connection: AsyncConnection) -> int:
    """How many deliveries wait, due or not."""
    row = await (await connection.execute(_SQL["waiting"])).fetchone()
    return row[0] if row else 0


async def release(connection: AsyncConnection, *, worker: int, ids: Sequence[int]) -> None:
    """Give leases back untouched."""
    await connection.execute(_SQL["release"], {"worker": worker, "ids": list(ids)})


async def release_unknown(connection: AsyncConnection, *, worker: int, held: Collection[int]) -> None:
    """Give back what is leased to the worker without its knowledge."""
    await connection.execute(_SQL["release_unknown"], {"worker": worker, "held": list(held)})


async def record(
    connection: AsyncConnection, *, worker: int, settlements: Sequence[Settlement], now: datetime
) -> dict[int, int | None]:
    """Write what became of deliveries and settle their notices.

    Returns those that were still this worker's, each with its notice; a digest's has none.
    """
    parameters = {"worker": worker, "now": now, **_columns(settlements)}
    rows = await (await connection.execute(_SQL["record"], parameters)).fetchall()
    settled = {notice for _, notice, state in rows if notice is not None and state != DeliveryState.WAITING}
    await _settle_notices(connection, settled, now)
    return {id_: notice for id_, notice, _ in rows}


def _columns(settlements: Sequence[Settlement]) -> dict[str, list[object]]:
    kept = [settlement.kept for settlement in settlements]
    return {
        "ids": [settlement.id for settlement in settlements],
        "attempts": [settlement.attempts for settlement in settlements],
        "states": [settlement.state.value for settlement in settlements],
        "reasons": [settlement.reason for settlement in settlements],
        "details": [settlement.detail for settlement in settlements],
        "due": [settlement.due_at for settlement in settlements],
        "outcomes": [settlement.outcome and settlement.outcome.value for settlement in settlements],
        "addresses": [settlement.address for settlement in settlements],
        "providers": [settlement.provider for settlement in settlements],
        "provider_ids": [settlement.provider_id[:250] for settlement in settlements],
        "subjects": [letter and letter.subject for letter in kept],
        "texts": [letter and letter.text for letter in kept],
        "htmls": [letter and letter.html for letter in kept],
        "headers": [json.dumps(dict(settlement.headers or {})) for settlement in settlements],
    }


async def _settle_notices(connection: AsyncConnection, notices: Collection[int], now: datetime) -> None:
    if not notices:
        return
    parameters = {"notices": sorted(notices), "now": now}
    await connection.execute(_SQL["lock_notices"], parameters)
    rows = await (await connection.execute(_SQL["settle_notices"], parameters)).fetchall()
    places = [
        give_back.Place(rule=rule, balance=balance, epoch=epoch)
        for rule, balance, epoch, told_nobody in rows
        if told_nobody
    ]
    await give_back.give_back(connection, places, now=now)


async def take_over(connection: AsyncConnection, *, worker: int, now: datetime) -> TakenOver:
    """Set free what dead workers held; whether it was sent is unknown, so it counts as an attempt."""
    parameters = {"worker": worker, "grace": RESTART_GRACE}
    others = await (await connection.execute(_SQL["other_workers"], parameters)).fetchall()
    if any(too_early for _, too_early in others):
        return TakenOver(deliveries=0, too_early=True)
    taken = 0
    for other, _ in others:
        cursor = await connection.execute(_SQL["take_over"], {"space": SPACE, "dead": other, "now": now})
        taken += cursor.rowcount
    return TakenOver(deliveries=taken, too_early=False)


async def circuits(connection: AsyncConnection, providers: Iterable[str], *, lock: bool = False) -> dict[str, Circuit]:
    """The circuits of these providers, closed where the table has none."""
    wanted = sorted(providers)
    cursor = connection.cursor(row_factory=class_row(Circuit))
    rows = await (await cursor.execute(_SQL["lock_circuits" if lock else "circuits"], {"providers": wanted})).fetchall()
    return {provider: Circuit(provider=provider) for provider in wanted} | {row.provider: row for row in rows}


async def save_circuit(connection: AsyncConnection, circuit: Circuit) -> None:
    """Write the state of one provider."""
    await connection.execute(_SQL["save_circuit"], asdict(circuit))


async def begin_probe(connection: AsyncConnection, *, provider: str, now: datetime, until: datetime) -> bool:
    """Whether this worker is the one to probe the provider now; others wait until `until`."""
    cursor = connection.cursor(row_factory=scalar_row)
    parameters = {"provider": provider, "now": now, "until": until}
    return await (await cursor.execute(_SQL["begin_probe"], parameters)).fetchone() is not None


async def give_up_probe(connection: AsyncConnection, *, provider: str, now: datetime) -> None:
    """Let whoever comes next probe the provider: this worker began to and sent nothing."""
    await connection.execute(_SQL["give_up_probe"], {"provider": provider, "now": now})
