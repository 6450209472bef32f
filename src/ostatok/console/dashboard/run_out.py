"""The run-out list: whose balance is used up first, who was called, and what they promised (FEATURES A11)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from ostatok.console.clients.forms import service_choices
from ostatok.console.list_pages import Filters
from ostatok.ledger.models import Account, Outlook
from ostatok.ledger.standing import Standing
from ostatok.parties.access import Actor, Permission
from ostatok.parties.models import CallNote, Client
from ostatok.rules import standings

ORDER: Final = ("runs_out_at", "balance_id")
#: How far ahead the list looks, and for how long who has run out stays on it.
AHEAD: Final = timedelta(days=7)
BEHIND: Final = timedelta(days=7)
#: A call older than this is forgotten: it is time for another.
CALLED_LATELY: Final = timedelta(days=7)


class RunOutFilters(Filters):
    """Who was not called, and which service."""

    called = forms.ChoiceField(
        label=_("Call"), required=False, choices=[("", _("All")), ("no", _("Not called")), ("promised", _("Promised"))]
    )
    service = forms.CharField(required=False, max_length=64)

    def __init__(self, data: Any, *, actor: Actor) -> None:
        super().__init__(data, actor=actor)
        self.services = service_choices(actor)


@dataclass(frozen=True, slots=True)
class Left:
    """What was left at a moment."""

    at: datetime
    amount: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningOut:
    """One line of the list."""

    client: Client
    account: Account
    standing: Standing
    runs_out_at: datetime
    points: Sequence[Left]
    note: CallNote | None


def rows(
    actor: Actor, filters: RunOutFilters, now: datetime, permission: Permission = Permission.SEE
) -> QuerySet[Outlook]:
    """Balances that run out within the week, or did lately, by when; narrowed."""
    found = Outlook.objects.visible_to(actor, permission).filter(
        runs_out_at__gt=now - BEHIND, runs_out_at__lte=now + AHEAD
    )
    if service := filters.chosen("service"):
        found = found.filter(service__code=service)
    match filters.chosen("called"):
        case "no":
            found = found.exclude(Exists(_noted(now)))
        case "promised":
            found = found.filter(Exists(_noted(now).filter(kind=CallNote.Kind.PROMISED)))
    return found.select_related("balance__account__client", "service")


def lines(outlooks: Iterable[Outlook], now: datetime) -> list[RunningOut]:
    """The lines of these balances, with how they stand now and the last note: two queries."""
    found = list(outlooks)
    accounts = {one.balance.account_id: one.balance.account for one in found}
    by_account = standings.of_accounts(accounts.values(), now=now)
    standing_of = {each.balance_id: each for own in by_account.values() for each in own}
    notes = last_notes({account.client_id for account in accounts.values()}, now)
    return [
        RunningOut(
            client=one.balance.account.client,
            account=one.balance.account,
            standing=standing_of[one.balance_id],
            runs_out_at=_until(one),
            points=_points(one),
            note=notes.get(one.balance.account.client_id),
        )
        for one in found
    ]


def last_notes(clients: Iterable[int], now: datetime) -> dict[int, CallNote]:
    """The newest note of each of these clients, if it is not too old to matter."""
    recent = CallNote.objects.filter(client__in=set(clients), at__gt=now - CALLED_LATELY)
    return {note.client_id: note for note in recent.order_by("client", "at").select_related("by")}


def _noted(now: datetime) -> QuerySet[CallNote]:
    return CallNote.objects.filter(client=OuterRef("balance__account__client"), at__gt=now - CALLED_LATELY)


def _until(one: Outlook) -> datetime:
    if one.runs_out_at is None:
        raise ValueError("the list has only what runs out")
    return one.runs_out_at


def _points(one: Outlook) -> list[Left]:
    """What was left at the beginning of each of the last days and now, back from what is left by what each day took."""
    left = one.amount - one.held
    points = [Left(one.as_of, left)]
    for back, net in enumerate(reversed(one.net)):
        left -= net
        points.append(Left(datetime.combine(one.day - timedelta(days=back), time.min, UTC), left))
    return points[::-1]
