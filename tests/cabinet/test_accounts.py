"""Accounts, and the statement of one: every entry, for any period, of one's own only."""

import csv
import html
import re
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.test import Client as Browser

from ostatok import pipeline
from ostatok.ledger.entries import NewEntry
from ostatok.ledger.models import EntryKind
from ostatok.parties.access import Role
from ostatok.parties.models import AuditRecord, ClientUser
from tests import faces
from tests.cabinet.reading import text
from tests.faces import MARKER, World

DAY = timedelta(days=1)
MOSCOW = ZoneInfo("Europe/Moscow")


def page(browser: Browser, world: World, number: str = "100001", query: str = "") -> str:
    answer = browser.get(f"/cabinet/accounts/{world.accounts[number].pk}/{query}", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    return answer.content.decode()


def amounts(shown: str) -> list[str]:
    """The amounts of the statement, from the newest."""
    return [amount for amount, _ in figures(shown)]


def figures(shown: str) -> list[tuple[str, ...]]:
    """The amounts of the statement, each with what was left after it, from the newest."""
    entries = shown.partition('aria-label="Entries"')[2]
    cells = re.findall(r'<td class="num">([^<]+)</td><td class="num">([^<]+)</td>', entries)
    return [tuple(html.unescape(cell).replace("\xa0", " ") for cell in pair) for pair in cells]


def file(browser: Browser, world: World, query: str = "?service=ad", language: str = "en") -> list[list[str]]:
    """The rows of the statement as a file."""
    path = f"/cabinet/accounts/{world.accounts['100001'].pk}/statement.csv{query}"
    answer = browser.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    content = b"".join(answer).decode().lstrip("\ufeff")
    return list(csv.reader(content.splitlines(), delimiter=";" if ";" in content.partition("\n")[0] else ","))


def test_the_list_has_each_account_with_what_is_left(browser: Browser, world: World) -> None:
    ClientUser.objects.create(user=world.customer, client=world.clients["tszh"])
    told = text(browser.get("/cabinet/accounts/", headers={"Accept-Language": "en"}).content.decode())
    assert "100001" in told
    assert "АД: 15 minutes" in told
    assert "100003" in told
    assert "100002" not in told
    assert MARKER not in told


def test_an_account_says_whose_it_is(browser: Browser, world: World) -> None:
    told = text(page(browser, world))
    assert "Account 100001" in told
    assert "ООО «Ромашка и партнёры»" in told
    assert "7812345678" in told


def test_the_statement_has_every_entry_newest_first(browser: Browser, world: World) -> None:
    shown = page(browser, world, query="?service=ad")
    assert amounts(shown) == ["−45 min", "−40 min", "+100 min"]
    assert "Top-up" in shown
    assert amounts(page(browser, world, query="?service=appps")) == ["−300 min", "+2,000 min"]


def test_the_statement_says_what_was_left_after_each_entry(browser: Browser, world: World) -> None:
    assert figures(page(browser, world, query="?service=ad")) == [
        ("−45 min", "15 min"),
        ("−40 min", "60 min"),
        ("+100 min", "100 min"),
    ]
    day = (faces.NOW - 4 * DAY).astimezone(MOSCOW).date()
    shown = page(browser, world, query=f"?service=ad&since={day}&until={day}")
    assert figures(shown) == [("−40 min", "60 min")]


def test_what_there_is_little_of_stands_first(browser: Browser, world: World) -> None:
    shown = page(browser, world)
    services = re.findall(r'<section class="card" aria-label="([^"]+)">', shown)
    assert services[0] == "АД"
    assert "Statement: АД" in text(shown)


def test_a_statement_is_taken_out_as_a_file(browser: Browser, world: World) -> None:
    head, *rows = file(browser, world)
    assert head[4:6] == ["Amount", "What was left"]
    assert [row[4:7] for row in rows] == [["-45", "15", "min"], ["-40", "60", "min"], ["100", "100", "min"]]
    day = (faces.NOW - 4 * DAY).astimezone(MOSCOW).date()
    assert [row[4] for row in file(browser, world, f"?service=ad&since={day}&until={day}")[1:]] == ["-40"]
    acts = AuditRecord.objects.filter(action="data.exported", organization=world.north)
    assert {act.subject for act in acts} == {"statement of account 100001, ad"}


def test_a_file_has_no_formula_and_is_of_days_that_there_are(browser: Browser, world: World) -> None:
    entry = NewEntry(
        position=1,
        account="100001",
        service="ad",
        kind=EntryKind.CHARGE,
        amount=Decimal(1),
        occurred_at=faces.NOW,
        ref="formula",
        memo="=1+1",
    )
    pipeline.post(organization_id=world.north.pk, new=[entry], now=faces.NOW)
    assert file(browser, world)[1][1] == "'=1+1"
    there = f"/cabinet/accounts/{world.accounts['100001'].pk}/"
    answer = browser.get(f"{there}statement.csv?since=2026-03-02&until=2026-03-01")
    assert answer["Location"] == f"{there}?since=2026-03-02&until=2026-03-01"
    assert browser.get(f"{there}statement.csv?service=gas").status_code == 404


def test_a_late_entry_says_when_it_was_posted(browser: Browser, world: World) -> None:
    faces.post(world.north, ("100001", "internet", EntryKind.CHARGE, "7", 10 * DAY))
    [line] = re.findall(r"<tr>.*?</tr>", page(browser, world, query="?service=internet").rpartition("<tbody>")[2])[:1]
    assert "posted" in text(line)


def test_a_period_shows_its_days_only_and_what_came_and_went(browser: Browser, world: World) -> None:
    today = faces.NOW.astimezone(MOSCOW).date()
    shown = page(browser, world, query=f"?service=ad&since={today - 5 * DAY}&until={today}")
    assert amounts(shown) == ["−45 min", "−40 min"]
    assert "In this period: 0 min came, −85 min went." in re.sub(r"\s+([,.])", r"\1", text(shown))


def test_a_period_counts_days_on_the_clients_clock(browser: Browser, world: World) -> None:
    late = faces.NOW.replace(hour=22, minute=30) - 10 * DAY
    faces.post(world.north, ("100001", "internet", EntryKind.CHARGE, "7", faces.NOW - late))
    moscow_day = (late + timedelta(hours=3)).date()
    assert moscow_day != late.date()
    shown = page(browser, world, query=f"?service=internet&since={moscow_day}&until={moscow_day}")
    assert len(amounts(shown)) == 1
    assert amounts(page(browser, world, query=f"?service=internet&since={late.date()}&until={late.date()}")) == []


def test_days_in_the_wrong_order_are_told_at_their_field(browser: Browser, world: World) -> None:
    shown = page(browser, world, query="?since=2026-03-02&until=2026-03-01")
    assert 'id="id_until_error"' in shown
    assert len(amounts(shown)) == 3
    assert 'id="id_since_error"' in page(browser, world, query="?since=yesterday")


def test_the_chart_tells_the_same_in_words(browser: Browser, world: World) -> None:
    told = text(page(browser, world, query="?service=ad"))
    assert "The figures as a table" in told
    assert re.search(
        r'class="chart"[^>]*aria-label="АД since [^"]*15.min left', page(browser, world, query="?service=ad")
    )


def test_a_long_statement_comes_in_pages(browser: Browser, world: World) -> None:
    charges = [("100001", "ad", EntryKind.CHARGE, "0.1", timedelta(minutes=minute)) for minute in range(40)]
    faces.post(world.north, *charges)
    first = page(browser, world, query="?service=ad")
    assert len(amounts(first)) == 30
    [after] = re.findall(r'rel="next" href="([^"]+)"', first)
    second = page(browser, world, query=html.unescape(after))
    assert len(amounts(second)) == 13
    assert amounts(second)[-1] == "+100 min"


def test_a_service_that_is_not_on_the_account_is_not_there(browser: Browser, world: World) -> None:
    there = f"/cabinet/accounts/{world.accounts['100001'].pk}/"
    assert browser.get(f"{there}?service=gas").status_code == 404


def test_a_memo_cannot_write_into_the_page(browser: Browser, world: World) -> None:
    account = world.accounts["100001"]
    account.address = "<script>alert(1)</script>"
    account.save()
    assert "<script>alert" not in page(browser, world)


@pytest.mark.parametrize("number", ["100002", "200001"])
def test_an_account_of_somebody_else_is_not_there(browser: Browser, world: World, number: str) -> None:
    assert browser.get(f"/cabinet/accounts/{world.accounts[number].pk}/").status_code == 404
    assert browser.get(f"/cabinet/accounts/{world.accounts[number].pk}/statement.csv").status_code == 404


def test_to_a_stranger_it_is_not_there(stranger: Browser, world: World) -> None:
    assert stranger.get(f"/cabinet/accounts/{world.accounts['100001'].pk}/").status_code == 404


def test_staff_find_it_in_the_console_not_here(world: World) -> None:
    there = f"/cabinet/accounts/{world.accounts['100001'].pk}/"
    assert world.member(Role.OWNER).get(there).status_code == 404


def test_nobody_signs_in_first(client: Browser, world: World) -> None:
    there = f"/cabinet/accounts/{world.accounts['100001'].pk}/"
    assert client.get(there)["Location"] == f"/account/login/?next={there}"
