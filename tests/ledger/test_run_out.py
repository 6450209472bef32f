"""Whose balance runs out: in order, by reach, service, band, and whether somebody called."""

from datetime import date, datetime, timedelta

import pytest

from ostatok import pipeline
from ostatok.ledger import run_out
from ostatok.ledger.models import Account, Balance, Outlook
from ostatok.ledger.run_out import RunOut
from ostatok.ledger.standing import Band
from ostatok.parties import wall
from ostatok.parties.access import Actor, Customer, Member, Permission, Role, System
from ostatok.parties.models import CallNote, Client
from tests.ledger.shop import NOW, Shop

pytestmark = pytest.mark.django_db
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
LEFT = {"one": "4", "two": "8", "three": "48", "gone": "0", "ok": "900"}


@pytest.fixture
def shop() -> Shop:
    """Five clients more, each with an account that charged 96 minutes today and has so many left."""
    shop = Shop()
    for code, left in LEFT.items():
        client = Client.objects.create(organization=shop.organization, code=code, name=code)
        account = Account.objects.create(organization=shop.organization, number=code, client=client)
        Balance.objects.create(
            organization=shop.organization, number=code, service=shop.minutes.service, account=account
        )
        with shop.changing() as effects:
            effects.accounts_changed([account.pk])
        shop.post(
            shop.entry("top_up", str(int(left) + 96), account=code),
            shop.entry("charge", "96", account=code, occurred_at=NOW - HOUR),
        )
    pipeline.refresh_outlook(now=shop.now)
    return shop


def clerk(shop: Shop) -> Actor:
    return Member(user_id=1, name="clerk", roles={shop.organization.pk: Role.CLERK})


def wanted(**more: object) -> RunOut:
    return RunOut(since=NOW - WEEK, until=NOW + WEEK, **more)  # type: ignore[arg-type]


def listed(actor: Actor, asked: RunOut) -> list[str]:
    """The numbers of the accounts, behind the wall; before it they are the same."""
    with wall.raised_for(actor):
        found = [one.balance.number for one in run_out.outlooks(actor, asked).items]
    assert [one.balance.number for one in run_out.every(actor, asked, Permission.SEE)] == found
    return found


def test_who_ran_out_comes_first_and_then_who_will_soonest(shop: Shop) -> None:
    assert listed(clerk(shop), wanted()) == ["gone", "one", "two", "three"]


def test_the_list_ends_where_it_is_told_to(shop: Shop) -> None:
    assert listed(clerk(shop), RunOut(since=NOW, until=NOW + 2 * HOUR)) == ["one", "two"]


def test_it_is_narrowed_by_service_and_band(shop: Shop) -> None:
    assert listed(clerk(shop), wanted(service="money")) == []
    assert listed(clerk(shop), wanted(service="ad", band=Band.LOWER)) == ["two"]
    assert listed(clerk(shop), wanted(band=Band.CRIT)) == ["gone", "one"]


def test_it_is_narrowed_by_calls_made_lately(shop: Shop) -> None:
    for code, kind, at in (("one", "promised", NOW), ("two", "called", NOW), ("gone", "called", NOW - 2 * WEEK)):
        CallNote.objects.create(
            organization=shop.organization,
            client=Client.objects.get(code=code),
            kind=kind,
            at=at,
            promised_until=date(2026, 11, 25) if kind == "promised" else None,
        )
    since: datetime = NOW - WEEK
    assert listed(clerk(shop), wanted(called=run_out.NOT_CALLED, called_since=since)) == ["gone", "three"]
    assert listed(clerk(shop), wanted(called="promised", called_since=since)) == ["one"]


def test_it_goes_on_from_a_key_in_both_directions(shop: Shop) -> None:
    actor = clerk(shop)
    first = run_out.outlooks(actor, wanted(), size=3)
    assert ([one.balance.number for one in first.items], first.more) == (["gone", "one", "two"], True)
    last = first.items[-1]
    assert last.runs_out_at
    second = run_out.outlooks(actor, wanted(), after=(last.runs_out_at, last.balance_id), size=3)
    assert ([one.balance.number for one in second.items], second.more) == (["three"], False)
    back = run_out.outlooks(actor, wanted(), before=(last.runs_out_at, last.balance_id), size=1)
    assert ([one.balance.number for one in back.items], back.more) == (["one"], True)


def test_nobody_sees_whom_they_do_not_reach(shop: Shop) -> None:
    other = Shop()
    assert listed(clerk(other), wanted()) == []
    assert listed(clerk(other), wanted(organization=shop.organization.pk)) == []
    assert len(listed(System(), wanted())) == 4
    customer = Customer(user_id=1, name="c", clients=(Client.objects.get(code="one").pk,))
    assert list(run_out.outlooks(customer, wanted()).items) == []
    look = Member(user_id=1, name="look", roles={shop.organization.pk: Role.LOOK})
    assert list(run_out.every(look, wanted(), Permission.EXPORT)) == []


def test_clients_are_counted_once_and_up_to_a_bound(shop: Shop) -> None:
    account = Account.objects.get(number="one")
    Account.objects.filter(number="two").update(client=account.client)
    assert run_out.count_clients(clerk(shop), wanted(), most=100) == 3
    assert run_out.count_clients(clerk(shop), wanted(), most=2) == 2
    assert run_out.count_clients(clerk(Shop()), wanted(), most=100) == 0


def test_a_customer_sees_the_outlook_of_its_own_balances_only(shop: Shop) -> None:
    one = Client.objects.get(code="one")
    customer = Customer(user_id=1, name="c", clients=(one.pk,))
    with wall.raised_for(customer):
        assert [each.balance.number for each in Outlook.objects.select_related("balance")] == ["one"]


def test_the_last_note_is_the_newest_and_none_that_is_forgotten(shop: Shop) -> None:
    one, two = (Client.objects.get(code=code) for code in ("one", "two"))
    for client, ago in ((one, 2 * HOUR), (one, HOUR), (one, 3 * HOUR), (two, run_out.CALLED_LATELY)):
        CallNote.objects.create(organization=shop.organization, client=client, kind="called", at=NOW - ago)
    notes = run_out.last_notes([one.pk, two.pk], NOW)
    assert {code: note.at for code, note in notes.items()} == {one.pk: NOW - HOUR}
