"""A wording is tried before it is saved: on a client, in a frame that can do nothing, or in one's own mail program."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.timezone import now
from django.utils.translation import gettext as _

from ostatok.console.letters import places
from ostatok.console.letters.forms import LetterForm, OnWhomForm
from ostatok.console.letters.views import OneTemplate
from ostatok.delivery import reasons, trial, trying
from ostatok.delivery.channels import registry
from ostatok.delivery.channels.base import Delivered, Outcome
from ostatok.delivery.trying import Tried
from ostatok.parties import audit
from ostatok.parties.access import Permission
from ostatok.parties.models import Client, User
from ostatok.web import letters, reading
from ostatok.web.pages import Page
from ostatok.web.requests import origin


class Trial(Page):
    """What the form of a template holds, tried."""

    def tried(self) -> tuple[Tried, Client | None]:
        """What came of it, and on whom it was tried."""
        self.place = places.one(self)
        client = OnWhomForm(self.request.POST).chosen(self.request.actor, self.place)
        found = trying.render(
            LetterForm(self.request.POST, place=self.place).template(),
            self.place.kind,
            self.place.channel,
            client=client,
            may_send_pin=self.place.organization.may_send_pin,
            now=now(),
        )
        return found, client


class Try(Trial):
    """Subject, text and what is wrong, beside the form."""

    def post(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        found, client = self.tried()
        return render(self.request, "console/letters/tried.html", {"tried": found, "client": client})


class LetterPage(Trial):
    """The letter as it looks, for a frame."""

    def post(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        found, _client = self.tried()
        return letters.alone(_shown(found))


class SendToMe(Trial):
    """Sends the wording to the address of whoever asks, and to no other."""

    needs: ClassVar[Permission] = Permission.CHANGE_TEMPLATES

    def post(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        found, _client = self.tried()
        self.allow(self.needs, self.place.organization)
        if found.rendered is None:
            messages.error(self.request, _("The template has a mistake: nothing was sent."))
        elif isinstance(user := self.request.user, User):
            self._tell(self._send(found, user.email), user.email)
        return self._back()

    def _send(self, found: Tried, address: str) -> Outcome:
        assert found.rendered is not None  # noqa: S101 (asked by the caller)
        at = self.place.organization
        audit.record(self.request.actor, "template.tried", f"template {at.code}", at, {}, origin(self.request), now())
        return trial.send(
            found.rendered,
            address=address,
            sender_name=at.name,
            sender_address=trying.sender_address(at),
            language=self.place.language,
            channels=registry.available(),
            channel=self.place.channel,
            now=now(),
        )

    def _tell(self, outcome: Outcome, address: str) -> None:
        if isinstance(outcome, Delivered):
            messages.success(self.request, _("A test went to %(address)s.") % {"address": address})
        else:
            why = reasons.words(outcome.reason, outcome.detail, reading.language())
            messages.error(self.request, _("The test was not sent: %(why)s.") % {"why": why})

    def _back(self) -> HttpResponse:
        """The form as it was: nothing was saved."""
        page = OneTemplate()
        page.setup(self.request, **self.kwargs)
        page.place = self.place
        return page.show(LetterForm(self.request.POST, place=self.place))


def _shown(found: Tried) -> str:
    """The letter, or what stands in its place."""
    if found.rendered is None:
        return format_html("<p>{}</p>", _("The template has a mistake: see beside the form."))
    if not found.rendered.html:
        return format_html("<pre>{}</pre>", found.rendered.text)
    return found.rendered.html
