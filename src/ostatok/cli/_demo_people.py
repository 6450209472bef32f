"""Who may sign in to the demo: one person a role, and customers. Their passwords are made here, once for each home."""

import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from allauth.account.models import EmailAddress
from django.utils import timezone

from ostatok import pipeline
from ostatok.intake.description import applying
from ostatok.parties.access import Role, System
from ostatok.parties.models import Client, ClientUser, User

_FILE: Final = "sign-ins.json"
_BYTES: Final = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Someone with a role in an organization, or a client of it (by its code)."""

    email: str
    name: str
    language: str
    organization: str
    role: Role | None = None
    client: str = ""

    @property
    def what(self) -> str:
        """What the person is, for the list of sign-ins."""
        return self.role.label if self.role else "customer, in the cabinet"


def _staff(role: Role, name: str, at: str = "energo", language: str = "ru") -> Person:
    local = "admin" if role is Role.SERVICE_ADMINISTRATOR else str(role)
    return Person(email=f"{local}@{at}.test", name=name, language=language, organization=at, role=role)


def _customer(email: str, name: str, language: str, at: str, client: str) -> Person:
    return Person(email=email, name=name, language=language, organization=at, client=client)


PEOPLE: Final = (
    _staff(Role.OWNER, "Ольга Савельева"),
    _staff(Role.SERVICE_ADMINISTRATOR, "Наталья Виноградова"),
    _staff(Role.CLERK, "Игорь Лебедев"),
    _staff(Role.LOOK, "Вера Соколова"),
    _staff(Role.AUDITOR, "Павел Орлов"),
    _customer("marina@ukprim.test", "Марина Белова", "ru", "energo", "primorskaya"),
    _staff(Role.OWNER, "June Carter", "shop", "en"),
    _customer("customer@shop.test", "Sam Cooke", "en", "shop", "00004"),
    _staff(Role.OWNER, "Ada Byron", "voice", "en"),
    _customer("it@harbour.test", "Grace Murray", "en", "voice", "v1"),
    _staff(Role.OWNER, "Сәуле Әбенова", "svet", "kk"),
    _customer("aigerim@home.test", "Әйгерім Қасымова", "kk", "svet", "s1"),
    _staff(Role.OWNER, "Paweł Wrzos", "siec", "pl"),
    _customer("gosia@wrzos.test", "Małgorzata Żółkiewska", "pl", "siec", "k2"),
)
#: Who looks after which clients of the first organization.
MANAGED: Final[Mapping[str, Sequence[str]]] = {
    "clerk@energo.test": ("primorskaya", "rodniki", "tbo"),
    "admin@energo.test": ("vodokanal", "teploset", "petrova"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """What to type on the page of signing in."""

    person: Person
    password: str


def settle(place: Path) -> list[SignIn]:
    """Let everybody in; passwords are kept in `place`, where only its owner may read them.

    Who has a password already keeps it.
    """
    path = place / _FILE
    _describe({"users": _users(PEOPLE)})
    if not path.exists():
        _describe({"clients": _managed()})
    kept: Mapping[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    sign_ins = [SignIn(person=person, password=_let_in(person, kept.get(person.email))) for person in PEOPLE]
    _keep(path, {one.person.email: one.password for one in sign_ins})
    return sign_ins


def lines(sign_ins: Sequence[SignIn], address: str) -> Iterator[str]:
    """Where to go and what to type there."""
    width = max(len(one.person.email) for one in sign_ins)
    yield f"The demo answers at {address}/ (console, cabinet and API; Ctrl-C stops it). Sign in as"
    for one in sign_ins:
        yield f"  {one.person.email:{width}}  {one.password}  {one.person.organization}: {one.person.what}"
    yield "There is no second factor here; wherever else it is demanded of staff."


def _users(people: Sequence[Person]) -> list[dict[str, Any]]:
    return [
        {
            "email": person.email,
            "name": person.name,
            "language": person.language,
            "roles": [{"organization": person.organization, "role": str(person.role)}] if person.role else [],
        }
        for person in people
    ]


def _managed() -> list[dict[str, Any]]:
    return [
        {"organization": "energo", "code": client, "manager": manager}
        for manager, clients in MANAGED.items()
        for client in clients
    ]


def _describe(description: Mapping[str, Any]) -> None:
    text = json.dumps(description, ensure_ascii=False)
    applying.apply(text, actor=System(), effects=pipeline.Effects(now=timezone.now()), origin="demo")


def _let_in(person: Person, kept: str | None) -> str:
    user = User.objects.get_by_natural_key(person.email)
    password = kept or secrets.token_urlsafe(_BYTES)
    if not kept or not user.has_usable_password():
        user.set_password(password)
        user.save(update_fields=["password"])
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    if person.client:
        client = Client.objects.visible_to(System()).get(organization__code=person.organization, code=person.client)
        ClientUser.objects.get_or_create(user=user, client=client)
    return password


def _keep(path: Path, passwords: Mapping[str, str]) -> None:
    """Write the file so that nobody else may read it, not even for a moment."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(passwords, file, indent=2)
