"""The panel of an account: a card for each service, with what is left, of what, until when, and where to pay."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from ostatok.cabinet.pages import web_address
from ostatok.kernel import moments
from ostatok.ledger.models import Account, Service
from ostatok.ledger.standing import Band, Standing
from ostatok.parties.models import Organization
from ostatok.rules import standings
from ostatok.web import panels, reading
from ostatok.web.panels import Panel

#: The bands, the most urgent first.
_BANDS: Final = (Band.CRIT, Band.LOWER, Band.LOW, Band.OK, Band.NONE)
#: The most urgent first.
_URGENT: Final = (Band.CRIT, Band.LOWER, Band.LOW)


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One service of an account. `top_up_url` says where to pay, if anybody does."""

    panel: Panel
    top_up_url: str

    @property
    def standing(self) -> Standing:
        return self.panel.standing


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountPanel:
    """One account with its cards."""

    account: Account
    cards: tuple[Card, ...]


def of(accounts: Sequence[Account], *, now: datetime) -> list[AccountPanel]:
    """The panels of these accounts, which came through the customer's door with their clients' organizations."""
    found = standings.of_accounts(accounts, now=now)
    own, common = _own_pages(found), _common_pages(accounts)
    return [
        AccountPanel(
            account=account,
            cards=tuple(
                _card(standing, own.get(standing.service_id) or common[account.pk])
                for standing in sorted(found[account.pk], key=_urgency)
            ),
        )
        for account in accounts
    ]


def _urgency(standing: Standing) -> tuple[bool, int, bool, datetime, str]:
    """What there is little of stands first: by its band, then by when it runs out."""
    band, until = _BANDS.index(standing.band), standing.lasts_until
    return not standing.exhausted, band, until is None, until or standing.now, standing.service_name


def finding(shown: Iterable[AccountPanel], now: datetime) -> str:
    """What matters most of all that is shown, in one sentence; nothing where nothing is running out."""
    everything = [card.standing for panel in shown for card in panel.cards if card.standing.band in _URGENT]
    if not everything:
        return ""
    worst = min(everything, key=lambda standing: (_URGENT.index(standing.band), standing.percent or 0))
    told = {
        "service": worst.service_name,
        "left": reading.left(worst.left, worst.unit, long=True),
        "until": _until(worst, now),
    }
    if worst.exhausted:
        return _("%(service)s: nothing is left.") % told
    if told["until"]:
        return _("%(service)s: %(left)s, enough until %(until)s.") % told
    return _("%(service)s: %(left)s.") % told


def _until(standing: Standing, now: datetime) -> str:
    until = standing.lasts_until
    return moments.until(until, now, reading.language(), reading.zone()) if until else ""


def _card(standing: Standing, top_up_url: str) -> Card:
    return Card(panel=panels.of(standing, long=True), top_up_url=top_up_url)


def _own_pages(found: dict[int, tuple[Standing, ...]]) -> dict[int, str]:
    """Where each service is paid, if it has a page of its own."""
    services = {standing.service_id for each in found.values() for standing in each}
    return {
        service: web_address(url)
        for service, url in Service.objects.filter(pk__in=services).values_list("pk", "top_up_url")
    }


def _common_pages(accounts: Sequence[Account]) -> dict[int, str]:
    """Where everything else of each account is paid: with its own operator or the nearest above, as in the letters."""
    paths = {account.pk: account.client.organization.path for account in accounts}
    rows = Organization.objects.filter(pk__in={pk for path in paths.values() for pk in path})
    urls = dict(rows.values_list("pk", "top_up_url"))
    return {pk: web_address(*(urls.get(at, "") for at in reversed(path))) for pk, path in paths.items()}
