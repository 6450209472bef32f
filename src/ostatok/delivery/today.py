"""What became of the deliveries of a day, and what waits: the figures of the operator's morning."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from ostatok.delivery.models import Delivery, DeliveryState
from ostatok.parties.access import Actor


@dataclass(frozen=True, kw_only=True, slots=True)
class Today:
    """Deliveries made since a moment, by what became of them; `dropped` and `dead` by reason.

    `waiting` and `sending` are all there are, whenever made. `oldest_due` is when the oldest of those that should be
    under way was due; None where none is late.
    """

    since: datetime
    sent: int
    unknown: int
    waiting: int
    dropped: Mapping[str, int]
    dead: Mapping[str, int]
    oldest_due: datetime | None

    @property
    def not_sent(self) -> int:
        """How many will not be sent, each for a reason that is told."""
        return sum(self.dropped.values()) + sum(self.dead.values())


def of(actor: Actor, *, since: datetime, now: datetime) -> Today:
    """Count the deliveries that the actor may see: three queries, at the cost of the day's deliveries."""
    visible = Delivery.objects.visible_to(actor)
    # That nobody runs out this morning is no failure.
    made = visible.filter(created_at__gte=since).exclude(state=DeliveryState.DROPPED, notice=None).order_by()
    counts = {
        (state, reason): count for state, reason, count in made.values_list("state", "reason").annotate(Count("pk"))
    }
    waits = visible.filter(state=DeliveryState.WAITING)
    return Today(
        since=since,
        sent=sum(_of_state(counts, DeliveryState.SENT).values()),
        unknown=sum(_of_state(counts, DeliveryState.UNKNOWN).values()),
        waiting=waits.count(),
        dropped=_of_state(counts, DeliveryState.DROPPED),
        dead=_of_state(counts, DeliveryState.DEAD),
        oldest_due=waits.filter(due_at__lte=now).aggregate(Min("due_at"))["due_at__min"],
    )


def _of_state(counts: Mapping[tuple[str, str], int], state: DeliveryState) -> dict[str, int]:
    """Counts by reason, the most frequent first."""
    found = {reason: count for (of, reason), count in counts.items() if of == state}
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))
