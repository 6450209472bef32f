"""What the routes are about: of each kind of thing one in the north, and its sibling in the south.

All texts of the southern ones hold MARKER.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client as Browser

from ostatok.delivery.models import Delivery, DeliveryMessage, DeliveryState
from ostatok.intake.models import Import, ImportKind, ImportRefusal, ImportState
from ostatok.ledger.models import Account, Balance, Service
from ostatok.notices.models import RunOutSubscription, Template
from ostatok.parties import api_keys, call_notes, invitations
from ostatok.parties.access import Permission, Role, System
from ostatok.parties.models import ApiKey, CallNote, Client, ClientGroup, Contact, Membership, Organization, User
from ostatok.rules.models import Rule, Switching
from ostatok.web.signing_in.oidc.provider import Provider
from tests import faces
from tests.delivery.world import notice_of
from tests.faces import MARKER, NOW, World

#: Stands in the address of the mail server.
MAIL_PASSWORD: Final = "пароль-почты-7Q"
#: Who vouches for staff; it does not answer.
PROVIDER: Final = Provider(
    issuer="http://127.0.0.1:1", client_id="ostatok", client_secret="тайна-провайдера-7Q", name="Энерго-ID"
)
NORTH: Final = "north"
SOUTH: Final = "south"

Thing = Any


@dataclass(frozen=True, kw_only=True)
class Estate:
    """The world, things by organization and kind, the text of a key of each organization, tokens of invitations."""

    world: World
    things: Mapping[str, Mapping[str, Thing]]
    keys: Mapping[str, str]
    tokens: Mapping[str, str]

    @property
    def secrets(self) -> list[str]:
        """What no answer and no log may ever hold."""
        return [
            *(text.split("_", 2)[2] for text in self.keys.values()),
            *(user.password for user in self.world.staff.values()),
            *(get_adapter().decrypt(one.data["secret"]) for one in Authenticator.objects.all()),
            self.world.customer.password,
            settings.SECRET_KEY,
            MAIL_PASSWORD,
            PROVIDER.client_secret,
        ]

    def browsers(self) -> dict[str, Browser]:
        """Who asks, signed in."""
        roles = {
            "look": Role.LOOK,
            "clerk": Role.CLERK,
            "admin": Role.SERVICE_ADMINISTRATOR,
            "auditor": Role.AUDITOR,
            "owner": Role.OWNER,
        }
        people = {"customer": self.world.customer, "sibling": self.world.staff[SOUTH, Role.CLERK]}
        people |= {"rival": self.world.staff[SOUTH, Role.OWNER]}
        people |= {face: self.world.staff[NORTH, role] for face, role in roles.items()}
        found = {"nobody": Browser()} | {face: faces.signed_in(user) for face, user in people.items()}
        for browser in found.values():
            browser.raise_request_exception = False
        return found


def furnish(world: World) -> Estate:
    """Put one of everything that the world has none of into both organizations."""
    keys, tokens, things = {}, {}, {}
    for code, hidden in ((NORTH, ""), (SOUTH, f"{MARKER} ")):
        organization = world.organizations[code]
        client = Client.objects.get(organization=organization, code="romashka" if not hidden else "lastochka-romashka")
        key, keys[code] = api_keys.issue(
            System(),
            organization,
            name=f"{hidden}Выгрузка",
            permissions=[Permission.SEE],
            expires_at=NOW + timedelta(days=30),
            origin="test",
            now=NOW,
        )
        invitation, tokens[code] = invitations.invite(
            System(),
            organization,
            email=f"novichok@{'lastochka' if hidden else code}.test",
            role=Role.LOOK,
            origin="test",
            now=NOW,
        )
        call_notes.write(
            System(), client, kind=CallNote.Kind.NOTE, text=f"{hidden}перезвонить после обеда", origin="test", now=NOW
        )
        faces.describe({"templates": [_template(code, hidden)]})
        in_cabinet, _ = invitations.invite(
            System(), client, email=f"gost@{'lastochka' if hidden else code}.test", origin="test", now=NOW
        )
        things[code] = _things(organization, client) | {
            "customer": world.customer,
            "cabinet_invitation": in_cabinet,
            "key": key,
            "invitation": invitation,
            "import": _import(organization, hidden),
            "subscription": _subscription(world.staff[code, Role.OWNER], organization),
        }
        _switched(things[code]["rule"], key)
    return Estate(world=world, things=things, keys=keys, tokens=tokens)


def _switched(rule: Rule, key: ApiKey) -> None:
    """A worker has switched the rule for a program."""
    Switching.objects.create(
        rule=rule, state=rule.state, balances=100_000, asked_with=key, asked_at=NOW, started_at=NOW, finished_at=NOW
    )


def _subscription(user: User, organization: Organization) -> RunOutSubscription:
    return RunOutSubscription.objects.create(
        user=user,
        organization=organization,
        at=NOW.replace(hour=8, minute=0).time(),
        working_days=True,
        mine=False,
        site="http://testserver/",
        since=NOW,
    )


def _template(code: str, hidden: str) -> dict[str, str]:
    return {
        "organization": code,
        "kind": "balance_band",
        "language": "ru",
        "subject": f"{hidden}Остаётся мало",
        "text": f"{hidden}Здравствуйте!",
        "html": f"<p>{hidden}Здравствуйте!</p>",
    }


def _import(organization: Organization, hidden: str) -> Import:
    done = Import.objects.create(
        organization=organization,
        kind=ImportKind.ENTRIES,
        file_name=f"{hidden}март.csv",
        size=1000,
        state=ImportState.DONE,
        posted=7,
        refused=1,
        created_by=f"{hidden}clerk",
        created_at=NOW,
        started_at=NOW,
        finished_at=NOW,
    )
    ImportRefusal.objects.create(
        of=done,
        line=3,
        values=[f"{hidden}999", "ad", "charge"],
        reason="unknown_account",
        message=f"{hidden}нет такого",
    )
    return done


def _sent(delivery: Delivery) -> Delivery:
    """The delivery, sent just now; its letter speaks of its client."""
    delivery.state, delivery.reason, delivery.settled_at = DeliveryState.SENT, "sent", NOW
    delivery.save(update_fields=["state", "reason", "settled_at"])
    name = notice_of(delivery).client.name
    DeliveryMessage.objects.create(
        delivery=delivery,
        subject=f"{name}: остаётся мало",
        text=f"{name}, здравствуйте!",
        html=f"<!doctype html><html lang=ru><title>{name}</title><p>{name}, здравствуйте!</p></html>",
        headers={"To": delivery.address},
    )
    return delivery


def _things(organization: Organization, client: Client) -> dict[str, Thing]:
    """The first of each kind that the world itself has."""
    here: dict[str, Callable[[], Thing]] = {
        "organization": lambda: organization,
        "client": lambda: client,
        "account": lambda: Account.objects.get(organization=organization, client=client),
        "balance": lambda: Balance.objects.get(organization=organization, account__client=client, service__code="ad"),
        "service": lambda: Service.objects.get(organization=organization, code="ad"),
        "group": lambda: ClientGroup.objects.get(organization=organization),
        "contact": lambda: Contact.objects.get(organization=organization),
        "membership": lambda: Membership.objects.get(organization=organization, role=Role.LOOK),
        "rule": lambda: Rule.objects.get(organization=organization, state="active"),
        "template": lambda: Template.objects.get(organization=organization),
        "delivery": lambda: _sent(Delivery.objects.filter(notice__client=client).earliest("pk")),
    }
    return {kind: find() for kind, find in here.items()}
