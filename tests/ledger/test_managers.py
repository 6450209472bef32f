"""Whose clients run out: a manager's own list, read by key, and what becomes of it when people and clients move."""

from datetime import timedelta

import pytest
from django.db import connection

from ostatok import pipeline
from ostatok.ledger import run_out, searching
from ostatok.ledger.models import Account, Balance, Outlook
from ostatok.ledger.run_out import RunOut
from ostatok.ledger.searching import Search
from ostatok.parties import wall
from ostatok.parties.access import Actor, Member, Role
from ostatok.parties.models import Client, Membership, Organization, User
from tests.ledger.shop import NOW, Shop

pytestmark = pytest.mark.django_db
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)


@pytest.fixture
def olga() -> User:
    return User.objects.create_user("olga@shop.test")


@pytest.fixture
def shop(olga: User) -> Shop:
    """Three clients who run out, of whom Olga looks after the first; she works there."""
    shop = Shop()
    Membership.objects.create(user=olga, organization=shop.organization, role=Role.CLERK)
    for code, manager in (("one", olga), ("two", None), ("three", None)):
        client = Client.objects.create(organization=shop.organization, code=code, name=code, manager=manager)
        account = Account.objects.create(organization=shop.organization, number=code, client=client)
        Balance.objects.create(
            organization=shop.organization, number=code, service=shop.minutes.service, account=account
        )
        with shop.changing() as effects:
            effects.accounts_changed([account.pk])
        shop.post(
            shop.entry("top_up", "100", account=code),
            shop.entry("charge", "96", account=code, occurred_at=NOW - HOUR),
        )
    pipeline.refresh_outlook(now=shop.now)
    return shop


def clerk(shop: Shop) -> Actor:
    return Member(user_id=1, name="clerk", roles={shop.organization.pk: Role.CLERK})


def mine(shop: Shop, manager: User) -> list[str]:
    """The numbers of the accounts of this manager's clients, behind the wall."""
    wanted = RunOut(since=NOW - WEEK, until=NOW + WEEK, manager=manager.pk)
    with wall.raised_for(clerk(shop)):
        return sorted(one.balance.number for one in run_out.outlooks(clerk(shop), wanted).items)


def test_a_manager_has_a_list_of_her_own(shop: Shop, olga: User) -> None:
    assert mine(shop, olga) == ["one"]
    assert mine(Shop(), olga) == []


def test_a_client_stands_in_the_list_as_soon_as_it_is_given_to_her(shop: Shop, olga: User) -> None:
    Client.objects.filter(code="two").update(manager=olga)
    assert mine(shop, olga) == ["one", "two"]
    Client.objects.filter(code="one").update(manager=None)
    assert mine(shop, olga) == ["two"]


def test_an_account_that_moves_to_another_client_moves_to_its_manager(shop: Shop, olga: User) -> None:
    Account.objects.filter(number="three").update(client=Client.objects.get(code="one"))
    assert mine(shop, olga) == ["one", "three"]


def test_a_refresh_that_read_the_manager_before_does_not_have_the_last_word(shop: Shop, olga: User) -> None:
    Client.objects.filter(code="two").update(manager=olga)
    Outlook.objects.filter(balance__number="two").update(manager=None)
    pipeline.refresh_outlook(now=shop.now + HOUR)
    assert mine(shop, olga) == ["one", "two"]


def test_a_new_day_keeps_managers(shop: Shop, olga: User) -> None:
    pipeline.refresh_outlook(now=shop.now, whole=True)
    assert mine(shop, olga) == ["one"]


def test_when_a_manager_goes_her_clients_have_none(shop: Shop, olga: User) -> None:
    olga.delete()
    assert not Client.objects.exclude(manager=None).exists()
    assert not Outlook.objects.exclude(manager=None).exists()


def test_who_loses_the_last_role_above_a_client_is_not_its_manager(shop: Shop, olga: User) -> None:
    root = Organization.objects.create(code="root", name="Root")
    Organization.objects.filter(pk=shop.organization.pk).update(parent=root)
    Membership.objects.create(user=olga, organization=root, role=Role.LOOK)
    Membership.objects.get(user=olga, organization=shop.organization).delete()
    assert mine(shop, olga) == ["one"]
    Membership.objects.get(user=olga).delete()
    assert mine(shop, olga) == []


def test_an_organization_that_moves_leaves_the_managers_above_it_behind(shop: Shop, olga: User) -> None:
    root = Organization.objects.create(code="root", name="Root")
    Organization.objects.filter(pk=shop.organization.pk).update(parent=root)
    Membership.objects.filter(user=olga).update(organization=root)
    assert mine(shop, olga) == ["one"]
    Organization.objects.filter(pk=shop.organization.pk).update(parent=None)
    assert mine(shop, olga) == []


def test_clients_are_found_by_their_manager(shop: Shop, olga: User) -> None:
    with wall.raised_for(clerk(shop)):
        found = searching.clients(clerk(shop), Search(manager=olga.pk))
        assert [one.code for one in found.items] == ["one"]
        assert [one.code for one in searching.clients(clerk(shop), Search(text="tw", manager=olga.pk)).items] == []


@pytest.mark.parametrize("hers", [50, 10_000, 20_000])
def test_a_managers_list_costs_what_it_shows_however_many_are_hers(shop: Shop, olga: User, hers: int) -> None:
    _many(shop, olga, 20_000, hers)
    wanted = RunOut(since=NOW - WEEK, until=NOW + WEEK, manager=olga.pk)
    assert len(run_out.outlooks(clerk(shop), wanted).items) <= 50
    with connection.cursor() as cursor:
        cursor.execute(
            "explain (analyze, format json) select organization_id, balance_id from outlook where manager_id = %s"
            " and runs_out_at > %s and runs_out_at <= %s and organization_id = any (%s)"
            " order by runs_out_at, balance_id limit 51",
            [olga.pk, NOW - WEEK, NOW + WEEK, [shop.organization.pk]],
        )
        plan = cursor.fetchone()[0][0]["Plan"]
    [scan] = plan["Plans"]
    assert scan["Node Type"] == "Index Scan"
    assert scan["Actual Rows"] == 51 or hers == 50
    assert scan.get("Rows Removed by Filter", 0) <= 51


def _many(shop: Shop, olga: User, count: int, hers: int) -> None:
    """So many lines of the outlook more, of which `hers` are hers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into outlook (organization_id, balance_id, service_id, manager_id, band, base, amount, held,"
            " daily_use, runs_out_at, used, net, day, seq, as_of)"
            " select organization_id, -n, service_id, case when n %% %s = 0 then %s end, band, base, amount, held,"
            " daily_use, runs_out_at + n * interval '1 second', used, net, day, seq, as_of"
            " from outlook, generate_series(1, %s) n where balance_id = (select min(balance_id) from outlook)",
            [count // hers, olga.pk, count],
        )
        cursor.execute("analyze outlook")
