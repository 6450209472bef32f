"""A house with three rooms for tests of doors and walls: one row of every table in each organization."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.apps import apps
from django.db import models

from ostatok.delivery.models import Attempt, Delivery, DeliveryMessage
from ostatok.intake.models import Import, ImportChunk, ImportRefusal
from ostatok.ledger.models import Account, Balance, BandCount, Entry, EntryKind, Epoch, Feed, Outlook, Service
from ostatok.notices.models import Digest, Notice, RunOutSubscription, Template
from ostatok.parties.access import Role
from ostatok.parties.models import (
    ApiKey,
    AuditRecord,
    CallNote,
    Client,
    ClientGroup,
    ClientUser,
    Contact,
    ContactPoint,
    GroupMembership,
    Invitation,
    Membership,
    Organization,
    User,
)
from ostatok.rules.models import (
    Alarm,
    AlarmEpoch,
    Rule,
    RuleBand,
    RuleCondition,
    RuleRecipient,
    Switching,
    TriggerKind,
)
from ostatok.web.models import KeptAnswer

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)

#: Tables that belong to the installation or only help matching: no organization, so nothing to reach them by.
WITHOUT_DOOR = {"Facet", "Segment", "SegmentRule", "OutlookPass", "OutlookMark", "ForecastDue", "Worker", "Circuit"}


@dataclass(frozen=True)
class House:
    """A parent with two children that must not see each other; each of the three holds one row of every table."""

    parent: Organization
    left: Organization
    right: Organization


def build() -> House:
    parent = Organization.objects.create(code="parent", name="Parent")
    left = Organization.objects.create(code="left", name="Left", parent=parent)
    right = Organization.objects.create(code="right", name="Right", parent=parent)
    for organization in (parent, left, right):
        organization.refresh_from_db()  # a trigger has written its path
        furnish(organization)
    return House(parent=parent, left=left, right=right)


def furnish(organization: Organization) -> None:
    user = User.objects.create_user(f"{organization.code}@staff.test")
    Membership.objects.create(user=user, organization=organization, role=Role.LOOK)
    contact = Contact.objects.create(organization=organization, code="duty", name="Duty")
    ContactPoint.objects.create(contact=contact, kind="email", address="duty@x.test")
    AuditRecord.objects.create(organization=organization, actor="a", action="x", subject="y")
    client = Client.objects.create(organization=organization, code="c1", name="Client")
    group = ClientGroup.objects.create(organization=organization, code="vip", name="VIP")
    GroupMembership.objects.create(client=client, group=group)
    _furnish_ways_in(client, user)
    Template.objects.create(organization=organization, kind="balance_below", channel="email", language="en")
    _furnish_intake(organization)
    KeptAnswer.objects.create(organization=organization, caller="key 1", key="k", status=201, made="a note", at=NOW)
    _furnish_outbox(_furnish_rules(_furnish_ledger(client)))
    _furnish_mornings(user, organization)


def _furnish_ways_in(client: Client, user: User) -> None:
    owner = client.organization
    digest = f"{client.pk:064x}"
    later = NOW + timedelta(days=7)
    ApiKey.objects.create(
        organization=owner,
        name="billing",
        prefix=digest[-12:],
        digest=digest,
        permissions=["see"],
        expires_at=later,
        created_at=NOW,
    )
    Invitation.objects.create(
        organization=owner, client=client, email="c@x.test", digest=digest, expires_at=later, created_at=NOW
    )
    ClientUser.objects.create(client=client, user=user)
    CallNote.objects.create(organization=owner, client=client, kind="called", at=NOW)


def _furnish_mornings(user: User, owner: Organization) -> None:
    given = {"organization": owner, "user": user, "mine": False, "site": "https://x.test/"}
    RunOutSubscription.objects.create(at=NOW.time(), working_days=True, since=NOW, **given)
    Digest.objects.create(day=NOW.date(), raised_at=NOW, **given)


def _furnish_intake(owner: Organization) -> None:
    file = Import.objects.create(organization=owner, kind="entries", file_name="a.csv", size=1, created_by="a")
    ImportChunk.objects.create(of=file, number=0, content=b"x")
    ImportRefusal.objects.create(of=file, line=1, reason="x", message="x")


def _furnish_ledger(client: Client) -> Balance:
    owner = client.organization
    service = Service.objects.create(organization=owner, code="voice", name="Voice", unit="min")
    account = Account.objects.create(organization=owner, number="1", client=client)
    balance = Balance.objects.create(
        organization=owner, number="1", service=service, account=account, seq=1, epoch=1, amount=60
    )
    Entry.objects.create(
        organization=owner,
        balance=balance,
        seq=1,
        kind=EntryKind.TOP_UP,
        amount=60,
        occurred_at=NOW,
        posted_at=NOW,
        ref="r1",
    )
    Epoch.objects.create(organization=owner, balance=balance, seq=1, top_up=60, balance_after=60, topped_up_at=NOW)
    Outlook.objects.create(
        organization=owner,
        balance=balance,
        service=service,
        band="ok",
        base="last_top_up",
        amount=60,
        held=0,
        daily_use=1,
        used=[],
        net=[],
        day=NOW.date(),
        seq=1,
        as_of=NOW,
    )
    BandCount.objects.create(organization=owner, service=service, band="ok", balances=1)
    Feed.objects.create(organization=owner, posted_at=NOW)
    return balance


def _furnish_rules(balance: Balance) -> Notice:
    owner = balance.organization
    rule = Rule.objects.create(organization=owner, name="Low", kind=TriggerKind.BALANCE_BAND)
    RuleBand.objects.create(rule=rule, upper=20)
    RuleCondition.objects.create(rule=rule, facets=[1])
    RuleRecipient.objects.create(rule=rule, kind="client")
    asked_by = User.objects.get(email=f"{owner.code}@staff.test")
    Switching.objects.create(rule=rule, state="active", balances=1, asked_by=asked_by)
    Alarm.objects.create(rule=rule, balance=balance, organization=owner, reason="raised", reason_at=NOW)
    AlarmEpoch.objects.create(rule=rule, balance=balance, epoch=1)
    return Notice.objects.create(
        organization=owner,
        rule=rule,
        rule_version=1,
        kind=rule.kind,
        balance=balance,
        account=balance.account,
        client=balance.account.client,
        epoch=1,
        occasion=1,
        step=1,
        amount=1,
        available=1,
        raised_at=NOW,
    )


def _furnish_outbox(notice: Notice) -> None:
    delivery = Delivery.objects.create(
        organization=notice.organization,
        notice=notice,
        channel="email",
        recipient="client",
        address="c@x.test",
        due_at=NOW,
        created_at=NOW,
    )
    DeliveryMessage.objects.create(delivery=delivery, subject="s", text="t", html="h")
    Attempt.objects.create(
        delivery=delivery, organization=notice.organization, number=1, at=NOW, outcome="delivered", reason="accepted"
    )


def all_models() -> Iterator[type[models.Model]]:
    for config in apps.get_app_configs():
        if config.name.startswith("ostatok."):
            yield from config.get_models()


DOORED = sorted((m for m in all_models() if m.__name__ not in WITHOUT_DOOR), key=lambda m: m.__name__)
