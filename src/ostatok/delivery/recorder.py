"""Outcomes on their way into the database, in groups, each in one transaction."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from psycopg import AsyncConnection

from ostatok.delivery import circuit, outbox, settling
from ostatok.delivery.circuit import Circuit, Sign
from ostatok.delivery.database import Database
from ostatok.delivery.lease import Lease
from ostatok.delivery.outbox import Settlement
from ostatok.delivery.settling import Policy, Sent
from ostatok.kernel import logs

GROUP = 20
LARGEST_GROUP = 50
# No outcome waits longer than this for company.
PATIENCE = 0.2

_log = logging.getLogger(__name__)


class Recorder:
    """Collects outcomes and records them. `circuits` are the providers' as last seen."""

    def __init__(self, *, lease: Lease, database: Database, policy: Policy, clock: Callable[[], datetime]) -> None:
        self.circuits: dict[str, Circuit] = {}
        self._lease = lease
        self._database = database
        self._policy = policy
        self._clock = clock
        self._settled: list[Settlement] = []
        self._sent: list[Sent] = []
        self._due = 0.0

    def add_settled(self, settlement: Settlement) -> None:
        """Have a delivery recorded that was not sent."""
        self._begin_waiting()
        self._settled.append(settlement)

    def add_sent(self, sent: Sent) -> None:
        """Have an attempt recorded."""
        self._begin_waiting()
        self._sent.append(sent)

    def _begin_waiting(self) -> None:
        if not self.pending:
            self._due = asyncio.get_running_loop().time() + PATIENCE

    @property
    def pending(self) -> int:
        """How many outcomes are not recorded yet."""
        return len(self._settled) + len(self._sent)

    @property
    def due_in(self) -> float:
        """Seconds until what is pending should be recorded, company or not."""
        return max(0.0, self._due - asyncio.get_running_loop().time())

    def is_ready(self) -> bool:
        """Whether to record now rather than wait for company."""
        return self.pending >= GROUP or (self.pending > 0 and self.due_in == 0)

    async def record(self) -> list[Settlement]:
        """Record what is pending, at most LARGEST_GROUP; returns what became of each delivery."""
        settled = self._settled[:LARGEST_GROUP]
        sent = self._sent[: LARGEST_GROUP - len(settled)]
        if not settled and not sent:
            return []
        settlements = await self._database.run(lambda connection: self._record(connection, settled, sent))
        del self._settled[: len(settled)]
        del self._sent[: len(sent)]
        return settlements

    async def _record(
        self, connection: AsyncConnection, settled: list[Settlement], sent: list[Sent]
    ) -> list[Settlement]:
        now = self._clock()
        if self._moves_circuits(sent):
            before = await outbox.circuits(connection, {one.provider for one in sent}, lock=True)
        else:
            before = {one.provider: self._circuit(one.provider) for one in sent}
        settlements, after = settling.settle_all(sent, before, now=now, policy=self._policy)
        for changed in _changed(before, after):
            await outbox.save_circuit(connection, changed)
            _tell(changed)
        everything = settled + settlements
        recorded = await outbox.record(connection, worker=self._lease.worker, settlements=everything, now=now)
        self.circuits |= after
        for settlement in everything:
            if settlement.id in recorded:
                _tell_settled(settlement, recorded[settlement.id])
            else:
                logs.event(_log, logging.WARNING, "lease was taken over", delivery=settlement.id)
        return everything

    def _moves_circuits(self, sent: Iterable[Sent]) -> bool:
        """Whether a provider failed, or answered after it had failed: only then the table is locked and written."""
        return any(circuit.sign(one.outcome) is Sign.FAILING or self._circuit(one.provider).failures for one in sent)

    def _circuit(self, provider: str) -> Circuit:
        return self.circuits.get(provider, Circuit(provider=provider))


def _changed(before: dict[str, Circuit], after: dict[str, Circuit]) -> list[Circuit]:
    return [after[provider] for provider in sorted(after) if after[provider] != before[provider]]


def _tell(changed: Circuit) -> None:
    event = "circuit open" if changed.is_open else "provider failed" if changed.failures else "circuit closed"
    logs.event(_log, logging.WARNING, event, provider=changed.provider, failures=changed.failures)


def _tell_settled(settlement: Settlement, notice: int | None) -> None:
    logs.event(
        _log,
        logging.INFO,
        "delivery recorded",
        delivery=settlement.id,
        notice=notice,
        state=settlement.state.value,
        reason=settlement.reason,
        attempts=settlement.attempts + (settlement.outcome is not None),
    )
