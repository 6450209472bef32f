"""The base of the cabinet's pages: what every one of them says of whom it serves and whom it is for."""

from datetime import tzinfo
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render

from ostatok.parties.models import Client, Organization
from ostatok.web.pages import Page


class CabinetPage(Page):
    """A page of the cabinet: only what belongs to the customer's clients is there, in the time of the first of them."""

    def let_in(self) -> None:
        """A customer looks; what changes something is on the pages of signing in."""

    def zone(self) -> tzinfo:
        """The clock of the first of the clients."""
        return zone_of(self.clients[0])

    @cached_property
    def clients(self) -> list[Client]:
        """The clients whose things the customer sees, by name; there is one at least."""
        return list(self.visible(Client).select_related("organization").order_by("name", "pk"))

    @cached_property
    def operator(self) -> Organization:
        """Who serves the first of the clients."""
        return self.clients[0].organization

    @cached_property
    def above(self) -> list[Organization]:
        """The operator and those above it, the nearest first: what one lacks comes from the next."""
        return list(Organization.objects.filter(pk__in=self.operator.path).order_by("-path__len"))

    def first_of(self, field: str) -> str:
        """A field of the nearest of them that has it: `email`, `phone`."""
        return next((value for one in self.above if (value := getattr(one, field))), "")

    def answer(self, template: str, **told: Any) -> HttpResponse:
        """The page, with what all pages of the cabinet tell."""
        shell = {
            "operator": self.operator.name,
            "phone": self.first_of("phone"),
            "email": self.first_of("email"),
            "clients": self.clients,
            "several": len(self.clients) > 1,
            "person": self.request.user,
        }
        return render(self.request, template, {**shell, **told})


def zone_of(client: Client) -> ZoneInfo:
    """The zone whose clock a client looks at."""
    return ZoneInfo(client.timezone or client.organization.timezone)


def web_address(*candidates: str) -> str:
    """The first that a browser may be sent to, or nothing."""
    return next((one for one in candidates if urlsplit(one).scheme in ("http", "https")), "")
