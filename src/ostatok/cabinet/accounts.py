"""Accounts: the list of them, and one with its panel and the statement of each of its services."""

from datetime import timedelta
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from ostatok.cabinet import panels, statement
from ostatok.cabinet.pages import CabinetPage
from ostatok.cabinet.panels import AccountPanel, Card
from ostatok.cabinet.statement import Days, PeriodForm
from ostatok.ledger import history
from ostatok.ledger.models import Account, Balance
from ostatok.web import paging

#: How far back the chart of a balance goes.
CHARTED: Final = timedelta(days=60)


class Accounts(CabinetPage):
    """All accounts, closed ones too, each with what is left on it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        accounts = self.visible(Account).select_related("client__organization")
        page = paging.cut(accounts, order=("client__name", "number", "id"), query=request.GET)
        shown = panels.of(page.items, now=now)
        return self.answer("cabinet/accounts.html", now=now, page=page, shown=shown)


class OneAccount(CabinetPage):
    """One account: whose it is, what is left, and what happened to one of its services."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        now = timezone.now()
        account = self.found(self.visible(Account).select_related("client__organization"), pk=pk)
        [panel] = panels.of([account], now=now)
        told = self._statement(request, account, panel) if panel.cards else {}
        return self.answer("cabinet/account.html", now=now, account=account, panel=panel, **told)

    def _statement(self, request: HttpRequest, account: Account, panel: AccountPanel) -> dict[str, Any]:
        card = _chosen(panel, request.GET.get("service"))
        form = PeriodForm(request.GET)
        period = Days(**form.cleaned_data) if form.is_valid() else Days()
        shown = statement.of(self.request.actor, account, card.standing, period, request.GET)
        return {"chosen": card, "form": form, "period": period, "statement": shown, "points": self._points(card)}

    def _points(self, card: Card) -> list[history.Point]:
        balance = self.found(self.visible(Balance), pk=card.standing.balance_id)
        now = card.standing.now
        return history.of_balance(balance, since=now - CHARTED, now=now)


def _chosen(panel: AccountPanel, code: str | None) -> Card:
    """The service that is asked for, else the first; one that is not on the account is not there."""
    if not code:
        return panel.cards[0]
    card = next((card for card in panel.cards if card.standing.service_code == code), None)
    if card is None:
        raise Http404
    return card
