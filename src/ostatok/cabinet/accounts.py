"""Accounts: the list of them, and one with its panel and the statement of each of its services."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ostatok.cabinet import panels, statement
from ostatok.cabinet.pages import CabinetPage
from ostatok.cabinet.panels import AccountPanel, Card
from ostatok.cabinet.statement import Days, Line, PeriodForm
from ostatok.ledger import history
from ostatok.ledger.models import Account, Balance
from ostatok.parties import audit
from ostatok.web import csv_file, paging, reading, taken_out
from ostatok.web.requests import origin

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
        told = self._statement(request, panel) if panel.cards else {}
        return self.answer("cabinet/account.html", now=now, account=account, panel=panel, **told)

    def _statement(self, request: HttpRequest, panel: AccountPanel) -> dict[str, Any]:
        card = _chosen(panel, request.GET.get("service"))
        form = PeriodForm(request.GET)
        period = Days(**form.cleaned_data) if form.is_valid() else Days()
        balance, now = self.found(self.visible(Balance), pk=card.standing.balance_id), card.standing.now
        shown = statement.of(self.request.actor, balance, card.standing, period, request.GET)
        points = history.of_balance(balance, since=now - CHARTED, now=now)
        asked = {"service": card.standing.service_code, "since": period.since, "until": period.until}
        file = urlencode({name: value for name, value in asked.items() if value})
        return {"chosen": card, "form": form, "period": period, "statement": shown, "points": points, "file": file}


class StatementFile(CabinetPage):
    """The statement of one service of an account as a file; that it was taken is recorded."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        account = self.found(self.visible(Account).select_related("organization"), pk=pk)
        balance = self._balance(account, request.GET.get("service"))
        form = PeriodForm(request.GET)
        if not form.is_valid():
            return redirect(f"{reverse('cabinet:account', args=[pk])}?{request.GET.urlencode()}")
        subject = f"statement of account {account.number}, {balance.service.code}"
        audit.exported(self.request.actor, subject, account.organization, origin(request), timezone.now())
        lines = statement.taken_out(self.request.actor, balance, Days(**form.cleaned_data))
        name = f"{account.number}-{balance.service.code}.csv"
        return csv_file.response(name, _columns(), taken_out.whole(_rows(lines, balance.service.unit)))

    def _balance(self, account: Account, code: str | None) -> Balance:
        """That of the service asked for, else of the first; one that is not on the account is not there."""
        found = self.visible(Balance).filter(account=account).select_related("service").order_by("service__code")
        balance = (found.filter(service__code=code) if code else found).first()
        if balance is None:
            raise Http404
        return balance


def _columns() -> list[str]:
    return [_("What"), _("Memo"), _("When"), _("Posted"), _("Amount"), _("What was left"), _("Unit")]


def _rows(lines: Iterable[Line], unit: str) -> Iterator[Sequence[object]]:
    zone = reading.zone()
    for line in lines:
        posted = line.posted_later.astimezone(zone) if line.posted_later else None
        yield (
            *(line.what, line.memo, _moment(line.at.astimezone(zone)), _moment(posted)),
            *(taken_out.tidy(line.amount, unit), taken_out.tidy(line.after, unit), reading.unit(unit)),
        )


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""


def _chosen(panel: AccountPanel, code: str | None) -> Card:
    """The service that is asked for, else the first; one that is not on the account is not there."""
    if not code:
        return panel.cards[0]
    card = next((card for card in panel.cards if card.standing.service_code == code), None)
    if card is None:
        raise Http404
    return card
