"""The page of a client: what is left, until when, what happened, what was told and why."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ostatok.console.clients import telling, timeline
from ostatok.console.clients.editing import found_client, way_to
from ostatok.console.clients.lists import urgency
from ostatok.console.crumbs import crumb
from ostatok.console.rules import words
from ostatok.console.rules.views import said, with_parts
from ostatok.delivery import history
from ostatok.delivery.history import ToldBalance
from ostatok.kernel import moments
from ostatok.ledger import history as ledger_history
from ostatok.ledger.models import Account, Balance
from ostatok.ledger.standing import Standing
from ostatok.parties.access import Permission
from ostatok.parties.models import Client, ClientGroup, User
from ostatok.rules import standings
from ostatok.rules.models import Rule, RuleState
from ostatok.web import panels, reading
from ostatok.web.pages import Page

#: How many accounts the page shows; a client with more has the list of accounts.
ACCOUNTS: Final = 50
#: What lasts no longer than this is the finding of the page.
SOON: Final = timedelta(days=7)
#: Of how many days the chart can be.
PERIODS: Final = ((30, gettext_lazy("month")), (90, gettext_lazy("quarter")), (365, gettext_lazy("year")))


class ClientPage(Page):
    """One client at a glance, and everything that happened below."""

    def get(self, request: HttpRequest, **_where: Any) -> HttpResponseBase:
        client = found_client(self, Permission.SEE)
        moment, actor = now(), self.request.actor
        accounts = _accounts(self, client)
        balances = list(self.visible(Balance).filter(account__in=accounts).select_related("service"))
        own = [each for found in standings.of_accounts(accounts, now=moment).values() for each in found]
        kind = _kind(request.GET.get("kind", ""))
        story = timeline.of(actor, client, balances, kind=kind, cursor=request.GET.get("before"))
        return render(
            request,
            "console/clients/page.html",
            {
                "now": moment,
                "client": client,
                "crumbs": [crumb(_("Clients"), "clients")],
                "finding": finding(own, moment),
                "manager": self.visible(User).filter(pk=client.manager_id or 0).first(),
                "groups": list(self.visible(ClientGroup).filter(clients=client).order_by("name")),
                "accounts": accounts,
                "standings": sorted(own, key=urgency),
                "topped_up_at": max((each.topped_up_at for each in own if each.topped_up_at), default=None),
                **_charted(balances, own, request.GET, moment),
                "watched": _watched(accounts, client),
                "story": story,
                "kind": kind,
                "may_change": self.may(Permission.CHANGE_CLIENTS, client.organization),
                "may_post": self.may(Permission.POST_ENTRIES, client.organization),
            },
        )


class WhyPage(Page):
    """Every rule that speaks to the client's balances, and why it told something or did not."""

    def get(self, request: HttpRequest, **_where: Any) -> HttpResponseBase:
        client = found_client(self, Permission.SEE)
        accounts = _accounts(self, client)
        chosen = next((one for one in accounts if str(one.pk) == request.GET.get("account")), None)
        account = chosen or (accounts[0] if accounts else None)
        told = history.of_account(account) if account else []
        return render(
            request,
            "console/clients/why.html",
            {
                "now": now(),
                "client": client,
                "crumbs": way_to(client),
                "accounts": accounts,
                "account": account,
                "balances": telling.balances(told, telling.teller_of(client), self._rules(told)),
            },
        )

    def _rules(self, told: Sequence[ToldBalance]) -> dict[int, str]:
        """When each of the rules tells, of those that may be seen and still stand."""
        ids = {rule.rule_id for balance in told for rule in balance.rules}
        rules = with_parts(self.visible(Rule).filter(pk__in=ids), self.request.actor).exclude(state=RuleState.DELETED)
        return {rule.pk: words.when(said(rule)) for rule in rules}


def finding(own: Sequence[Standing], moment: datetime) -> str:
    """What matters of a client's balances, in a sentence."""
    known = [standing for standing in own if standing.known]
    if not known:
        return _("Nothing was posted yet, so nobody knows what is left.")
    if gone := [standing for standing in known if standing.left <= 0]:
        names = ", ".join(standing.service_name for standing in gone)
        return _("%(services)s: nothing is left.") % {"services": names}
    first = min((s for s in known if s.lasts_until), key=lambda s: s.lasts_until or moment, default=None)
    if first and first.lasts_until and first.lasts_until - moment <= SOON:
        until = moments.until(first.lasts_until, moment, reading.language(), reading.zone())
        return _("%(service)s lasts until %(until)s.") % {"service": first.service_name, "until": until}
    low = min(known, key=urgency)
    if low.band in ("low", "lower", "crit"):
        return _("%(service)s: %(word)s.") % {"service": low.service_name, "word": panels.word(low)}
    return _("Enough is left of everything.")


def _accounts(page: Page, client: Client) -> list[Account]:
    rows = page.visible(Account).filter(client=client).order_by("status", "number")
    return list(rows[:ACCOUNTS])


def _charted(
    balances: Sequence[Balance], own: Sequence[Standing], query: Mapping[str, str], moment: datetime
) -> dict[str, Any]:
    """The chart of the balance that was chosen, or of the one that needs a look first."""
    known = sorted((standing for standing in own if standing.known), key=urgency)
    if not known:
        return {}
    chosen = next((one for one in known if str(one.balance_id) == query.get("balance")), known[0])
    balance = next(one for one in balances if one.pk == chosen.balance_id)
    period = next((days for days, _words in PERIODS if str(days) == query.get("days")), PERIODS[0][0])
    return {
        "charted": chosen,
        "charted_finding": finding([chosen], moment),
        "points": ledger_history.of_balance(balance, since=moment - timedelta(days=period), now=moment),
        "period": period,
        "periods": PERIODS,
    }


def _watched(accounts: Sequence[Account], client: Client) -> list[telling.ShownBalance]:
    """What rules watch over the first account; the page of reasons has the rest."""
    told = history.of_account(accounts[0], limit=0) if accounts else []
    return telling.balances(told, telling.teller_of(client))


def _kind(asked: str) -> timeline.Kind:
    return timeline.Kind(asked) if asked in set(timeline.Kind) else timeline.Kind.ALL
