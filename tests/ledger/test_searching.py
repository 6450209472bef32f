"""Clients and accounts are found by parts of what they are called, by whoever may see them."""

import pytest
from django.db import DatabaseError, connection, transaction

from ostatok import pipeline
from ostatok.kernel.slices import Slice
from ostatok.ledger import searching
from ostatok.ledger.models import Account
from ostatok.ledger.searching import Search
from ostatok.ledger.standing import Band
from ostatok.parties import wall
from ostatok.parties.access import Actor, Customer, Member, Role, System
from ostatok.parties.models import Client, ClientGroup, Organization
from tests.ledger.shop import Shop

pytestmark = pytest.mark.django_db

NAMES = {
    "rom": ("ООО «Ромашка и партнёры»", "7812345678", "+7 921 000-00-01", "Kassa_1@romashka.mail.test"),
    "tszh": ("ТСЖ «Академическая, 14, корпус 2»", "7814567890", "8 (812) 555-01-48", "tszh14@mail.test"),
    "kas": ("ИП Қасымова Әйгерім", "880101300123", "", ""),
}


@pytest.fixture
def north() -> Organization:
    root = Organization.objects.create(code="root", name="Root")
    north = Organization.objects.create(code="north", name="North", parent=root)
    south = Organization.objects.create(code="south", name="South", parent=root)
    for organization in (north, south):
        for code, (name, tax_id, phone, email) in NAMES.items():
            more = {"name": name, "tax_id": tax_id, "phone": phone, "email": email}
            client = Client.objects.create(organization=organization, code=f"{organization.code}-{code}", **more)
            Account.objects.create(
                organization=organization, number=f"{client.pk:06}", client=client, address="Садовая ул., 12"
            )
    return north


def clerk(organization: Organization) -> Member:
    return Member(user_id=1, name="clerk", roles={organization.pk: Role.CLERK})


def codes(found: Slice[Client]) -> list[str]:
    return [client.code for client in found.items]


def find(actor: Actor, text: str = "", **more: object) -> list[str]:
    """What is found behind the wall; what is found before it is the same."""
    search = Search(text=text, **more)  # type: ignore[arg-type]
    with wall.raised_for(actor):
        found = codes(searching.clients(actor, search))
    assert codes(searching.clients(actor, search)) == found
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("машк", ["north-rom"]),
        ("РОМАШКА", ["north-rom"]),
        ("партнеры ромашка", ["north-rom"]),
        ('ооо "Ромашка"', ["north-rom"]),
        ("ӘЙГЕРІМ", ["north-kas"]),
        ("rth-tsz", ["north-tszh"]),
        ("781456", ["north-tszh"]),
        ("9210000001", ["north-rom"]),
        ("8 921 000 00 01", ["north-rom"]),
        ("+7 (812) 555-01", ["north-tszh"]),
        ("ак", ["north-tszh"]),
        ("м", []),
        ("14 академическая", ["north-tszh"]),
        ("садовая", ["north-kas", "north-rom", "north-tszh"]),
        ("ромашка академическая", []),
        ("kassa_1@ROMASHKA.mail.test", ["north-rom"]),
        ("kassa_1@", ["north-rom"]),
        ("kassa11@", []),
        ("k%1@romashka", []),
        ("14@mail", ["north-tszh"]),
        ("@romashka", ["north-rom"]),
        ("@mail.test", ["north-tszh"]),
        ("mail", []),
        ("@", ["north-kas", "north-rom", "north-tszh"]),
        ("%", ["north-kas", "north-rom", "north-tszh"]),
        ("_ома", ["north-rom"]),
        ("' or true --", []),
    ],
)
def test_a_client_is_found_by_what_is_written_of_it(north: Organization, text: str, found: list[str]) -> None:
    assert find(clerk(north), text) == found


def test_a_client_is_found_by_the_number_of_its_account(north: Organization) -> None:
    account = Account.objects.get(client__code="north-rom")
    assert find(clerk(north), account.number) == ["north-rom"]
    assert find(clerk(north), account.number[1:]) == ["north-rom"]


def test_an_account_is_found_by_its_number_its_address_and_its_client(north: Organization) -> None:
    account = Account.objects.get(client__code="north-rom")
    for text in (account.number, "ромашка", "7812345678", "kassa_1@romashka"):
        with wall.raised_for(clerk(north)):
            assert list(searching.accounts(clerk(north), Search(text=text)).items) == [account]
    with wall.raised_for(clerk(north)):
        assert len(searching.accounts(clerk(north), Search(text="садов 12")).items) == 3


