"""The start page: what is left on every account, and what was told lately."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ostatok.cabinet import panels, telling
from ostatok.cabinet.pages import CabinetPage
from ostatok.ledger.models import Account
from ostatok.web import paging

#: Accounts shown with their panels at once; the rest is on further pages, and all are in the list.
SIZE: Final = 6
NEWS: Final = 5


class Start(CabinetPage):
    """The panel of every open account."""

    def get(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        accounts = self.visible(Account).filter(status=Account.Status.OPEN).select_related("client__organization")
        page = paging.cut(accounts, order=("client__name", "number", "id"), query=request.GET, size=SIZE)
        shown = panels.of(page.items, now=now)
        return self.answer(
            "cabinet/start.html",
            now=now,
            page=page,
            shown=shown,
            finding=panels.finding(shown, now),
            alone=page.items[0] if len(page.items) == 1 and not page.previous and not page.next else None,
            news=telling.newest(self.request.actor, NEWS),
        )
