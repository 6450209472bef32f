"""The list of clients: found by part of a name, number, tax id, phone or e-mail; narrowed; taken out as a file."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from django import forms
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ostatok.console import fields
from ostatok.console.exports import Export
from ostatok.console.list_pages import Filters, FoundPage
from ostatok.kernel.slices import Slice
from ostatok.ledger import searching
from ostatok.ledger.models import Account, Service
from ostatok.ledger.searching import Search
from ostatok.ledger.standing import Band, Standing
from ostatok.parties import access
from ostatok.parties.access import Actor, Permission
from ostatok.parties.models import Client, ClientGroup
from ostatok.rules import standings
from ostatok.web import bands, paging

#: How many balances of one client the list shows, the lowest first.
SHOWN: Final = 3
#: A list of "any" and one more offers none.
_NO_CHOICE: Final = 2
_URGENCY: Final = {Band.CRIT: 0, Band.LOWER: 1, Band.LOW: 2, Band.OK: 3, Band.NONE: 4}


class ClientFilters(Filters):
    """What clients are found by, and narrowed by."""

    text = forms.CharField(label=_("Name, number, tax id, phone or e-mail"), required=False, max_length=100)
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", _("Any status")),
            (Client.Status.ACTIVE, _("Active")),
            (Client.Status.SUSPENDED, _("Suspended")),
            (Client.Status.CLOSED, _("Closed")),
        ],
    )
    band = forms.ChoiceField(
        label=_("What is left"), required=False, choices=[("", _("However much is left")), *bands.WORDS.items()]
    )

    def __init__(self, data: Any, *, actor: Actor) -> None:
        super().__init__(data, actor=actor)
        self.fields["organization"] = fields.OrganizationField(
            actor, Permission.SEE, required=False, empty_label=_("All organizations"), initial=None
        )
        self.fields["group"] = forms.ModelChoiceField(
            ClientGroup.objects.visible_to(actor).order_by("name", "pk"),
            label=_("Group"),
            required=False,
            empty_label=_("Any group"),
        )
        self.fields["service"] = forms.ModelChoiceField(
            Service.objects.visible_to(actor).order_by("name", "pk"),
            label=_("Service"),
            required=False,
            empty_label=_("Any service"),
        )
        self.fields["manager"] = fields.StaffField(
            actor, label=_("Manager"), required=False, empty_label=_("Any manager")
        )
        self.full_clean()

    def narrowing(self) -> list[forms.BoundField]:
        """The fields beside the search; what offers no choice is left out."""
        names = ("status", "band", "service", "group", "manager", "organization")
        return [self[name] for name in names if len(self.fields[name].choices) > _NO_CHOICE]  # type: ignore[attr-defined]


def search_of(filters: ClientFilters) -> Search:
    """What the filters ask for, as the search understands it."""
    at, group, service, manager = (filters.chosen(name) for name in ("organization", "group", "service", "manager"))
    status, band = filters.chosen("status"), filters.chosen("band")
    return Search(
        text=filters.chosen("text") or "",
        organization=at.pk if at else None,
        group=group.pk if group else None,
        service=service.pk if service else None,
        manager=manager.pk if manager else None,
        statuses=[status] if status else None,
        band=Band(band) if band else None,
    )


class Clients(FoundPage):
    template: ClassVar[str] = "console/clients/list.html"
    order: ClassVar[tuple[str, ...]] = searching.CLIENT_ORDER
    filters = ClientFilters

    def find(self, *, after: Any, before: Any, size: int) -> Slice[Client]:
        search = search_of(self.narrow)
        return searching.clients(self.request.actor, search, after=after, before=before, size=size)

    def context(self) -> dict[str, Any]:
        actor, moment = self.request.actor, now()
        found = of_clients(self.page.items, moment)
        return {
            "now": moment,
            "cut": searching.clients_are_cut(actor, search_of(self.narrow)) and searching.MOST,
            "clients": [(client, own[:SHOWN], len(own[SHOWN:])) for client, own in found],
            "may_change": access.reach(actor, Permission.CHANGE_CLIENTS) != (),
            "may_export": access.reach(actor, Permission.EXPORT) != (),
        }


def of_clients(clients: Iterable[Client], now: datetime) -> list[tuple[Client, list[Standing]]]:
    """Clients with their balances, the lowest first: two queries for all of them."""
    listed = list(clients)
    accounts = list(Account.objects.filter(client__in=[client.pk for client in listed], status=Account.Status.OPEN))
    found = standings.of_accounts(accounts, now=now)
    by_client: defaultdict[int, list[Standing]] = defaultdict(list)
    for account in accounts:
        by_client[account.client_id].extend(found[account.pk])
    return [(client, sorted(by_client[client.pk], key=urgency)) for client in listed]


def urgency(standing: Standing) -> tuple[int, float, str]:
    """What sorts the balances that need a look first."""
    percent = float(standing.percent) if standing.percent is not None else 0.0
    return _URGENCY[standing.band], percent, standing.service_name


class ExportClients(Export):
    """The list as a file, narrowed as on the page."""

    what: ClassVar[str] = "clients"
    filters = ClientFilters

    def refusal(self) -> str:
        if not searching.clients_are_cut(self.request.actor, search_of(self.narrow)):
            return ""
        return gettext("More clients fit this text than a search tells: add words, or drop the text to take all.")

    def back(self) -> str:
        return reverse("console:clients")

    def head(self) -> Sequence[str]:
        return ("organization", "number", "name", "tax_id", "email", "phone", "language", "status", "tags", "manager")

    def lines(self) -> Iterator[Sequence[object]]:
        actor = self.request.actor
        managers = dict(fields.staff(actor).values_list("pk", "email"))
        for one in _all_found(actor, search_of(self.narrow)):
            if access.permits(actor, Permission.EXPORT, one.organization.path):
                yield (
                    *(one.organization.code, one.code, one.name, one.tax_id, one.email, one.phone),
                    *(one.language or one.organization.language, one.status, " ".join(one.tags)),
                    managers.get(one.manager_id or 0),
                )


def _all_found(actor: Actor, search: Search) -> Iterator[Client]:
    """Everything the search finds, slice by slice."""
    after: searching.Key | None = None
    while True:
        found = searching.clients(actor, search, after=after, size=paging.LARGEST)
        yield from found.items
        if not found.more:
            return
        after = (found.items[-1].name, found.items[-1].pk)
