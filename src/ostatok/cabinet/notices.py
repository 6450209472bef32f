"""What we told: the whole list, and each letter as it was sent."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ostatok.cabinet import telling
from ostatok.cabinet.pages import CabinetPage
from ostatok.delivery.models import DeliveryMessage
from ostatok.web import paging


class Notices(CabinetPage):
    """Everything we told, newest first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        page = paging.cut(telling.rows(self.request.actor), order=telling.ORDER, query=request.GET, size=20)
        told = telling.told(self.request.actor, page.items)
        return self.answer("cabinet/notices.html", now=timezone.now(), page=page, told=told)


class Letter(CabinetPage):
    """One letter as it was sent, its text only."""

    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        letters = self.visible(DeliveryMessage).select_related("delivery")
        letter = self.found(letters, delivery=pk)
        return self.answer(
            "cabinet/letter.html",
            now=timezone.now(),
            letter=letter,
            address=telling.masked(letter.delivery.address),
        )
