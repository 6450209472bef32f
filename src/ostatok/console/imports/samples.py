"""Files to begin with, of an account and a service that are there where whoever asks has any."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from ostatok.intake.models import ImportKind
from ostatok.ledger.models import Balance
from ostatok.parties.access import Actor, Permission
from ostatok.parties.models import Organization
from ostatok.web import reading

_ELSEWHERE: Final = ("100001", "internet")
#: Among so many organizations an account is looked for.
_LOOKED_AT: Final = 10


def rows(actor: Actor, kind: ImportKind, now: datetime) -> Sequence[Sequence[object]]:
    """The rows below the header of such a file: of yesterday, as the reader's clock has it."""
    account, service = _known(actor) or _ELSEWHERE
    morning, evening = _yesterday(now)
    if kind == ImportKind.BALANCES:
        return [(account, service, Decimal(87), evening, "", Decimal(100), morning)]
    return [
        (account, service, "top_up", Decimal(100), morning, "inv-118", "Invoice 118", "", ""),
        (account, service, "charge", Decimal(13), evening, "calls-1121", "", "", ""),
    ]


def _known(actor: Actor) -> tuple[str, str] | None:
    """The first account that the actor may post to, and a service of it."""
    permission = Permission.POST_ENTRIES
    for organization in Organization.objects.visible_to(actor, permission).order_by("name", "pk")[:_LOOKED_AT]:
        found = Balance.objects.visible_to(actor, permission).filter(organization=organization)
        if first := found.select_related("service").order_by("number", "service").first():
            return first.number, first.service.code
    return None


def _yesterday(now: datetime) -> tuple[str, str]:
    day = now.astimezone(reading.zone()).date() - timedelta(days=1)
    return f"{day}T09:00", f"{day}T18:00"
