"""From the outcome of an attempt to what becomes of the delivery."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from ostatok.delivery import circuit as circuits
from ostatok.delivery import retry
from ostatok.delivery.channels.base import Delivered, Outcome, Permanent, Temporary, Unknown
from ostatok.delivery.checks import Drop, WaitUntil
from ostatok.delivery.circuit import Circuit, Sign
from ostatok.delivery.message import Letter
from ostatok.delivery.models import AttemptOutcome, DeliveryState
from ostatok.delivery.outbox import Claim, Settlement
from ostatok.delivery.reasons import PermanentReason, UnknownReason, WaitReason


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A message that was handed to a channel, and what came of it. `probe`: it was sent to find out."""

    claim: Claim
    letter: Letter
    provider: str
    outcome: Outcome
    probe: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """How failures are answered: the waits before each attempt, and where their jitter comes from."""

    schedule: Sequence[timedelta]
    random: Random


def objected(claim: Claim, verdict: Drop | WaitUntil) -> Settlement:
    """A delivery that a check held up."""
    if isinstance(verdict, Drop):
        return _settlement(claim, DeliveryState.DROPPED, reason=verdict.reason, detail=verdict.detail)
    return _settlement(claim, DeliveryState.WAITING, reason=verdict.reason, due_at=verdict.when)


def used_up(claim: Claim) -> Settlement:
    """A delivery whose last attempt ended with its worker: nobody knows, and nobody tries again."""
    return _settlement(claim, DeliveryState.UNKNOWN, reason=UnknownReason.WORKER_DIED)


def unsendable(claim: Claim, detail: str) -> Settlement:
    """A delivery that cannot be worded."""
    return _settlement(
        claim,
        DeliveryState.DEAD,
        reason=PermanentReason.UNSENDABLE,
        detail=detail,
        outcome=AttemptOutcome.PERMANENT,
    )


def settle_all(
    group: Iterable[Sent], circuits_before: dict[str, Circuit], *, now: datetime, policy: Policy
) -> tuple[list[Settlement], dict[str, Circuit]]:
    """What becomes of deliveries sent, and of their providers' circuits, in the order of their outcomes."""
    known = dict(circuits_before)
    settlements = []
    for sent in group:
        before = known[sent.provider]
        settlements.append(settle(sent, before, now=now, policy=policy))
        known[sent.provider] = circuits.after(before, sent.outcome, probe=sent.probe, now=now, schedule=policy.schedule)
    return settlements, known


def settle(sent: Sent, circuit: Circuit, *, now: datetime, policy: Policy) -> Settlement:
    """What becomes of one delivery. While its circuit is open, a provider's failure uses up no attempt."""
    outcome = sent.outcome
    if isinstance(outcome, Delivered):
        return _settlement(
            sent.claim,
            DeliveryState.SENT,
            outcome=AttemptOutcome.DELIVERED,
            address=sent.letter.message.address,
            provider=sent.provider,
            provider_id=outcome.provider_id,
            sent=sent,
        )
    if circuit.is_open and isinstance(outcome, Temporary) and circuits.sign(outcome) is Sign.FAILING:
        return _settlement(
            sent.claim,
            DeliveryState.WAITING,
            reason=WaitReason.PROVIDER_DOWN,
            detail=outcome.detail,
            provider=sent.provider,
        )
    decision = retry.decide(
        attempt_number=sent.claim.attempts + 1,
        outcome=outcome,
        now=now,
        schedule=policy.schedule,
        random=policy.random,
    )
    final = DeliveryState.UNKNOWN if isinstance(outcome, Unknown) else DeliveryState.DEAD
    retried = isinstance(decision, retry.Retry)
    return _settlement(
        sent.claim,
        DeliveryState.WAITING if retried else final,
        reason=outcome.reason,
        detail=outcome.detail,
        due_at=decision.at if isinstance(decision, retry.Retry) else None,
        outcome=_ATTEMPT[type(outcome)],
        address=sent.letter.message.address,
        provider=sent.provider,
        sent=sent if isinstance(outcome, Unknown) else None,
    )


_ATTEMPT = {
    Temporary: AttemptOutcome.TEMPORARY,
    Permanent: AttemptOutcome.PERMANENT,
    Unknown: AttemptOutcome.UNKNOWN,
}


def _settlement(
    claim: Claim,
    state: DeliveryState,
    *,
    reason: str = "",
    detail: str = "",
    due_at: datetime | None = None,
    outcome: AttemptOutcome | None = None,
    address: str = "",
    provider: str = "",
    provider_id: str = "",
    sent: Sent | None = None,
) -> Settlement:
    marked = sent.outcome if sent and isinstance(sent.outcome, Delivered | Unknown) else None
    return Settlement(
        id=claim.id,
        attempts=claim.attempts,
        state=state,
        reason=reason,
        detail=detail,
        due_at=due_at,
        outcome=outcome,
        address=address,
        provider=provider,
        provider_id=provider_id,
        kept=sent.letter.kept if sent else None,
        headers=marked.headers if marked else None,
    )
