"""Who sees what: every table that belongs to an organization is behind a door."""

import pytest
from django.db import models

from ostatok.ledger.models import Entry
from ostatok.parties import access
from ostatok.parties.access import Member, Permission, Role, System
from ostatok.parties.models import AuditRecord, Client, Organization, User
from ostatok.rules.models import Rule
from tests.parties.house import DOORED, WITHOUT_DOOR, House, all_models

pytestmark = pytest.mark.django_db


def _member(role: Role, *organizations: Organization) -> Member:
    return Member(user_id=0, name="someone", roles={organization.pk: role for organization in organizations})


def _seen(model: type[models.Model], actor: access.Actor) -> set[object]:
    return set(model._default_manager.visible_to(actor).values_list("pk", flat=True))  # type: ignore[attr-defined]


def test_every_table_of_an_organization_has_a_door() -> None:
    without = {m.__name__ for m in all_models() if not hasattr(m._default_manager, "visible_to")}
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
