"""The start page: the panel of seed 000."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from ostatok.ledger.models import Balance, EntryKind, Service
from ostatok.parties.access import Role
from ostatok.parties.models import Client, ClientUser, Organization, User
from tests import faces
from tests.cabinet.reading import text
from tests.faces import MARKER, World


def start(browser: Browser, language: str = "en") -> str:
    answer = browser.get("/cabinet/", headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_panel_shows_what_is_left_of_each_service_and_the_tax_id(browser: Browser) -> None:
    page = text(start(browser))
    assert "7812345678" in page
    assert "15 minutes of 100 min" in page
    assert "1,700 minutes of 2,000 min" in page
    assert "₸400.00" in page or "400.00 ₸" in page or "KZT 400.00" in page


def test_each_amount_has_its_bar_with_a_sentence_for_those_who_hear(browser: Browser) -> None:
    labels = re.findall(r'class="bar"[^>]*aria-label="([^"]+)"', start(browser))
    assert len(labels) == 3
    assert any("15" in label and "100" in label and "%" in label for label in labels)


def test_the_panel_says_what_100_per_cent_is_and_of_which_day(browser: Browser) -> None:
    assert "100 % is the last top-up, " in text(start(browser))


def test_the_panel_says_until_when_it_lasts(browser: Browser) -> None:
    page = text(start(browser))
    assert re.search(r"АД: 15 minutes left, enough until ", page)
    assert "At this rate it lasts until" in page


def test_what_another_billing_stated_says_as_of_when(browser: Browser, world: World) -> None:
    Balance.objects.filter(pk=world.balance("100001", "ad").pk).update(as_of=faces.NOW - timedelta(days=1))
    page = text(start(browser))
    assert page.count("As of yesterday") == 1


def test_the_link_to_pay_is_the_services_own_else_the_operators(browser: Browser, world: World) -> None:
    Organization.objects.filter(code="energo").update(top_up_url="https://pay.energo.test/")
    Service.objects.filter(organization=world.north, code="ad").update(top_up_url="https://pay.energo.test/ad")
    page = start(browser)
    assert page.count('href="https://pay.energo.test/ad"') == 1
    assert page.count('href="https://pay.energo.test/"') == 2


def test_the_operator_can_be_reached(browser: Browser, world: World) -> None:
    Organization.objects.filter(code="energo").update(phone="8 800 555-01-48")
    page = start(browser)
    assert 'href="tel:88005550148"' in page
    assert 'href="mailto:ops@north.test"' in page


def test_it_speaks_the_readers_language(browser: Browser) -> None:
    assert "15 минут" in text(start(browser, "ru"))


def test_nothing_of_anybody_else_is_on_it(browser: Browser, stranger: Browser, world: World) -> None:
    assert MARKER not in start(browser)
    theirs = text(start(stranger))
    assert MARKER in theirs
    assert "Ромашка и партнёры" in theirs
    assert "100001" not in theirs


def test_several_clients_stand_under_their_names(browser: Browser, world: World) -> None:
    ClientUser.objects.create(user=world.customer, client=world.clients["tszh"])
    page = text(start(browser))
    assert "ООО «Ромашка и партнёры»" in page
    assert "ТСЖ «Академическая, 14, корпус 2»" in page
    assert "Account 100001" in page
    assert "Account 100003" in page


def test_who_has_two_operators_pays_each_with_its_own(browser: Browser, world: World) -> None:
    for code in ("north", "south"):
        Organization.objects.filter(code=code).update(top_up_url=f"https://pay.{code}.test/")
    northern = start(browser).count('href="https://pay.north.test/"')
    there = Client.objects.filter(organization=world.south, accounts__number="200001").get()
    ClientUser.objects.create(user=world.customer, client=there)
    page = start(browser)
    assert page.count('href="https://pay.north.test/"') == northern > 0
    assert page.count('href="https://pay.south.test/"') > 0


def test_many_accounts_come_in_pages(browser: Browser, world: World) -> None:
    accounts = [
        {"organization": "north", "number": f"30000{number}", "client": "romashka", "services": ["ad"]}
        for number in range(1, 8)
    ]
    faces.describe({"accounts": accounts})
    first = start(browser)
    assert first.count("data-account") == 6
    [after] = re.findall(r'rel="next" href="([^"]+)"', first)
    second = browser.get("/cabinet/" + html.unescape(after)).content.decode()
    assert second.count("data-account") == 2


def test_more_accounts_cost_no_more_queries(browser: Browser, world: World) -> None:
    start(browser)  # the session is written down once a minute
    with CaptureQueriesContext(connection) as one:
        start(browser)
    accounts = [
        {"organization": "north", "number": f"30000{number}", "client": "romashka", "services": ["ad", "appps"]}
        for number in range(1, 6)
    ]
    faces.describe({"accounts": accounts})
    with CaptureQueriesContext(connection) as six:
        assert start(browser).count("data-account") == 6
    assert len(six) == len(one)


def test_a_client_without_accounts_is_told_what_will_be_here(world: World) -> None:
    empty = Client.objects.create(organization=world.north, code="new", name="ИП Новый")
    user = User.objects.create_user("new@new.test", faces.PASSWORD, language="en")
    ClientUser.objects.create(user=user, client=empty)
    page = text(start(faces.signed_in(user)))
    assert "No accounts yet" in page
    assert "Nothing so far" in page


def test_a_balance_never_posted_to_is_not_zero(world: World) -> None:
    user = User.objects.create_user("quiet@north.test", faces.PASSWORD, language="en")
    ClientUser.objects.create(user=user, client=world.clients["quiet"])
    page = text(start(faces.signed_in(user)))
    assert "not known yet" in page
    assert "Nothing was posted yet, so nobody knows what is left." in page


def test_a_balance_below_zero_says_so(browser: Browser, world: World) -> None:
    faces.post(world.north, ("100001", "ad", EntryKind.CHARGE, "20", timedelta(hours=1)))
    page = text(start(browser))
    assert "АД: nothing is left." in page
    assert "below zero" in page


@pytest.mark.parametrize("role", Role)
def test_staff_who_are_no_customers_find_nothing_there(world: World, role: Role) -> None:
    assert world.member(role).get("/cabinet/").status_code == 404


def test_nobody_is_asked_to_sign_in(client: Browser, db: None) -> None:
    assert client.get("/cabinet/")["Location"] == "/account/login/?next=/cabinet/"


def test_who_is_staff_and_customer_sees_in_the_cabinet_only_what_is_theirs(world: World) -> None:
    owner = world.staff["north", Role.OWNER]
    ClientUser.objects.create(user=owner, client=world.clients["tszh"])
    page = text(start(faces.signed_in(owner)))
    assert "100003" in page
    assert "100001" not in page
