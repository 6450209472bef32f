"""The second wall: what a query that forgot its door still cannot see or change."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Count, Exists, OuterRef

from ostatok.delivery.models import Delivery, DeliveryMessage
from ostatok.ledger.models import Account, Balance, Entry, Segment, Service
from ostatok.notices.models import Notice
from ostatok.parties import audit, wall
from ostatok.parties.access import Actor, Customer, Key, Member, Permission, Role
from ostatok.parties.models import AuditRecord, CallNote, Client, Contact, Membership, Organization, User
from ostatok.rules.models import Rule, RuleBand, RuleRecipient, SegmentRule
from tests.parties.house import DOORED, NOW, House, all_models

pytestmark = pytest.mark.django_db

#: Tables of which a member also sees what the organizations above own: it speaks of, or is used by, those below.
SEEN_FROM_BELOW = {"ClientGroup", "Organization", "Rule", "RuleBand", "Service", "Template"}


def _member(*organizations: Organization, role: Role = Role.OWNER) -> Member:
    return Member(user_id=0, name="someone", roles={organization.pk: role for organization in organizations})


def _key(organization: Organization) -> Key:
    return Key(key_id=1, name="billing", organization_id=organization.pk, permissions=frozenset({Permission.SEE}))


def _customer(organization: Organization) -> Customer:
    user = User.objects.get(email=f"{organization.code}@staff.test")
    return user.as_customer()


def _refused(work: Callable[[], Any], complaint: str) -> None:
    with pytest.raises(DatabaseError, match=complaint), transaction.atomic():
        work()


def _raw(text: str, *parameters: str | int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text, parameters or None)
        return cursor.fetchall() if cursor.description else []


def _rows(model: type[models.Model]) -> set[Any]:
    return set(model._default_manager.values_list("pk", flat=True))


@pytest.mark.parametrize("model", DOORED, ids=lambda model: model.__name__)
def test_a_query_that_forgot_its_door_finds_what_the_door_would_have_shown(
    house: House, model: type[models.Model]
) -> None:
    for actor in (_member(house.left), _member(house.left, house.right), _member(house.parent), _key(house.right)):
        behind_the_door = set(model._default_manager.visible_to(_seeing_all(actor)).values_list("pk", flat=True))  # type: ignore[attr-defined]
        with wall.raised_for(actor):
            forgotten = _rows(model)
        if model.__name__ in SEEN_FROM_BELOW:
            owned_above = _rows(model) - {*_owned_by(model, house.left), *_owned_by(model, house.right)}
            assert forgotten == behind_the_door | owned_above
        else:
            assert forgotten == behind_the_door


def _seeing_all(actor: Member | Key) -> Actor:
    """The wall holds tenants apart; what a role may see among its own is the doors' matter."""
    if isinstance(actor, Member):
        return actor
    return Key(key_id=1, name="all", organization_id=actor.organization_id, permissions=frozenset(Permission))


def _owned_by(model: type[models.Model], organization: Organization) -> set[Any]:
    return set(model._default_manager.visible_to(_member(organization)).values_list("pk", flat=True))  # type: ignore[attr-defined]


@pytest.mark.parametrize("model", DOORED, ids=lambda model: model.__name__)
def test_a_customer_that_forgot_its_door_finds_its_own(house: House, model: type[models.Model]) -> None:
    customer = _customer(house.left)
    expected = set(model._default_manager.visible_to(customer).values_list("pk", flat=True))  # type: ignore[attr-defined]
    if model is Organization:
        expected = {house.left.pk, house.parent.pk}
    elif model is Service:
        expected = set(Service.objects.filter(organization=house.left).values_list("pk", flat=True))
    elif model.__name__ == "ClientUser":
        expected = set(model._default_manager.filter(user=customer.user_id).values_list("pk", flat=True))
    with wall.raised_for(customer):
        assert _rows(model) == expected


@pytest.mark.parametrize("model", DOORED, ids=lambda model: model.__name__)
def test_an_actor_without_any_reach_sees_nothing(house: House, model: type[models.Model]) -> None:
    for nobody in (_member(), Customer(user_id=0, name="nobody", clients=())):
        with wall.raised_for(nobody):
            assert _rows(model) == set()


def test_settings_that_were_never_made_show_nothing(house: House) -> None:
    for role in ("staff", "customer"):
        _raw("select set_config('role', wall_role(%s), false), set_config('ostatok.reach', '', false)", role)
        assert _raw("select count(*) from client") == [(0,)]
        assert _raw("select count(*) from entry") == [(0,)]
        _raw("select set_config('role', 'none', false)")


def test_every_table_with_a_door_or_an_organization_is_behind_the_wall() -> None:
    doored = {model._meta.db_table for model in DOORED}
    owned = _names(
        "select relname from pg_attribute join pg_class on pg_class.oid = attrelid "
        "where attname = 'organization_id' and relkind = 'r' and relnamespace = 'public'::regnamespace"
    )
    protected = _names("select relname from pg_class where relrowsecurity")
    assert protected == doored | owned | _of_users()


