"""A world for the tests of the faces: two siblings under one root, everyone who may ask, and something to see.

Nothing of the southern organization may ever be seen by people of the northern one: all its texts hold MARKER.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import transaction
from django.test import Client as Browser
from pytest_django.plugin import DjangoDbBlocker

from ostatok import pipeline
from ostatok.intake.description import applying
from ostatok.ledger.entries import NewEntry
from ostatok.ledger.models import Account, Balance, EntryKind
from ostatok.parties.access import Role, System
from ostatok.parties.models import Client, ClientUser, Organization, User

#: In every text of what northern people must not see.
MARKER: Final = "Ласточка"
NOW: Final = datetime.now(UTC).replace(microsecond=0)
PASSWORD: Final = "остаток-есть-всегда"
CUSTOMER: Final = "anna@romashka.test"

ROLES: Final = tuple(Role)
#: What a session keeps of what its user has shown, and whose that was (allauth's words).
SHOWN: Final = "account_authentication_methods"
SHOWN_BY: Final = "account_authentication_methods_user"

_ORGANIZATIONS: Final[list[dict[str, Any]]] = [
    {"code": "energo", "name": "ООО «Энергосбыт»", "tax_id": "7701234567", "email": "ops@energo.test"},
    {"code": "north", "parent": "energo", "name": "ООО «Энергосбыт-Сервис Северо-Запад»", "email": "ops@north.test"},
    {"code": "south", "parent": "energo", "name": f"ООО «{MARKER}-Юг»", "email": "lastochka@south.test"},
]
_PLACE: Final = {"timezone": "Europe/Moscow", "language": "ru"}
_SERVICES: Final[list[dict[str, Any]]] = [
    {"code": "appps", "name": "АППС", "full_name": "Автоматический приём показаний", "unit": "min"},
    {"code": "ad", "name": "АД", "full_name": "Автоматический обзвон должников", "unit": "min"},
    {"code": "internet", "name": "Интернет", "unit": "KZT"},
]
_CLIENTS: Final[list[dict[str, Any]]] = [
    {"code": "romashka", "name": "ООО «Ромашка и партнёры»", "tax_id": "7812345678", "phone": "+7 921 000-00-01"},
    {"code": "ric", "name": "ООО «Расчётно-информационный центр Ленинградской области»", "tax_id": "7806543210"},
    {"code": "tszh", "name": "ТСЖ «Академическая, 14, корпус 2»", "tax_id": "7814567890", "groups": ["vip"]},
    {"code": "quiet", "name": "ИП Қасымова Әйгерім", "tax_id": "880101300123", "language": "kk"},
]
_BANDS: Final = {"kind": "balance_band", "bands": [[20, 10], [10, 5], [5, None]]}


@dataclass(frozen=True, kw_only=True)
class World:
    """Organizations by code, staff by (organization, role), `customer` who is the client romashka of the north."""

    organizations: dict[str, Organization]
    staff: dict[tuple[str, Role], User]
    customer: User
    clients: dict[str, Client] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)

    @property
    def north(self) -> Organization:
        return self.organizations["north"]

    @property
    def south(self) -> Organization:
        return self.organizations["south"]

    def member(self, role: Role, organization: str = "north") -> Browser:
        """A signed-in member of staff."""
        return signed_in(self.staff[organization, role])

    @property
    def outsider(self) -> Browser:
        """A clerk of the sibling organization."""
        return signed_in(self.staff["south", Role.CLERK])

    def balance(self, account: str, service: str) -> Balance:
        return Balance.objects.get(account=self.accounts[account], service__code=service)


def signed_in(user: User) -> Browser:
    """A browser with the session of that user, in which the second factor was shown."""
    browser = Browser()
    browser.force_login(user)
    session = browser.session
    session[SHOWN_BY] = str(user.pk)
    session[SHOWN] = [{"method": "password", "at": time.time()}, {"method": "mfa", "type": "totp", "at": time.time()}]
    session.save()
    return browser


def build() -> World:
    """Describe and post the world; each call makes one, in an empty database."""
    _apply({"organizations": [{**_PLACE, **each} for each in _ORGANIZATIONS]})
    _apply(_people())
    for code in ("north", "south"):
        _apply(_things(code))
    _post("north", "100")
    _post("south", "200")
    _let_in()
    return seen()


@contextmanager
def built_for_a_module(blocker: DjangoDbBlocker) -> Iterator[None]:
    """The world, built once for all tests of a module: each of them is rolled back to it, and sees it anew."""
    with blocker.unblock(), transaction.atomic():
        build()
        yield
        transaction.set_rollback(True)


def totp(user: User) -> None:
    """Give a user a second factor: staff without one see nothing but how to get it."""
    TOTP.activate(user, generate_totp_secret())


def describe(description: dict[str, Any]) -> None:
    """Make a description true for the system, as `ostatok apply` does."""
    _apply(description)


def post(organization: Organization, *new: tuple[str, str, EntryKind, str, timedelta]) -> None:
    """Post entries: (account, service, kind, amount, how long ago)."""
    count = Account.objects.filter(organization=organization).count()
    entries = [
        NewEntry(
            position=index,
            account=account,
            service=service,
            kind=kind,
            amount=Decimal(amount),
            occurred_at=NOW - ago,
            ref=f"{organization.code}-{account}-{service}-{kind}-{amount}-{ago}-{count}",
        )
        for index, (account, service, kind, amount, ago) in enumerate(new)
    ]
    outcome = pipeline.post(organization_id=organization.pk, new=entries, now=NOW)
    assert not outcome.refused, outcome.refused


def _apply(description: dict[str, Any]) -> None:
    text = json.dumps(description, ensure_ascii=False, default=str)
    applying.apply(text, actor=System(), effects=pipeline.Effects(now=NOW), origin="test")


def _people() -> dict[str, Any]:
    users = [
        {
            "email": f"{role}@{code}.test",
            "name": f"{MARKER} {role}" if code == "south" else f"Наталья {role}",
            "roles": [{"organization": code, "role": role}],
        }
        for code in ("energo", "north", "south")
        for role in ROLES
    ]
    return {"users": users}


def _things(code: str) -> dict[str, Any]:
    hidden = f"{MARKER} " if code == "south" else ""
    here = {"organization": code}
    start = "100" if code == "north" else "200"
    clients = [
        {
            **here,
            **each,
            "code": each["code"] if code == "north" else f"lastochka-{each['code']}",
            "name": hidden + str(each["name"]),
            "email": f"{each['code']}@{code if code == 'north' else 'lastochka'}.test",
        }
        for each in _CLIENTS
    ]
    return {
        "services": [{**here, **each, "name": hidden + str(each["name"])} for each in _SERVICES],
        "groups": [{**here, "code": "vip", "name": f"{hidden}Важные"}],
        "contacts": [
            {
                **here,
                "code": "boss",
                "name": f"{hidden}Виноградова-Белосельская Наталья",
                "position": "главный бухгалтер",
                "points": [{"kind": "email", "address": f"boss@{'lastochka' if hidden else code}.test"}],
            }
        ],
        "clients": clients,
        "accounts": [
            {**here, "number": f"{start}{index:03d}", "client": client["code"], "services": ["appps", "ad", "internet"]}
            for index, client in enumerate(clients, 1)
        ],
        "rules": [
            {
                **here,
                "name": f"{hidden}Остаток минут",
                "state": "active",
                "trigger": _BANDS,
                "audience": {"service": ["appps", "ad"]},
                "recipients": [{"to": "client", "channel": "email"}],
            },
            {
                **here,
                "name": f"{hidden}Мало денег",
                "state": "inactive",
                "trigger": {"kind": "balance_below", "amount": 500, "unit": "KZT"},
                "recipients": [{"to": "client", "channel": "email"}, {"to": "organization", "channel": "email"}],
            },
        ],
    }


def _post(code: str, start: str) -> None:
    organization = Organization.objects.get(code=code)
    day = timedelta(days=1)
    romashka, ric, tszh = (f"{start}{index:03d}" for index in (1, 2, 3))
    post(
        organization,
        (romashka, "ad", EntryKind.TOP_UP, "100", 6 * day),
        (romashka, "ad", EntryKind.CHARGE, "40", 4 * day),
        (romashka, "ad", EntryKind.CHARGE, "45", 1 * day),
        (romashka, "appps", EntryKind.TOP_UP, "2000", 6 * day),
        (romashka, "appps", EntryKind.CHARGE, "300", 2 * day),
        (romashka, "internet", EntryKind.TOP_UP, "400", 3 * day),
        (ric, "ad", EntryKind.TOP_UP, "100", 6 * day),
        (ric, "ad", EntryKind.CHARGE, "97", 1 * day),
        (tszh, "ad", EntryKind.TOP_UP, "100", 6 * day),
        (tszh, "ad", EntryKind.CHARGE, "109", 1 * day),
    )


def _let_in() -> None:
    codes = [each["code"] for each in _ORGANIZATIONS]
    for user in User.objects.filter(memberships__organization__code__in=codes).distinct():
        totp(user)
    customer = User.objects.create_user(CUSTOMER, PASSWORD, name="Анна Ромашкина", language="ru")
    ClientUser.objects.create(user=customer, client=Client.objects.get(code="romashka"))


def seen() -> World:
    """The world as it is in the database."""
    users = {user.email: user for user in User.objects.all()}
    return World(
        organizations={each.code: each for each in Organization.objects.all()},
        staff={(code, role): users[f"{role}@{code}.test"] for code in ("energo", "north", "south") for role in ROLES},
        customer=users[CUSTOMER],
        clients={client.code: client for client in Client.objects.all()},
        accounts={account.number: account for account in Account.objects.all()},
    )
