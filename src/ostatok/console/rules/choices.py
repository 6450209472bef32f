"""What the form of a rule offers: services, groups, contacts and users that its writer can see, and no others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from ostatok.console.services.forms import used_units
from ostatok.ledger.models import Service
from ostatok.parties.access import Actor
from ostatok.parties.models import ClientGroup, Contact, Membership, Organization

M = TypeVar("M", bound=Model)

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Offered:
    """Codes (of users: e-mails), each with its name; two of one code are one choice. `units` are those of most services
    first.
    """

    units: tuple[str, ...]
    services: Pairs
    groups: Pairs
    contacts: Pairs
    users: Pairs


def for_rules(actor: Actor, at: Organization | None) -> Offered:
    """What a rule of the organization may ask for and tell; without one, of any that the actor sees."""
    members = _near(Membership.objects.visible_to(actor), at).select_related("user").order_by("user__name", "pk")
    services = _near(Service.objects.visible_to(actor), at)
    return Offered(
        units=used_units(services),
        services=_pairs(services.order_by("name", "pk")),
        groups=_pairs(_near(ClientGroup.objects.visible_to(actor), at).order_by("name", "pk")),
        contacts=_pairs(_near(Contact.objects.visible_to(actor), at).order_by("name", "pk")),
        users=tuple({one.user.email: one.user.name or one.user.email for one in members}.items()),
    )


def names(actor: Actor, audiences: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """Names of the services and groups that audiences ask for, by ("service", code): two queries."""
    parts = [part for audience in audiences for part in (audience, audience.get("not", {}))]
    services = {code for part in parts for code in part.get("service", ())}
    groups = {code for part in parts for code in part.get("group", ())}
    found = {("service", one.code): one.name for one in Service.objects.visible_to(actor).filter(code__in=services)}
    rows = ClientGroup.objects.visible_to(actor).filter(code__in=groups)
    return found | {("group", one.code): one.name for one in rows}


def _near(rows: QuerySet[M], at: Organization | None) -> QuerySet[M]:
    """Of the organization, those above it and those below it."""
    if at is None:
        return rows
    above = rows.filter(organization__in=at.path)
    return above | rows.filter(organization__path__contains=[at.pk])


def _pairs(rows: Iterable[Any]) -> Pairs:
    return tuple({row.code: row.name for row in rows}.items())
