"""What a dry run says of each message, in lines: those that would go first, so many at most."""

from dataclasses import dataclass
from typing import Final

from ostatok.delivery import log
from ostatok.delivery.models import Delivery
from ostatok.delivery.replaying import Fate, Plan
from ostatok.parties.access import Actor

#: Who wants to see others narrows the range.
SHOWN: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One message of the range, and what would become of it."""

    row: Delivery
    fate: Fate


def lines(actor: Actor, plan: Plan) -> list[Line]:
    """The first SHOWN, the oldest first among those that go and among those that stay."""
    fates = sorted(plan.fates, key=lambda fate: (not fate.goes, fate.id))[:SHOWN]
    rows = log.rows(actor).in_bulk([fate.id for fate in fates])
    return [Line(row=rows[fate.id], fate=fate) for fate in fates if fate.id in rows]
