"""Entries by hand: posted once however often the form is sent, taken back by their opposite."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from psycopg.errors import CheckViolation

from ostatok.ledger.models import Balance, Entry, EntryKind, Service
from ostatok.notices.models import Notice
from ostatok.parties.models import AuditRecord
from tests.console.reading import at, said, seen, words
from tests.faces import NOW, World


def _form(browser: Browser, world: World, **other: Any) -> dict[str, Any]:
    """The form as a browser fills it in: with the ref it came with."""
    page = browser.get(at("post_entry", world.clients["romashka"].pk)).content.decode()
    ref = re.search(r'name="ref" value="([0-9a-f-]+)"', page)
    when = re.search(r'name="occurred_at" value="([0-9T:-]+)"', page)
    assert ref is not None
    assert when is not None
    balance = world.balance("100001", "ad").pk
    return {"kind": 1, "balance": balance, "amount": "100", "ref": ref[1], "occurred_at": when[1], "memo": "", **other}


def _post(browser: Browser, world: World, form: dict[str, Any]) -> str:
    return said(browser.post(at("post_entry", world.clients["romashka"].pk), form, follow=True))


def test_a_top_up_is_posted_and_the_page_says_what_is_left(clerk: Browser, world: World) -> None:
    page = _post(clerk, world, _form(clerk, world, amount="1 000,50", memo="платёж № 7"))
    assert "Posted: АД is now 1,015.5 min." in page
    entry = Entry.objects.get(memo="платёж № 7")
    assert (entry.kind, entry.amount) == (EntryKind.TOP_UP, 60_030)
    assert AuditRecord.objects.filter(action="entry.posted", actor="clerk@north.test").exists()


def test_the_lowest_balance_is_offered_first_with_what_is_left(clerk: Browser, world: World) -> None:
    Service.objects.filter(organization=world.north, code="ad").update(rearm_from=600)
    page = clerk.get(at("post_entry", world.clients["romashka"].pk)).content.decode()
    offered = re.search(r'<select name="balance".*?</select>', page, re.DOTALL)
    assert offered is not None
    assert words(offered[0]).split(" 100001 ")[1] == "· АД: 15 min left"
    assert "A top-up becomes the new 100 %. Smaller ones only add: АД below 10 min." in words(page)


def test_an_entry_is_not_posted_without_its_record(clerk: Browser, world: World) -> None:
    before = Entry.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("alter table audit_record add check (action <> 'entry.posted') not valid")
    with pytest.raises(CheckViolation):
        _post(clerk, world, _form(clerk, world))
    assert Entry.objects.count() == before


def test_a_form_sent_twice_posts_once(clerk: Browser, world: World) -> None:
    form = _form(clerk, world)
    _post(clerk, world, form)
    assert "nothing was posted twice" in _post(clerk, world, form)
    assert world.balance("100001", "ad").amount == 115 * 60
    assert "This form was posted already" in _post(clerk, world, {**form, "amount": "7"})


def test_a_charge_that_enters_a_band_raises_its_notice(clerk: Browser, world: World) -> None:
    page = _post(clerk, world, _form(clerk, world, kind=int(EntryKind.CHARGE), amount="8"))
    assert "1 notice is on its way." in page
    assert Notice.objects.filter(client=world.clients["romashka"], band__upper=10).exists()


def test_what_is_wrong_stands_at_its_field(clerk: Browser, world: World) -> None:
    for other, complaint in (
        ({"amount": "много"}, "This is not an amount."),
        ({"amount": "0"}, "An amount of 0 changes nothing."),
        ({"amount": "-5"}, "Write it without a minus"),
        ({"occurred_at": f"{NOW + timedelta(days=3):%Y-%m-%dT%H:%M}"}, "This is more than a day ahead."),
    ):
        assert complaint in _post(clerk, world, _form(clerk, world, **other))
    assert world.balance("100001", "ad").amount == 15 * 60


def test_a_balance_of_somebody_else_is_no_choice(clerk: Browser, world: World) -> None:
    for account in ("100002", "200001"):
        other = world.balance(account, "ad")
        _post(clerk, world, _form(clerk, world, balance=other.pk))
        assert Balance.objects.get(pk=other.pk).amount == other.amount


def test_an_entry_is_taken_back_once_after_a_question(clerk: Browser, world: World) -> None:
    charge = Entry.objects.get(balance=world.balance("100001", "ad"), amount=-45 * 60)
    page = at("reverse_entry", charge.balance_id, charge.seq)
    assert "Take −45 min back?" in seen(clerk, page)
    assert "Posted: АД is now 60 min." in said(clerk.post(page, follow=True))
    assert "nothing was posted twice" in said(clerk.post(page, follow=True))
    assert world.balance("100001", "ad").amount == 60 * 60


def test_outsiders_find_nothing_to_post_to_and_who_looks_may_not(
    outsider: Browser, looker: Browser, world: World
) -> None:
    entry = Entry.objects.filter(balance=world.balance("100001", "ad")).latest("seq")
    pages = (at("post_entry", world.clients["romashka"].pk), at("reverse_entry", entry.balance_id, entry.seq))
    for page in pages:
        assert (outsider.get(page).status_code, outsider.post(page).status_code) == (404, 404)
        assert looker.post(page).status_code == 403
    assert world.balance("100001", "ad").seq == entry.seq
