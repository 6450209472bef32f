"""The log of deliveries, and one of them: why it was sent or not, and the message as it was sent."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from django.core import signing
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import gettext as _

from ostatok.console.crumbs import crumb
from ostatok.console.deliveries.forms import DeliveryFilters, ReplayFilters
from ostatok.console.list_pages import ListPage
from ostatok.console.rules import words
from ostatok.delivery import history_words, log
from ostatok.delivery.models import Delivery, DeliveryMessage, DeliveryState
from ostatok.parties import access, audit
from ostatok.parties.access import Actor, Permission
from ostatok.rules.models import Rule
from ostatok.web import letters, reading
from ostatok.web.pages import Page
from ostatok.web.requests import origin

#: What can be tried again: what was given up, and, by its name alone, what was sent.
REPLAYABLE: Final = (DeliveryState.DEAD, DeliveryState.UNKNOWN, DeliveryState.DROPPED, DeliveryState.SENT)
_SALT: Final = "ostatok.letter"
#: A browser loads the frame at once; a page that is kept open and gone back to is another look.
_ONE_LOOK: Final = timedelta(minutes=1)
_PARTS: Final[Mapping[str, str]] = MappingProxyType({"html": "html", "text": "text", "headers": "headers"})


class Deliveries(ListPage):
    """Every delivery, newest first."""

    template: ClassVar[str] = "console/deliveries/list.html"
    order: ClassVar[tuple[str, ...]] = log.ORDER
    filters = DeliveryFilters

    def rows(self) -> QuerySet[Delivery]:
        return log.rows(self.request.actor, self.narrow.as_log())

    def context(self) -> dict[str, Any]:
        return {"may_resend": access.reach(self.request.actor, Permission.RESEND) != (), "replay": self._replay()}

    def _replay(self) -> str:
        """The same filters, for whoever wants to send what they found again; not a state that nobody can send again."""
        states = ReplayFilters.states
        left_out = {"after", "before"} | ({"state"} if self.narrow.chosen("state") not in (*states, None) else set())
        return urlencode([(name, value) for name, value in self.request.GET.items() if name not in left_out])


class OneDelivery(Page):
    """About whom and why, to whom, what became of it; that the message was looked at is recorded."""

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        row = self.found(self.visible(Delivery).select_related("organization"), pk=self.kwargs["pk"])
        told = log.one(self.request.actor, row.pk)
        if told is None:
            raise Http404
        if told.message:
            audit.saw(self.request.actor, f"delivery {row.pk}", row.organization, origin(self.request), now())
        about = told.about
        part = _PARTS.get(
            self.request.GET.get("part", ""), "text" if told.message and not told.message.html else "html"
        )
        context = {
            "told": told,
            "part": part,
            "within": ticket(self.request.actor, row.pk),
            "recipient": history_words.RECIPIENTS[told.recipient][reading.language()],
            "channel": words.CHANNELS.get(told.channel, told.channel),
            "band": words.band(about.band_upper, about.band_lower) if about else "",
            "rule": self.visible(Rule).filter(pk=about.rule_id).first() if about else None,
            "may_retry": told.state in REPLAYABLE and self.may(Permission.RESEND, row.organization),
            "crumbs": [crumb(_("Delivery log"), "deliveries")],
        }
        return render(self.request, "console/deliveries/page.html", context)


class Letter(Page):
    """The HTML of a message, on a page of its own that can do nothing.

    Within the page of its delivery, which hands over a ticket, it is part of one look, recorded there; opened by itself
    it is a look of its own.
    """

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        rows = self.visible(DeliveryMessage).select_related("delivery__organization")
        message = self.found(rows, delivery=self.kwargs["pk"])
        if not _is_within(self.request.GET.get("within", ""), self.request.actor, message.delivery_id):
            subject, owner = f"delivery {message.delivery_id}", message.delivery.organization
            audit.saw(self.request.actor, subject, owner, origin(self.request), now())
        return letters.alone(message.html)


def ticket(actor: Actor, delivery: int) -> str:
    """What the page of a delivery hands to its frame: that this actor's look is recorded already."""
    return signing.dumps([actor.name, delivery], salt=_SALT, compress=True)


def _is_within(written: str, actor: Actor, delivery: int) -> bool:
    """Whether a frame is loaded by the page that was recorded just now, for the same actor."""
    try:
        return bool(signing.loads(written, salt=_SALT, max_age=_ONE_LOOK) == [actor.name, delivery])
    except signing.BadSignature:
        return False
