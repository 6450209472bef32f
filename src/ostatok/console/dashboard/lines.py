"""The run-out list: whose balance is used up first, who was called, and what they promised (FEATURES A11)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from ostatok.console.clients.forms import service_choices
from ostatok.console.list_pages import Filters
from ostatok.ledger import run_out
from ostatok.ledger.models import Account, Outlook
from ostatok.ledger.run_out import RunOut
from ostatok.ledger.standing import Standing
from ostatok.parties.access import Actor, Member
from ostatok.parties.models import CallNote, Client, Organization
from ostatok.rules import standings

CALLED: Final = (
    ("", _("All")),
    (run_out.NOT_CALLED, _("Not called")),
    (CallNote.Kind.PROMISED.value, _("Promised")),
)


WHOSE: Final = (("", _("All clients")), ("mine", _("Mine")))


class RunOutFilters(Filters):
    """Whose clients, who was not called, and which service."""

    whose = forms.ChoiceField(label=_("Whose"), required=False, choices=WHOSE)
    called = forms.ChoiceField(label=_("Call"), required=False, choices=CALLED)
    service = forms.CharField(label=_("Service"), required=False, max_length=64)

    def __init__(self, data: Any, *, actor: Actor) -> None:
        super().__init__(data, actor=actor)
        self.services = service_choices(actor)
        if not isinstance(actor, Member):
            # The installation itself looks after none: its own list is not that of everybody.
            self.fields["whose"].choices = WHOSE[:1]  # type: ignore[attr-defined]
            self.full_clean()

    @property
    def manager(self) -> int | None:
        """Whose clients; None: everybody's."""
        return self.actor.user_id if self.chosen("whose") and isinstance(self.actor, Member) else None


@dataclass(frozen=True, slots=True)
class Left:
    """What was left at a moment."""

    at: datetime
    amount: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningOut:
    """One line of the list: in the order of the outlook, with the figures of this moment.

    `runs_out_at` lies behind where nothing is left; None where that was topped up since and nobody can tell any more.
    """

    organization: Organization
    client: Client
    account: Account
    standing: Standing
    runs_out_at: datetime | None
    points: Sequence[Left]
    note: CallNote | None


def wanted(filters: RunOutFilters, now: datetime) -> RunOut:
    """Balances that run out within the week, or did lately; narrowed."""
    return RunOut(
        since=now - run_out.BEHIND,
        until=now + run_out.AHEAD,
        service=filters.chosen("service"),
        manager=filters.manager,
        called=filters.chosen("called"),
        called_since=now - run_out.CALLED_LATELY,
    )


def of(outlooks: Iterable[Outlook], now: datetime) -> list[RunningOut]:
    """The lines of these balances, with how they stand now and the last note: two queries."""
    found = list(outlooks)
    accounts = {one.balance.account_id: one.balance.account for one in found}
    by_account = standings.of_accounts(accounts.values(), now=now)
    standing_of = {each.balance_id: each for own in by_account.values() for each in own}
    notes = run_out.last_notes({account.client_id for account in accounts.values()}, now)
    return [
        RunningOut(
            organization=one.organization,
            client=one.balance.account.client,
            account=one.balance.account,
            standing=(standing := standing_of[one.balance_id]),
            runs_out_at=_until(one, standing),
            points=[*_points(one), Left(now, standing.left)],
            note=notes.get(one.balance.account.client_id),
        )
        for one in found
    ]


def _until(one: Outlook, standing: Standing) -> datetime | None:
    """By the balance shown, as the outlook may be minutes older. Of what ran out, that or the last charge knows."""
    if not standing.exhausted:
        return standing.lasts_until
    if one.runs_out_at and one.runs_out_at <= standing.now:
        return one.runs_out_at
    return standing.last_charge_at or standing.now


def _points(one: Outlook) -> list[Left]:
    """What was left at the beginning of each of the last days and now, back from what is left by what each day took."""
    left = one.amount - one.held
    points = [Left(one.as_of, left)]
    for back, net in enumerate(reversed(one.net)):
        left -= net
        points.append(Left(datetime.combine(one.day - timedelta(days=back), time.min, UTC), left))
    return points[::-1]