def test_everybody_finds_what_lies_in_their_reach_only(north: Organization) -> None:
    root = Organization.objects.get(code="root")
    assert len(find(System(), "ромашка")) == len(find(clerk(root), "ромашка")) == 2
    assert find(clerk(root), "ромашка", organization=north.pk) == ["north-rom"]
    assert find(clerk(north), "ромашка", organization=Organization.objects.get(code="south").pk) == []
    assert len(find(System(), "@romashka")) == len(find(clerk(root), "@romashka")) == 2
    assert find(clerk(north), "@romashka") == ["north-rom"]
    assert find(Member(user_id=1, name="nobody", roles={}), "ромашка") == []
    customer = Customer(user_id=1, name="c", clients=(Client.objects.get(code="north-rom").pk,))
    assert find(customer, "ромашка") == []


def test_the_wall_holds_where_the_door_was_forgotten(north: Organization) -> None:
    question = (
        "select search_clients('{}', null, null, null, null, null, null, null, null, null, null, false, 50)"
        " union all select search_accounts('{}', null, null, null, null, null, null, null, false, 50)"
    )
    with wall.raised_for(clerk(north)), connection.cursor() as cursor:
        cursor.execute(question)
        assert len(cursor.fetchall()) == 3 + 3
    customer = Customer(user_id=1, name="c", clients=(1,))
    refused = pytest.raises(DatabaseError, match="permission denied")
    with wall.raised_for(customer), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(question)


@pytest.mark.parametrize(("text", "cut"), [("гараж", True), ("семнадцатый", False), ("гараж 17", False), ("", False)])
def test_a_search_says_when_more_fits_than_it_tells(north: Organization, text: str, cut: bool) -> None:
    owner = Client.objects.create(organization=north, code="g", name="Гараж семнадцатый")
    Account.objects.bulk_create(
        Account(organization=north, number=f"G{n:05}", client=owner, address="Гараж") for n in range(1_000)
    )
    with wall.raised_for(clerk(north)):
        assert searching.accounts_are_cut(clerk(north), Search(text=text)) is (cut or text == "семнадцатый")
        assert searching.clients_are_cut(clerk(north), Search(text=text)) is cut
    south = Organization.objects.get(code="south")
    with wall.raised_for(clerk(south)):
        assert not searching.clients_are_cut(clerk(south), Search(text=text))


def test_lists_go_on_from_a_key_in_both_directions(north: Organization) -> None:
    for text in ("", "садовая"):
        search, actor = Search(text=text), clerk(north)
        first = searching.clients(actor, search, size=2)
        assert (codes(first), first.more) == (["north-kas", "north-rom"], True)
        key = (first.items[-1].name, first.items[-1].pk)
        second = searching.clients(actor, search, after=key, size=2)
        assert (codes(second), second.more) == (["north-tszh"], False)
        back = searching.clients(actor, search, before=(second.items[0].name, second.items[0].pk), size=1)
        assert (codes(back), back.more) == (["north-rom"], True)


def test_clients_are_narrowed_by_status_group_and_tag(north: Organization) -> None:
    rom = Client.objects.get(code="north-rom")
    rom.groups.add(group := ClientGroup.objects.create(organization=north, code="vip", name="VIP"))
    Client.objects.filter(pk=rom.pk).update(tags=["fibre"], status="suspended")
    actor = clerk(north)
    assert find(actor, group=group.pk) == find(actor, tag="fibre") == find(actor, statuses=["suspended"])
    assert find(actor, statuses=["suspended"]) == ["north-rom"]
    assert find(actor, "ромашка", statuses=["active"]) == []
    assert find(actor, tag="' or true --") == []


def test_clients_and_accounts_are_narrowed_by_service_and_band() -> None:
    shop = Shop()
    shop.post(shop.entry("top_up", "100"), shop.entry("charge", "85"))
    pipeline.refresh_outlook(now=shop.now)
    actor = clerk(shop.organization)
    for search, found in (
        (Search(band=Band.LOW), 1),
        (Search(band=Band.OK), 0),
        (Search(service=shop.minutes.service_id, band=Band.LOW), 1),
        (Search(service=shop.money.service_id, band=Band.LOW), 0),
        (Search(service=shop.money.service_id), 1),
        (Search(service=0), 0),
    ):
        with wall.raised_for(actor):
            assert len(searching.clients(actor, search).items) == found
            assert len(searching.accounts(actor, search).items) == found
