"""The worker's loop: claim, check, word, send, record.

The loop alone talks to the database, in short transactions; messages are sent by tasks of their own, outside any. At
most LEASES deliveries are in its hands, so that is the most a kill can leave in doubt and the next attempt repeat.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import AsyncConnection

from ostatok.delivery import checks, circuit, outbox, settling, subjects
from ostatok.delivery.channels.base import Channel
from ostatok.delivery.database import Database
from ostatok.delivery.lease import Lease
from ostatok.delivery.message import Letter, Writer
from ostatok.delivery.models import DeliveryState
from ostatok.delivery.outbox import Claim, Settlement, TakenOver
from ostatok.delivery.recorder import Recorder
from ostatok.delivery.sender import Parcel, Sender
from ostatok.delivery.settling import Policy, Sent
from ostatok.delivery.subjects import Row
from ostatok.kernel import logs
from ostatok.kernel.errors import OstatokError

LEASES = 50
# A claim costs the same for one delivery as for twenty, so fewer are not worth one while others are in hand.
SMALLEST_CLAIM = 20
LOOK_EVERY = timedelta(seconds=5)
TAKE_OVER_EVERY = 10.0
# What is due and yet cannot be claimed is being claimed by somebody else.
CONTENDED_PAUSE = timedelta(seconds=0.1)
STOP_WITHIN = 10.0
RECORD_WITHIN = 5.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """What one claim brought: deliveries, all of them probes or none; if none, `look_at` is when to try again."""

    claims: Sequence[Claim]
    probe: bool = False
    look_at: datetime | None = None


class Drain:
    """Takes what is due out of the outbox and sends it. `counts` tells what became of it, by state."""

    def __init__(
        self,
        *,
        lease: Lease,
        database: Database,
        channels: Mapping[str, Channel],
        policy: Policy,
        clock: Callable[[], datetime],
        writer: Writer,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._lease = lease
        self._database = database
        self._channels = channels
        self._policy = policy
        self._clock = clock
        self._writer = writer
        self._recorder = Recorder(lease=lease, database=database, policy=policy, clock=clock)
        self._sender = Sender(channels, on_sent=self._on_sent, on_unsent=self._on_unsent)
        self._held: set[int] = set()
        self._unsent: list[int] = []
        self._wake = asyncio.Event()
        self._stopping = False
        self._hungry = True
        self._look_at = clock()
        self._take_over_at = 0.0
        self._connected = 0

    def news(self) -> None:
        """Say that something may have fallen due."""
        self._hungry = True
        self._wake.set()

    def stop(self) -> None:
        """Claim nothing more; what is under way is finished and recorded, and a lost database not waited for."""
        self._stopping = True
        self._sender.stop()
        self._wake.set()
        asyncio.get_running_loop().call_later(STOP_WITHIN, self._database.give_up.set)

    async def run(self, *, once: bool) -> None:
        """Send what falls due until stopped, or `once` until nothing is due."""
        while not self._stopping:
            if await self._turn():
                continue
            if once and await self._is_finished():
                break
            await self._rest()
        await self._wind_up()

    async def _turn(self) -> bool:
        """Do what there is to do now; whether there was anything."""
        if asyncio.get_running_loop().time() >= self._take_over_at:
            await self._take_over()
        recorded = await self._record() if self._recorder.is_ready() or not self._sender.busy else 0
        released = await self._release()
        claimed = await self._claim() if self._may_claim() else 0
        return bool(recorded or released or claimed)

    async def _rest(self) -> None:
        """Sleep until a message was sent, news came, or something falls due."""
        look_in = CONTENDED_PAUSE if self._hungry else self._look_at - self._clock()
        waits = [max(0.0, look_in.total_seconds())]
        if self._recorder.pending:
            waits.append(self._recorder.due_in)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), timeout=min(waits))
        self._wake.clear()

    async def _is_finished(self) -> bool:
        """Whether nothing is due any more, nor left behind by a dead worker."""
        if self._held or not self._lease.held.is_set():
            return False
        taken = await self._take_over()
        if taken.deliveries or taken.too_early:
            self._hungry = True
            return False
        due = await self._database.run(lambda connection: outbox.next_due(connection, blocked=self._blocked()))
        self._hungry |= due is not None and due <= self._clock()
        return not self._hungry

    # -- claiming

    def _may_claim(self) -> bool:
        room = LEASES - len(self._held)
        worth_it = room >= SMALLEST_CLAIM or not self._held
        return worth_it and self._lease.held.is_set() and (self._hungry or self._clock() >= self._look_at)

    async def _claim(self) -> int:
        limit = LEASES - len(self._held)
        self._hungry = False  # news that comes from now on counts
        claimed = await self._database.run(lambda connection: self._claim_some(connection, limit))
        self._held |= {claim.id for claim in claimed.claims}
        self._sender.blocked = self._blocked()
        if claimed.claims:
            self._hungry = True
            await self._begin(claimed)
        self._look_at = claimed.look_at or self._clock()
        return len(claimed.claims)

    async def _claim_some(self, connection: AsyncConnection, limit: int) -> Claimed:
        now, worker = self._clock(), self._lease.worker
        if self._connected != self._database.connected:
            await outbox.release_unknown(connection, worker=worker, held=self._held)
            self._connected = self._database.connected
        self._recorder.circuits = await outbox.circuits(connection, self._providers())
        for name, channel in self._channels.items():
            if probing := await self._claim_probe(connection, name, channel.provider, now):
                return Claimed(claims=probing, probe=True)
        blocked = self._blocked()
        claims = await outbox.claim(connection, worker=worker, limit=limit, now=now, blocked=blocked)
        if claims:
            return Claimed(claims=claims)
        return Claimed(claims=(), look_at=self._next_look(await outbox.next_due(connection, blocked=blocked), now))

    def _next_look(self, next_due: datetime | None, now: datetime) -> datetime:
        """When something may fall due that nobody will tell of: a retry, a probe, what another worker let go."""
        probes = [known.retry_at for known in self._recorder.circuits.values() if known.retry_at]
        wanted = [*probes, *([next_due] if next_due else []), now + LOOK_EVERY]
        return max(min(wanted), now + CONTENDED_PAUSE)

    async def _claim_probe(
        self, connection: AsyncConnection, name: str, provider: str, now: datetime
    ) -> Sequence[Claim]:
        known = self._recorder.circuits[provider]
        if not known.is_due(now):
            return ()
        until = now + circuit.PROBE_PATIENCE
        if not await outbox.begin_probe(connection, provider=provider, now=now, until=until):
            return ()
        claims = await outbox.claim(connection, worker=self._lease.worker, limit=1, now=now, only=name)
        if not claims:
            await outbox.save_circuit(connection, known)
        return claims

    def _providers(self) -> set[str]:
        return {channel.provider for channel in self._channels.values()}

    def _blocked(self) -> list[str]:
        """The channels whose provider is left alone for now."""
        circuits = self._recorder.circuits
        return [
            name
            for name, channel in self._channels.items()
            if channel.provider in circuits and circuits[channel.provider].is_open
        ]

    # -- checking and wording

    async def _begin(self, claimed: Claimed) -> None:
        claims = {claim.id: claim for claim in claimed.claims}
        rows = await self._database.run(lambda connection: self._look_up(connection, list(claims)))
        sending = [self._handle(claims.pop(row.id), row, probe=claimed.probe) for row in rows]
        for claim in claims.values():
            logs.event(_log, logging.ERROR, "delivery without its notice", delivery=claim.id)
            self._recorder.add_settled(settling.unsendable(claim, ""))
        if claimed.probe and not any(sending):
            await self._give_up_probe(claimed)

    async def _give_up_probe(self, claimed: Claimed) -> None:
        """What was to find out will not be sent: let the next one, without the patience due to a probe under way."""
        provider = self._channels[claimed.claims[0].channel].provider
        now = self._clock()
        await self._database.run(lambda connection: outbox.give_up_probe(connection, provider=provider, now=now))

    async def _look_up(self, connection: AsyncConnection, ids: Sequence[int]) -> Sequence[Row]:
        return await subjects.look_up(connection, self._writer, ids, self._clock())

    def _handle(self, claim: Claim, row: Row, *, probe: bool) -> bool:
        """Check one delivery and send it on its way, or not; whether it is."""
        now = self._clock()
        verdict = subjects.decide(row, self._channels, now)
        if not isinstance(verdict, checks.Go):
            self._recorder.add_settled(settling.objected(claim, verdict))
        elif claim.attempts >= len(self._policy.schedule):
            self._recorder.add_settled(settling.used_up(claim))
        elif letter := self._write(claim, row, now):
            self._sender.send(Parcel(claim=claim, letter=letter, probe=probe))
            return True
        return False

    def _write(self, claim: Claim, row: Row, now: datetime) -> Letter | None:
        try:
            return subjects.write(self._writer, row, now)
        except OstatokError as error:
            self._recorder.add_settled(settling.unsendable(claim, str(error)))
        except Exception:  # noqa: BLE001 (one that cannot be worded must not keep the others)
            logs.failure(_log, logging.ERROR, "wording failed", delivery=claim.id)
            self._recorder.add_settled(settling.unsendable(claim, ""))
        return None

    # -- recording

    def _on_sent(self, sent: Sent) -> None:
        self._recorder.add_sent(sent)
        self._wake.set()

    def _on_unsent(self, claim: Claim) -> None:
        self._unsent.append(claim.id)
        self._wake.set()

    async def _record(self) -> int:
        settlements = await self._recorder.record()
        for settlement in settlements:
            self._held.discard(settlement.id)
            self._count(settlement)
        self._sender.blocked = self._blocked()
        return len(settlements)

    def _count(self, settlement: Settlement) -> None:
        waits = settlement.state is DeliveryState.WAITING
        self.counts["retried" if waits else settlement.state.value] += 1
        if waits:
            self._look_at = min(self._look_at, settlement.due_at or self._clock())

    async def _release(self) -> int:
        ids, self._unsent = self._unsent, []
        if ids:
            await self._database.run(lambda connection: outbox.release(connection, worker=self._lease.worker, ids=ids))
            self._held.difference_update(ids)
        return len(ids)

    async def _take_over(self) -> TakenOver:
        if self._lease.is_just_back(within=outbox.RESTART_GRACE):
            return TakenOver(deliveries=0, too_early=True)
        self._take_over_at = asyncio.get_running_loop().time() + TAKE_OVER_EVERY
        taken = await self._database.run(
            lambda connection: outbox.take_over(connection, worker=self._lease.worker, now=self._clock())
        )
        if taken.deliveries:
            self._hungry = True
            self.counts["taken_over"] += taken.deliveries
            logs.event(_log, logging.WARNING, "took over", worker=self._lease.worker, deliveries=taken.deliveries)
        return taken

    async def _wind_up(self) -> None:
        """Finish what is under way, record it, give the rest back; with the database gone, leave it to the others."""
        await self._sender.finish(within=STOP_WITHIN)
        asyncio.get_running_loop().call_later(RECORD_WITHIN, self._database.give_up.set)
        while self._recorder.pending:
            await self._record()
        await self._release()
