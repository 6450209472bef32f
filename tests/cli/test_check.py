"""`ostatok check` proves balances, and says of each that differs how."""

from django.db import connection

from ostatok.ledger.models import Balance, EntryKind
from tests.cli.conftest import Desk
from tests.intake.description.test_rules import post


def test_balances_that_follow_from_their_entries_are_counted(operator: Desk) -> None:
    post("op", ("2", "net", EntryKind.TOP_UP, "100"), ("2", "net", EntryKind.CHARGE, "0.01"))
    said = operator.run("check")
    assert (said.status, said.output) == (0, "balances proved from their entries: 3, differing: 0\n")


def test_a_balance_that_differs_by_a_second_is_told_to_the_second(operator: Desk) -> None:
    post("res", ("1", "voice", EntryKind.TOP_UP, "100"))
    Balance.objects.filter(service__code="voice").update(amount=5999)
    said = operator.run("check")
    assert said.status == 1
    assert said.output.splitlines() == [
        "account 1, service voice: holds 5999 s, its entries make 100 min",
        "balances proved from their entries: 3, differing: 1",
    ]


def test_another_epoch_or_order_is_told_too(operator: Desk) -> None:
    post("op", ("2", "net", EntryKind.TOP_UP, "100"), ("2", "net", EntryKind.CHARGE, "1"))
    Balance.objects.filter(number="2").update(epoch=0, seq=1)
    assert operator.run("check").output.splitlines()[:2] == [
        "account 2, service net: counts 1 looks, its last entry is number 2",
        "account 2, service net: lives on top-up 0, its entries say 1",
    ]


def test_entries_without_a_balance_are_found(operator: Desk) -> None:
    post("op", ("2", "net", EntryKind.TOP_UP, "100"))
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table balance disable trigger balance_keeps_entries")
        cursor.execute("delete from balance where number = '2'")
    said = operator.run("check", "--json")
    assert said.status == 1
    assert said.data["differing"][0]["explained"][0].endswith("has entries and does not exist")


def test_one_organization_is_checked_with_those_below_it(operator: Desk) -> None:
    Balance.objects.filter(service__code="voice").update(amount=1)
    assert operator.run("check", "--organization", "res", "--json").data["balances"] == 2
    said = operator.run("check", "--organization", "op", "--json")
    assert said.data["balances"] == 3
    assert [(one["account"], one["balance"]) for one in said.data["differing"]] == [("1", "1 s")]