def test_every_view_looks_with_the_eyes_of_who_asks() -> None:
    views = "select relname from pg_class where relkind in ('v', 'm') and relnamespace = 'public'::regnamespace"
    assert _names(views) == _names(f"{views} and 'security_invoker=true' = any (reloptions)")


def _names(text: str) -> set[str]:
    return {name for (name,) in _raw(text)}


def _of_users() -> set[str]:
    """Tables of the libraries that hold a user's secrets: seen by whoever sees the user."""
    return {model._meta.db_table for model in _library_models() if _is_of_a_user(model)}


def _library_models() -> list[type[models.Model]]:
    ours = set(all_models())
    return [model for model in User._meta.apps.get_models() if model not in ours]


def _is_of_a_user(model: type[models.Model]) -> bool:
    return any(field.related_model is User and field.many_to_one for field in model._meta.get_fields())


def test_models_with_a_clients_door_are_those_a_customer_can_see() -> None:
    """Beside names: of its organizations and services; and who is the customer itself."""
    seen = _names("select tablename from pg_policies where policyname = 'wall_customer' and qual <> 'false'")
    doors = {model._meta.db_table for model in DOORED if hasattr(model, "client_door")}
    assert seen - _of_users() == doors | {"organization", "service", "client_user", "app_user"}


def test_the_customer_of_a_neighbour_sees_none_of_its_entries(house: House) -> None:
    neighbour = Client.objects.create(organization=house.left, code="c2", name="Neighbour")
    with wall.raised_for(Customer(user_id=0, name="n", clients=(neighbour.pk,))):
        assert list(Client.objects.all()) == [neighbour]
        assert not Entry.objects.exists()
        assert not Balance.objects.exists()
        assert not Notice.objects.exists()
        assert not DeliveryMessage.objects.exists()


def test_a_customer_does_not_see_what_its_operator_was_told(house: House) -> None:
    notice = Notice.objects.get(organization=house.left)
    told = Delivery.objects.create(
        organization=house.left, notice=notice, channel="email", recipient="organization", due_at=NOW, created_at=NOW
    )
    DeliveryMessage.objects.create(delivery=told, subject="s", text="t", html="h")
    customer = _customer(house.left)
    assert not Delivery.objects.visible_to(customer).filter(pk=told.pk)
    with wall.raised_for(customer):
        assert set(Delivery.objects.values_list("recipient", flat=True)) == {"client"}
        assert DeliveryMessage.objects.count() == 1


def test_a_customer_does_not_see_what_a_rule_only_tried_out(house: House) -> None:
    Notice.objects.filter(organization=house.left).update(state="shadow")
    customer = _customer(house.left)
    assert not Notice.objects.visible_to(customer)
    with wall.raised_for(customer):
        assert not Notice.objects.exists()


def test_raw_joins_aggregates_and_subqueries_count_only_what_is_in_reach(house: House) -> None:
    with wall.raised_for(_member(house.left)):
        assert _raw("select count(*), min(organization_id), max(organization_id) from client") == [
            (1, house.left.pk, house.left.pk)
        ]
        assert _raw("select sum(e.amount) from entry e join balance b on b.id = e.balance_id") == [(60,)]
        assert _raw(
            "select o.code, count(c.*) from organization o left join client c on c.organization_id = o.id "
            "group by 1 order by 1"
        ) == [("left", 1), ("parent", 0)]
        assert _raw("select exists (select from client where organization_id = %s)", house.right.pk) == [(False,)]
        assert _raw("with all_of_them as (select id from account) select count(*) from all_of_them") == [(1,)]


def test_the_orm_counts_only_what_is_in_reach(house: House) -> None:
    with wall.raised_for(_member(house.left)):
        assert Client.objects.aggregate(n=Count("accounts__balances__entries"))["n"] == 1
        of_client = Account.objects.filter(client=OuterRef("pk"))
        assert Client.objects.filter(Exists(of_client)).count() == 1
        assert Account.objects.select_related("client__organization").get().client.organization == house.left


def test_updates_and_deletes_touch_only_what_is_in_reach(house: House) -> None:
    with wall.raised_for(_member(house.left)):
        assert Client.objects.update(name="Changed") == 1
        assert Contact.objects.filter(organization=house.right).delete() == (0, {})
        assert _raw("delete from contact_point returning id") != []
    assert set(Client.objects.filter(name="Changed").values_list("organization__code", flat=True)) == {"left"}
    assert set(Contact.objects.values_list("organization__code", flat=True)) == {"parent", "left", "right"}


def test_a_row_cannot_be_put_into_an_organization_out_of_reach(house: House) -> None:
    with wall.raised_for(_member(house.left)):
        for foreign in (house.right, house.parent):
            put = partial(Contact.objects.create, organization=foreign, code="x", name="X")
            _refused(put, "row-level security")
        Contact.objects.create(organization=house.left, code="x", name="X")


