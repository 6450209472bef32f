"""What stands in the database about the organizations of the demo, counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F

from ostatok.delivery import reasons
from ostatok.delivery.models import Delivery, DeliveryState
from ostatok.kernel import text
from ostatok.ledger import checking
from ostatok.ledger.models import Entry
from ostatok.notices.models import Notice
from ostatok.parties.models import Organization
from ostatok.rules.models import TriggerKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """Counts over all runs of the demo; `notices` by band, from the highest, then by kind; `not_sent` by reason."""

    entries: int
    notices: dict[str, int]
    sent: int
    not_sent: dict[str, int]
    waiting: int
    balances: int
    differing: int

    def as_json(self) -> dict[str, Any]:
        """Return the counts as JSON has them."""
        return {
            "entries": self.entries,
            "notices": self.notices,
            "sent": self.sent,
            "not_sent": self.not_sent,
            "waiting": self.waiting,
            "check": {"balances": self.balances, "differing": self.differing},
        }

    def as_text(self) -> list[str]:
        """Return the counts line by line."""
        return [
            f"{self.entries:,} entries",
            f"{sum(self.notices.values()):,} notices: "
            + ", ".join(f"{count:,} {what}" for what, count in self.notices.items()),
            f"{self.sent:,} mails sent",
            *(f"{count:,} not sent: {reasons.words(reason, '', 'en')}" for reason, count in self.not_sent.items()),
            *([f"{self.waiting:,} waiting"] if self.waiting else []),
            f"{self.balances:,} balances checked: "
            + (f"{self.differing} differ from their entries" if self.differing else "all follow from their entries"),
        ]


def count(organizations: Sequence[Organization]) -> Totals:
    """Count what the runs so far left behind."""
    states = _by(Delivery.objects.filter(organization__in=organizations), "state")
    dropped = Delivery.objects.filter(
        organization__in=organizations, state__in=(DeliveryState.DROPPED, DeliveryState.DEAD)
    )
    return Totals(
        entries=Entry.objects.filter(organization__in=organizations).count(),
        notices=_notices(organizations),
        sent=states.get(DeliveryState.SENT, 0),
        not_sent=_by(dropped, "reason"),
        waiting=states.get(DeliveryState.WAITING, 0),
        balances=sum(checking.count(one.pk) for one in organizations),
        differing=sum(1 for one in organizations for _ in checking.differences(one.pk)),
    )


def _notices(organizations: Sequence[Organization]) -> dict[str, int]:
    rows = (
        Notice.objects.filter(organization__in=organizations)
        .values_list("kind", "band__upper", "band__lower")
        .annotate(number=Count("*"))
        .order_by(F("band__upper").desc(nulls_last=True), "kind")
    )
    words = dict(TriggerKind.choices)
    return {words[kind] if upper is None else _band(upper, lower): number for kind, upper, lower, number in rows}


def _band(upper: Decimal, lower: Decimal | None) -> str:
    if lower is None:
        return f"below {text.percent(upper, 'en')}"
    return f"{text.number(upper, 'en')}–{text.percent(lower, 'en')}"


def _by(rows: Any, column: str) -> dict[str, int]:
    counted = rows.values_list(column).annotate(number=Count("*")).order_by("-number", column)
    return dict(counted)
