"""Accounts: the list of them, and one with its panel, its chart and its statement."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ostatok.cabinet import panels
from ostatok.cabinet.pages import CabinetPage
from ostatok.ledger.models import Account
from ostatok.web import paging


class Accounts(CabinetPage):
    """All accounts, closed ones too, each with what is left on it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        accounts = self.visible(Account).select_related("client__organization")
        page = paging.cut(accounts, order=("client__name", "number", "id"), query=request.GET)
        shown = panels.of(page.items, above=self.above, now=now)
        return self.answer("cabinet/accounts.html", now=now, page=page, shown=shown)


class OneAccount(CabinetPage):
    """One account: whose it is, what is left, and what happened."""

    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        now = timezone.now()
        account = self.found(self.visible(Account).select_related("client__organization"), pk=pk)
        [panel] = panels.of([account], above=self.above, now=now)
        return self.answer("cabinet/account.html", now=now, account=account, panel=panel)