def test_a_row_cannot_be_moved_into_an_organization_out_of_reach(house: House) -> None:
    with wall.raised_for(_member(house.left)):
        _refused(lambda: Contact.objects.update(organization=house.right), "row-level security")
        _refused(lambda: Organization.objects.filter(pk=house.left.pk).update(parent=house.right), "no rows")


def test_what_is_above_is_seen_and_not_changed(house: House) -> None:
    with wall.raised_for(_member(house.left)):
        assert Rule.objects.filter(organization=house.parent).exists()
        assert Rule.objects.filter(organization=house.parent).update(name="Changed") == 0
        assert RuleBand.objects.filter(rule__organization=house.parent).delete()[0] == 0
        assert not RuleRecipient.objects.filter(rule__organization=house.parent).exists()
        assert not Client.objects.filter(organization=house.parent).exists()


def test_a_balance_of_a_service_above_is_found_with_its_service(house: House) -> None:
    common = Service.objects.get(organization=house.parent)
    Balance.objects.filter(organization=house.left).update(service=common)
    for actor in (_member(house.left), _customer(house.left)):
        with wall.raised_for(actor):
            assert Balance.objects.select_related("service").get().service == common


def test_an_owner_makes_an_organization_below_its_own_and_goes_on_with_it(house: House) -> None:
    with wall.raised_for(_member(house.left)):
        made = Organization.objects.create(code="new", name="New", parent=house.left)
        assert Client.objects.create(organization=made, code="c", name="C").pk
        _refused(lambda: Organization.objects.create(code="top", name="Top"), "row-level security")


def test_a_customer_changes_nothing_but_its_own_name_and_language(house: House) -> None:
    customer = _customer(house.left)
    with wall.raised_for(customer):
        _refused(lambda: Client.objects.update(name="Changed"), "permission denied")
        _refused(lambda: CallNote.objects.all().delete(), "permission denied")
        _refused(lambda: User.objects.update(is_superuser=True), "permission denied")
        assert User.objects.update(language="kk") == 1
    assert User.objects.get(language="kk").pk == customer.user_id


def test_nobody_behind_the_wall_makes_a_superuser(house: House) -> None:
    with wall.raised_for(_member(house.left)):
        _refused(lambda: User.objects.update(is_superuser=True), "row-level security")


def test_what_one_signs_in_with_is_seen_by_oneself_only(house: House) -> None:
    authenticators = apps.get_model("mfa", "Authenticator")._default_manager
    anna, left = User.objects.create_user("anna@x.test"), User.objects.get(email="left@staff.test")
    Membership.objects.create(user=anna, organization=house.left, role=Role.OWNER)
    for user in (anna, left):
        authenticators.create(user=user, type="totp", data={"secret": user.email})
    for actor in (left.as_actor(), left.as_customer()):
        with wall.raised_for(actor):
            assert [one.user_id for one in authenticators.all()] == [left.pk]


def test_people_are_seen_by_those_who_share_an_organization_with_them(house: House) -> None:
    with wall.raised_for(_member(house.left)):
        assert [user.email for user in User.objects.all()] == ["left@staff.test"]
    alone = User.objects.create_user("alone@staff.test")
    with wall.raised_for(alone.as_actor()):
        assert [user.email for user in User.objects.all()] == ["alone@staff.test"]
        assert not Membership.objects.exists()


@pytest.mark.parametrize("actor", ["member", "customer"])
def test_the_wall_cannot_be_taken_apart_from_behind_it(house: House, actor: str) -> None:
    with wall.raised_for(_member(house.parent) if actor == "member" else _customer(house.parent)):
        for attempt in (
            "alter table client disable row level security",
            "alter table entry disable trigger all",
            "drop policy wall_staff_sees on client",
            "truncate client",
            "create table loot as select 1",
            "set session_replication_role = replica",
            "alter role current_user superuser",
        ):
            _refused(partial(_raw, attempt), "must be owner|permission denied|Only roles")


def test_the_audit_and_the_entries_only_grow_behind_the_wall_too(house: House) -> None:
    with wall.raised_for(_member(house.parent)):
        _refused(lambda: AuditRecord.objects.all().delete(), "append-only")
        _refused(lambda: Entry.objects.update(amount=1), "append-only")


def test_the_audit_is_written_from_behind_the_wall_but_not_forged(house: House) -> None:
    member = _member(house.left)
    with wall.raised_for(member):
        _refused(
            lambda: AuditRecord.objects.create(organization=house.left, actor="b", action="x", subject="y"),
            "row-level security",
        )
        audit.saw(member, "a message", house.left, "10.0.0.1", NOW)
        assert AuditRecord.objects.filter(action="data.seen", subject="a message").count() == 1


def test_tables_that_help_matching_are_read_only_for_members_and_closed_to_customers(house: House) -> None:
    with wall.raised_for(_member(house.parent)):
        assert not SegmentRule.objects.exists()
        _refused(lambda: Segment.objects.create(facets=[1]), "permission denied")
    with wall.raised_for(_customer(house.left)):
        _refused(lambda: list(Segment.objects.all()), "permission denied")
