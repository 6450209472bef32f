"""Who sees what: every table that belongs to an organization is behind a door."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.db import models

from ostatok.delivery.models import Attempt, Delivery, DeliveryMessage
from ostatok.ledger.models import Account, Balance, Entry, EntryKind, Epoch, Service
from ostatok.notices.models import Notice, Template
from ostatok.parties import access
from ostatok.parties.access import Member, Permission, Role, System
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
from ostatok.rules.models import Alarm, AlarmEpoch, Rule, RuleBand, RuleCondition, RuleRecipient, TriggerKind

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)

#: Tables that belong to the installation or only help matching: no organization, so nothing to reach them by.
WITHOUT_DOOR = {"Facet", "Segment", "SegmentRule", "Worker", "Circuit"}


@dataclass(frozen=True)
class House:
    """A parent with two children that must not see each other; each of the three holds one row of every table."""

    parent: Organization
    left: Organization
    right: Organization


@pytest.fixture
def house() -> House:
    parent = Organization.objects.create(code="parent", name="Parent")
    left = Organization.objects.create(code="left", name="Left", parent=parent)
    right = Organization.objects.create(code="right", name="Right", parent=parent)
    for organization in (parent, left, right):
        _furnish(organization)
    return House(parent=parent, left=left, right=right)


def _furnish(organization: Organization) -> None:
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
    _furnish_outbox(_furnish_rules(_furnish_ledger(client)))


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
    return balance


def _furnish_rules(balance: Balance) -> Notice:
    owner = balance.organization
    rule = Rule.objects.create(organization=owner, name="Low", kind=TriggerKind.BALANCE_BAND)
    RuleBand.objects.create(rule=rule, upper=20)
    RuleCondition.objects.create(rule=rule, facets=[1])
    RuleRecipient.objects.create(rule=rule, kind="client")
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


def _models() -> Iterator[type[models.Model]]:
    for config in apps.get_app_configs():
        if config.name.startswith("ostatok."):
            yield from config.get_models()


DOORED = sorted((m for m in _models() if m.__name__ not in WITHOUT_DOOR), key=lambda m: m.__name__)


def _member(role: Role, *organizations: Organization) -> Member:
    return Member(user_id=0, name="someone", roles={organization.pk: role for organization in organizations})


def _seen(model: type[models.Model], actor: access.Actor) -> set[object]:
    return set(model._default_manager.visible_to(actor).values_list("pk", flat=True))  # type: ignore[attr-defined]


def test_every_table_of_an_organization_has_a_door() -> None:
    without = {m.__name__ for m in _models() if not hasattr(m._default_manager, "visible_to")}
    assert without == WITHOUT_DOOR


@pytest.mark.parametrize("model", DOORED, ids=lambda model: model.__name__)
def test_an_outsider_sees_nothing_and_each_sibling_its_own(house: House, model: type[models.Model]) -> None:
    everything = _seen(model, System())
    left = _seen(model, _member(Role.OWNER, house.left))
    right = _seen(model, _member(Role.OWNER, house.right))
    assert len(everything) == 3
    assert len(left) == len(right) == 1
    assert not left & right
    assert _seen(model, _member(Role.OWNER, house.parent)) == everything
    assert _seen(model, _member(Role.OWNER, house.left, house.right)) == left | right
    assert _seen(model, _member(Role.OWNER)) == set()


def test_the_audit_is_seen_by_auditors_and_owners_only(house: House) -> None:
    seen = {role for role in Role if _seen(AuditRecord, _member(role, house.left))}
    assert seen == {Role.AUDITOR, Role.OWNER}


def test_a_role_reaches_only_where_it_permits_the_act(house: House) -> None:
    mixed = Member(user_id=0, name="someone", roles={house.left.pk: Role.LOOK, house.right.pk: Role.CLERK})
    assert set(Client.objects.visible_to(mixed).values_list("organization__code", flat=True)) == {"left", "right"}
    changeable = Client.objects.visible_to(mixed, Permission.CHANGE_CLIENTS)
    assert [client.organization.code for client in changeable] == ["right"]
    assert not Rule.objects.visible_to(mixed, Permission.CHANGE_RULES)


def test_a_door_is_one_query_whatever_the_actor_reaches(
    house: House, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        list(Entry.objects.visible_to(_member(Role.LOOK, house.left, house.right, house.parent)))


def test_related_rows_keep_their_door(house: House) -> None:
    assert not house.left.clients.visible_to(_member(Role.OWNER, house.right))


def test_rows_of_no_organization_are_the_installations_own(house: House) -> None:
    AuditRecord.objects.create(actor="a", action="installation.created", subject="")
    assert len(_seen(AuditRecord, System())) == 4
    assert len(_seen(AuditRecord, _member(Role.OWNER, house.parent))) == 3


def test_a_user_reaches_what_its_roles_reach(house: House) -> None:
    user = User.objects.get(email="left@staff.test")
    assert user.as_actor() == Member(user_id=user.pk, name="left@staff.test", roles={house.left.pk: Role.LOOK})


def test_a_user_who_was_deactivated_reaches_nothing(house: House) -> None:
    user = User.objects.get(email="left@staff.test")
    user.is_active = False
    assert _seen(Client, user.as_actor()) == set()


def test_the_superuser_acts_as_the_installation() -> None:
    assert User.objects.create_superuser("root@x.test").as_actor() == System(name="root@x.test")


def test_only_service_administrators_and_owners_change_settings() -> None:
    settings = {Permission.CHANGE_SERVICES, Permission.CHANGE_CONTACTS, Permission.CHANGE_RULES}
    may = {role for role in Role if settings <= access.PERMISSIONS[role]}
    assert may == {Role.SERVICE_ADMINISTRATOR, Role.OWNER}


def test_every_role_may_look() -> None:
    assert all(Permission.SEE in access.PERMISSIONS[role] for role in Role)


def test_an_auditor_changes_nothing() -> None:
    assert not {p for p in access.PERMISSIONS[Role.AUDITOR] if p.startswith(("change", "post", "resend"))}


def test_a_moved_organization_takes_its_subtree_out_of_reach(house: House) -> None:
    house.left.parent = None
    house.left.save(update_fields=["parent"])
    codes = Client.objects.visible_to(_member(Role.OWNER, house.parent)).values_list("organization__code", flat=True)
    assert set(codes) == {"parent", "right"}


def test_users_sign_in_whatever_the_case_of_their_address() -> None:
    created = User.objects.create_user(" Anna@X.test ", "secret")
    assert created.email == "anna@x.test"
    assert User.objects.get_by_natural_key("ANNA@x.TEST") == created
