"""What we told a client, and what became of each letter."""

import html
import re
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import translation

from ostatok.cabinet import telling
from ostatok.delivery.models import Delivery, DeliveryMessage, DeliveryState
from ostatok.ledger.models import EntryKind
from ostatok.notices.models import Notice
from ostatok.parties.access import Role
from tests import faces
from tests.cabinet.reading import text
from tests.faces import MARKER, World


def notices(browser: Browser, query: str = "", language: str = "en") -> str:
    answer = browser.get(f"/cabinet/notices/{query}", headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def letter(world: World) -> Delivery:
    """The one letter to the client romashka of the north."""
    return Delivery.objects.get(notice__client=world.clients["romashka"])


def settled(letter: Delivery, state: DeliveryState, reason: str = "", detail: str = "") -> None:
    Delivery.objects.filter(pk=letter.pk).update(state=state, reason=reason, detail=detail, settled_at=faces.NOW)


def test_the_finding_leads_and_the_address_is_masked(browser: Browser, letter: Delivery) -> None:
    settled(letter, DeliveryState.SENT)
    told = text(notices(browser))
    assert "АД: 15 minutes left of 100 min." in told
    assert "A letter was sent to r•••@north.test." in told
    assert letter.address not in told


@pytest.mark.parametrize(
    ("state", "reason", "detail", "said"),
    [
        (DeliveryState.WAITING, "", "", "is on its way"),
        (DeliveryState.SENDING, "", "", "is on its way"),
        (DeliveryState.DEAD, "address_refused", "550 5.1.1 mx7.provider.test", "could not be delivered"),
        (DeliveryState.UNKNOWN, "no_reply", "", "whether it arrived is not known"),
        (DeliveryState.DROPPED, "recovered", "14", "No letter was sent: topped up 14"),
        (DeliveryState.DROPPED, "superseded", "", "No letter was sent: overtaken by the next notice"),
        (DeliveryState.DROPPED, "channel_off", "", "No letter was sent."),
    ],
)
def test_what_became_of_a_letter_is_told_in_plain_words(
    browser: Browser, letter: Delivery, state: DeliveryState, reason: str, detail: str, said: str
) -> None:
    settled(letter, state, reason, detail)
    told = text(notices(browser))
    assert said in told
    assert "mx7.provider" not in told
    assert "channel" not in told


def test_it_speaks_the_readers_language(browser: Browser, letter: Delivery) -> None:
    settled(letter, DeliveryState.DROPPED, "recovered", "14")
    assert "15 минут" in text(notices(browser, language="ru"))
    assert "пополнен через 14" in text(notices(browser, language="ru"))


@pytest.mark.parametrize(("language", "said"), [("ru", "осталась 1 минута из"), ("pl", "została 1 minuta z")])
def test_the_word_for_left_agrees_with_the_amount(browser: Browser, letter: Delivery, language: str, said: str) -> None:
    Notice.objects.filter(deliveries=letter).update(amount=60)
    assert said in text(notices(browser, language=language))


def test_a_letter_can_be_read_as_it_was_sent(browser: Browser, letter: Delivery) -> None:
    settled(letter, DeliveryState.SENT)
    DeliveryMessage.objects.create(
        delivery=letter,
        subject="Осталось <b>15</b> минут",
        text="Здравствуйте!\n\nОсталось 15 минут. Пополнить: https://pay.test/ad",
        html="<html><head><title>x</title></head><body><script>alert(1)</script></body></html>",
    )
    [there] = re.findall(r'href="(/cabinet/notices/letters/\d+/)"', notices(browser))
    page = browser.get(there).content.decode()
    assert "Осталось &lt;b&gt;15&lt;/b&gt; минут" in page
    assert "Осталось 15 минут." in text(page)
    assert '<a href="https://pay.test/ad" rel="nofollow">' in page
    assert "alert(1)" not in page
    [frame] = re.findall(r'<iframe [^>]*src="([^"]+)"', page)
    looks = browser.get(frame)
    assert looks["Content-Security-Policy"].startswith(
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src"
    )
    assert looks.content.decode().startswith('<html><head><base target="_blank"><title>')


def test_a_letter_of_somebody_else_is_not_there(browser: Browser, stranger: Browser, world: World) -> None:
    mine = Delivery.objects.get(notice__client=world.clients["romashka"])
    theirs = Delivery.objects.get(notice__client=world.clients["ric"])
    for delivery in (mine, theirs):
        DeliveryMessage.objects.create(delivery=delivery, subject="s", text="t", html="<p>h</p>")
    for end in ("", "html/"):
        assert browser.get(f"/cabinet/notices/letters/{mine.pk}/{end}").status_code == 200
        assert browser.get(f"/cabinet/notices/letters/{theirs.pk}/{end}").status_code == 404
        assert stranger.get(f"/cabinet/notices/letters/{mine.pk}/{end}").status_code == 404
        assert world.member(Role.OWNER).get(f"/cabinet/notices/letters/{mine.pk}/{end}").status_code == 404


def test_what_only_the_operator_is_told_is_not_there(browser: Browser, world: World, letter: Delivery) -> None:
    Delivery.objects.filter(pk=letter.pk).update(recipient="organization")
    DeliveryMessage.objects.create(delivery=letter, subject="s", text="t", html="")
    assert "Nothing so far" in text(notices(browser))
    assert browser.get(f"/cabinet/notices/letters/{letter.pk}/").status_code == 404


def test_a_rule_that_only_watches_tells_nobody(browser: Browser, letter: Delivery) -> None:
    Notice.objects.filter(deliveries=letter).update(state="shadow")
    assert "Nothing so far" in text(notices(browser))


def test_nothing_of_anybody_else_is_there(browser: Browser, stranger: Browser, world: World) -> None:
    assert MARKER not in notices(browser)
    told = text(notices(stranger))
    assert MARKER in told
    assert "100001" not in told


def test_many_come_in_pages(browser: Browser, world: World) -> None:
    minute = timedelta(minutes=1)
    for step in range(24):
        later = timedelta(hours=1) - 2 * step * minute
        faces.post(
            world.north,
            ("100001", "ad", EntryKind.TOP_UP, f"{1000 + step}", later),
            ("100001", "ad", EntryKind.CHARGE, f"{1000 + step}", later - minute),
        )
    first = notices(browser)
    assert first.count("<li data-band") == 20
    [after] = re.findall(r'rel="next" href="([^"]+)"', first)
    assert notices(browser, html.unescape(after)).count("<li data-band") == 5


@pytest.mark.parametrize(
    ("address", "shown"),
    [("buh@romashka.test", "b•••@romashka.test"), ("x@y.test", "x•••@y.test"), ("", "no address")],
)
def test_addresses_are_masked(address: str, shown: str) -> None:
    with translation.override("en"):
        assert telling.masked(address) == shown


def test_settings_say_how_things_stand_and_lead_to_where_they_are_changed(browser: Browser, world: World) -> None:
    page = browser.get("/cabinet/settings/", headers={"Accept-Language": "en"}).content.decode()
    told = text(page)
    assert "anna@romashka.test" in told
    assert "romashka@north.test" in told
    assert "Signed in on 1 device." in told
    for place in ("person", "email", "password/change", "2fa", "sessions"):
        assert f'href="/account/{place}/"' in page


def test_settings_are_not_there_for_who_is_no_customer(world: World) -> None:
    assert world.member(Role.OWNER).get("/cabinet/settings/").status_code == 404
