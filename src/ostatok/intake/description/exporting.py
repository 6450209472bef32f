"""What is there, written as a description: applied again it changes nothing, elsewhere it makes the same."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from django.db.models import QuerySet

from ostatok.intake.description import exporting_rules
from ostatok.intake.description.making import chunks
from ostatok.intake.description.sections import managers
from ostatok.intake.description.sections.clients import groups_of
from ostatok.intake.description.sections.contacts import points_of
from ostatok.intake.description.writing import amount, dump, without_defaults
from ostatok.ledger.models import Account, Balance, Service
from ostatok.parties.access import Actor
from ostatok.parties.models import Client, ClientGroup, Contact, Membership, Organization, User

_CHUNK: Final = 2_000

Reached = QuerySet[Organization]


def export(actor: Actor, organization: Organization | None = None) -> Iterator[str]:
    """Write the organization and all below it, or all that the actor may see, piece by piece."""
    reached = Organization.objects.visible_to(actor)
    if organization is not None:
        reached = reached.filter(path__contains=[organization.pk])
    for name, items in _sections(actor).items():
        yield from _section(name, items(reached), as_blocks=name == "templates")


def _section(name: str, items: Iterator[dict[str, Any]], *, as_blocks: bool) -> Iterator[str]:
    for index, chunk in enumerate(chunks(items, _CHUNK)):
        heading = "" if index else f"{name}:\n"
        yield heading + dump(chunk, as_blocks=as_blocks)


def _organizations(reached: Reached) -> Iterator[dict[str, Any]]:
    rows = sorted(reached.select_related("parent"), key=lambda row: (len(row.path), row.code))
    for row in rows:
        item = {
            "code": row.code,
            "parent": row.parent.code if row.parent else None,
            "name": row.name,
            "tax_id": row.tax_id,
            "email": row.email,
            "phone": row.phone,
            "timezone": row.timezone,
            "language": row.language,
            "top_up_url": row.top_up_url,
            "may_send_pin": row.may_send_pin,
        }
        yield without_defaults(item, may_send_pin=False)


def _services(reached: Reached) -> Iterator[dict[str, Any]]:
    rows = Service.objects.filter(organization__in=reached).select_related("organization")
    for row in rows.order_by("organization__code", "code").iterator(_CHUNK):
        item = {
            "organization": row.organization.code,
            "code": row.code,
            "name": row.name,
            "full_name": row.full_name,
            "unit": row.unit,
            "rearm_from": amount(row.rearm_from, row.unit),
            "top_up_url": row.top_up_url,
        }
        yield without_defaults(item, rearm_from=0)


def _groups(reached: Reached) -> Iterator[dict[str, Any]]:
    rows = ClientGroup.objects.filter(organization__in=reached).order_by("organization__code", "code")
    for organization, code, name in rows.values_list("organization__code", "code", "name"):
        yield {"organization": organization, "code": code, "name": name}


def _contacts(reached: Reached) -> Iterator[dict[str, Any]]:
    rows = Contact.objects.filter(organization__in=reached).select_related("organization")
    for chunk in chunks(rows.order_by("organization__code", "code").iterator(_CHUNK), _CHUNK):
        points = points_of([row.pk for row in chunk])
        for row in chunk:
            item = {
                "organization": row.organization.code,
                "code": row.code,
                "name": row.name,
                "position": row.position,
                "points": [
                    without_defaults({"kind": kind, "address": address, "label": label})
                    for kind, address, label in points.get(row.pk, ())
                ],
            }
            yield without_defaults(item)


def _users(reached: Reached) -> Iterator[dict[str, Any]]:
    """Users with a role in what is reached; their roles elsewhere are not told."""
    held = Membership.objects.filter(organization__in=reached).order_by("organization__code")
    roles: defaultdict[int, list[dict[str, str]]] = defaultdict(list)
    for user_id, at, role in held.values_list("user_id", "organization__code", "role"):
        roles[user_id].append({"organization": at, "role": role})
    for user in User.objects.filter(pk__in=roles).order_by("email"):
        item = {"email": user.email, "name": user.name, "language": user.language, "roles": roles[user.pk]}
        yield without_defaults(item)


def _clients(actor: Actor, reached: Reached) -> Iterator[dict[str, Any]]:
    rows = Client.objects.filter(organization__in=reached).select_related("organization")
    for chunk in chunks(rows.order_by("organization__code", "code").iterator(_CHUNK), _CHUNK):
        groups = groups_of(actor, (row.pk for row in chunk))
        emails = managers.of((row.manager_id for row in chunk), reached)
        for row in chunk:
            manager = emails.get(row.manager_id or 0)
            yield _client(row, sorted(set(groups.get(row.pk, {}).values())), manager)


def _client(row: Client, groups: Sequence[str], manager: str | None) -> dict[str, Any]:
    item = {
        "organization": row.organization.code,
        "code": row.code,
        "name": row.name,
        "tax_id": row.tax_id,
        "email": row.email,
        "phone": row.phone,
        "language": row.language,
        "timezone": row.timezone,
        "status": row.status,
        "tags": row.tags,
        "groups": groups,
        "manager": manager,
        "bank_account": row.bank_account,
    }
    return without_defaults(item, status=Client.Status.ACTIVE)


def _accounts(reached: Reached) -> Iterator[dict[str, Any]]:
    rows = Account.objects.filter(organization__in=reached).select_related("organization", "client")
    ordered = rows.order_by("organization__code", "number").prefetch_related("balances__service")
    for row in ordered.iterator(_CHUNK):
        item = {
            "organization": row.organization.code,
            "number": row.number,
            "client": row.client.code,
            "address": row.address,
            "billing": row.billing,
            "status": row.status,
            "services": [_balance(one) for one in _by_service(row.balances.all())],
        }
        yield without_defaults(item, billing=Account.Billing.PREPAID, status=Account.Status.OPEN)


def _by_service(balances: Iterable[Balance]) -> list[Balance]:
    return sorted(balances, key=lambda balance: balance.service.code)


def _balance(balance: Balance) -> str | dict[str, Any]:
    unit = balance.service.unit
    limits = {name: getattr(balance, name) for name in ("credit_limit", "held", "package")}
    stated = {name: amount(value, unit) for name, value in limits.items() if value}
    return {"code": balance.service.code, **stated} if stated else balance.service.code


def _sections(actor: Actor) -> Mapping[str, Callable[[Reached], Iterator[dict[str, Any]]]]:
    return {
        "organizations": _organizations,
        "services": _services,
        "groups": _groups,
        "contacts": _contacts,
        "users": _users,
        "clients": partial(_clients, actor),
        "accounts": _accounts,
        "rules": partial(exporting_rules.rules, actor),
        "templates": exporting_rules.templates,
    }
