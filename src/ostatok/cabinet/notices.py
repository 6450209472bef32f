"""What we told: the whole list, and each letter as it was sent."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from ostatok.cabinet import telling
from ostatok.cabinet.pages import CabinetPage
from ostatok.delivery.models import DeliveryMessage
from ostatok.web import letters, paging


class Notices(CabinetPage):
    """Everything we told, newest first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        page = paging.cut(telling.rows(self.request.actor), order=telling.ORDER, query=request.GET, size=20)
        told = telling.told(self.request.actor, page.items)
        return self.answer("cabinet/notices.html", now=timezone.now(), page=page, told=told)


class Letter(CabinetPage):
    """One letter as it was sent: as it looks, if it has looks, and its text."""

    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        letter = self.found(self.visible(DeliveryMessage).select_related("delivery"), delivery=pk)
        return self.answer(
            "cabinet/letter.html",
            now=timezone.now(),
            letter=letter,
            address=telling.masked(letter.delivery.address),
        )


class LetterAsItLooks(CabinetPage):
    """The HTML of a letter, for the frame on its page."""

    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        letter = self.found(self.visible(DeliveryMessage), delivery=pk)
        if not letter.html:
            raise Http404
        return letters.with_links(letter.html)
