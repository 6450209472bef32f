"""The log of deliveries: found by what became of them, read as they were sent, sent again after a dry run."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ostatok.delivery import dead as grouping
from ostatok.delivery.models import Attempt, Delivery, DeliveryMessage
from ostatok.ledger.models import EntryKind
from ostatok.notices.models import Digest, Notice
from ostatok.parties.access import Role
from ostatok.parties.models import AuditRecord
from ostatok.rules.models import Rule
from tests import faces
from tests.delivery.world import notice_of

pytestmark = pytest.mark.django_db

SCRIPT = "<p>15 минут</p><script>alert(1)</script>"


@pytest.fixture
def browser(world: faces.World) -> Browser:
    return world.member(Role.CLERK)


def delivery(client: str = "romashka") -> Delivery:
    return Delivery.objects.get(notice__client__code=client)


def settle(one: Delivery, state: str, reason: str = "", **fields: Any) -> Delivery:
    Delivery.objects.filter(pk=one.pk).update(state=state, reason=reason, settled_at=faces.NOW, **fields)
    fate = {"sent": "sent", "dropped": "dropped"}.get(state, "failed")
    Notice.objects.filter(deliveries=one).update(state=fate, reason=reason, settled_at=faces.NOW)
    if state == "sent":
        headers = {"Message-ID": "<ostatok.1@x>", "To": one.address}
        DeliveryMessage.objects.create(
            delivery=one, subject="АД: осталось 15 минут", text="15 минут", html=SCRIPT, headers=headers
        )
        Attempt.objects.create(
            delivery=one, organization_id=one.organization_id, number=1, at=faces.NOW, outcome="delivered", reason=""
        )
    return one


def page(browser: Browser, name: str, *args: Any, **query: Any) -> str:
    response = browser.get(reverse(f"console:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_log_shows_what_became_of_each_message(browser: Browser) -> None:
    settle(delivery(), "dropped", "recovered", detail="14")
    text = page(browser, "deliveries")
    assert "romashka@north.test" in text
    assert "not sent: topped up 14" in text
    assert faces.MARKER not in text
    assert "lastochka" not in text


def test_the_log_narrows(browser: Browser) -> None:
    one = settle(delivery(), "dead", "unreachable", provider="smtp:mail.test:25")
    for query in (
        {"provider": "smtp:mail.test:25"},
        {"state": "dead"},
        {"reason": "unreachable"},
        {"address": one.address},
        {"client": notice_of(one).client_id},
    ):
        text = page(browser, "deliveries", **query)
        assert f"/console/deliveries/{one.pk}/" in text
        assert "tszh@north.test" not in text
    for query in ({"until": "2020-01-01"}, {"provider": "-"}, {"provider": "smtp:other.test:25"}, {"digests": "on"}):
        assert f"/console/deliveries/{one.pk}/" not in page(browser, "deliveries", **query)


def test_the_log_can_be_narrowed_to_a_rule_of_the_organization_above(browser: Browser, world: faces.World) -> None:
    one = settle(delivery(), "dead", "unreachable")
    Rule.objects.filter(pk=notice_of(one).rule_id).update(organization=world.organizations["energo"])
    other = Rule.objects.get(organization=world.north, name="Мало денег")
    text = page(browser, "deliveries", rule=notice_of(one).rule_id)
    assert f"/console/deliveries/{one.pk}/" in text
    assert "selected>Остаток минут" in text
    assert f"/console/deliveries/{one.pk}/" not in page(browser, "deliveries", rule=other.pk)


def test_a_message_says_which_provider_each_attempt_went_over(browser: Browser) -> None:
    one = settle(delivery(), "dead", "unreachable", provider="smtp:mail.test:25")
    for number, provider in enumerate(("smtp:first.test:25", "smtp:mail.test:25"), 1):
        told = {"number": number, "at": faces.NOW, "outcome": "temporary", "reason": "unreachable"}
        Attempt.objects.create(delivery=one, organization_id=one.organization_id, provider=provider, **told)
    text = page(browser, "delivery", one.pk)
    assert "<dt>Provider</dt><dd>smtp:mail.test:25</dd>" in text
    assert text.count("smtp:mail.test:25") == 2
    assert text.count("smtp:first.test:25") == 1


# -- given up, by reason, provider and rule


def links(text: str, name: str) -> list[str]:
    """Addresses of a page with a query, as they stand in the rows of a table."""
    found = re.findall(rf'href="({reverse(f"console:{name}")}\?[^"]+)"', text[text.index("<tbody>") :])
    return [html.unescape(one) for one in found]


@pytest.fixture
def dead(world: faces.World) -> list[Delivery]:
    """Three that were given up: two for one reason, one of them over another provider."""
    rows = list(Delivery.objects.filter(organization=world.north).order_by("pk"))
    assert len(rows) >= 3
    settle(rows[0], "dead", "address_refused", provider="smtp:mail.test:25")
    settle(rows[1], "dead", "address_refused", provider="smtp:other.test:25")
    settle(rows[2], "dead", "unsendable")
    return rows[:3]


def test_what_was_given_up_is_told_by_reason_provider_and_rule(browser: Browser, dead: list[Delivery]) -> None:
    text = page(browser, "dead_deliveries")
    assert "3 messages were given up" in text
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text[text.index("<tbody>") :]))
    assert plain.count("The provider refused the address smtp:mail.test:25 Остаток минут") == 1
    assert plain.count("The provider refused the address smtp:other.test:25 Остаток минут") == 1
    assert "over none Остаток минут" in plain
    assert faces.MARKER not in text


def test_each_line_leads_to_its_messages_in_the_log_and_to_sending_just_these_again(
    browser: Browser, dead: list[Delivery]
) -> None:
    text = page(browser, "dead_deliveries")
    for name in ("deliveries", "replay"):
        assert len(links(text, name)) == len(dead)
    shown = [browser.get(link).content.decode() for link in links(text, "deliveries")]
    found = [[one.pk for one in dead if f"/console/deliveries/{one.pk}/" in log] for log in shown]
    assert sorted(found) == sorted([one.pk] for one in dead)
    for link in links(text, "replay"):
        plan = browser.get(link).content.decode()
        assert "1 message would be sent again" in plan


def test_run_out_lists_that_were_given_up_have_a_line_of_their_own(browser: Browser, world: faces.World) -> None:
    user = world.staff["north", Role.CLERK]
    digest = Digest.objects.create(
        organization=world.north, user=user, day=faces.NOW.date(), mine=False, raised_at=faces.NOW
    )
    at = {"due_at": faces.NOW, "created_at": faces.NOW}
    of_digest = Delivery.objects.create(
        organization=world.north, digest=digest, channel="email", recipient=f"user:{user.pk}", address=user.email, **at
    )
    for one in (of_digest, delivery()):
        settle(one, "dead", "tls", provider="smtp:mail.test:25")
    text = page(browser, "dead_deliveries")
    [link] = [one for one in links(text, "deliveries") if "digests=on" in one]
    log = browser.get(link).content.decode()
    assert f"/console/deliveries/{of_digest.pk}/" in log
    assert f"/console/deliveries/{delivery().pk}/" not in log


def test_who_may_only_look_is_not_offered_to_send_again(world: faces.World, dead: list[Delivery]) -> None:
    text = page(world.member(Role.LOOK), "dead_deliveries")
    assert links(text, "deliveries")
    assert links(text, "replay") == []


def test_what_was_given_up_can_be_narrowed_to_an_organization(world: faces.World, dead: list[Delivery]) -> None:
    owner = world.member(Role.OWNER, "energo")
    assert "3 messages were given up" in page(owner, "dead_deliveries")
    assert "Nothing was given up" in page(owner, "dead_deliveries", organization=world.south.pk)
    text = page(owner, "dead_deliveries", organization=world.north.pk)
    assert all(f"organization={world.north.pk}" in one for one in links(text, "deliveries"))


def test_what_was_given_up_elsewhere_is_not_told(world: faces.World, dead: list[Delivery]) -> None:
    assert "Nothing was given up" in page(world.outsider, "dead_deliveries")


def test_where_more_was_given_up_than_is_looked_at_the_page_says_so(
    browser: Browser, dead: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "COUNTED", 2)
    text = page(browser, "dead_deliveries")
    assert "More than 2 messages were given up" in text
    assert "Only 2 were looked at." in text


def test_a_filter_by_what_is_a_siblings_narrows_nothing(browser: Browser, world: faces.World) -> None:
    hidden = Delivery.objects.filter(organization=world.south).select_related("notice")[0]
    for query in (
        {"rule": notice_of(hidden).rule_id},
        {"client": notice_of(hidden).client_id},
        {"organization": world.south.pk},
    ):
        assert "lastochka" not in page(browser, "deliveries", **query)
    assert hidden.address not in page(browser, "deliveries", address=hidden.address).replace(
        f'value="{hidden.address}"', ""
    )


def test_a_message_is_read_as_it_was_sent_and_that_is_recorded(browser: Browser) -> None:
    one = settle(delivery(), "sent")
    assert "АД: осталось 15 минут" in page(browser, "delivery", one.pk)
    assert "<pre" in page(browser, "delivery", one.pk, part="text")
    assert "&lt;ostatok.1@x&gt;" in page(browser, "delivery", one.pk, part="headers")
    assert "accepted by the server" in page(browser, "delivery", one.pk)
    assert AuditRecord.objects.filter(action="data.seen", subject=f"delivery {one.pk}").exists()


def test_the_html_of_a_message_can_do_nothing(browser: Browser) -> None:
    one = settle(delivery(), "sent")
    assert "<script>alert" not in page(browser, "delivery", one.pk)
    response = browser.get(reverse("console:delivery_letter", args=[one.pk]))
    policy = response["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script" not in policy
    assert response.content.decode() == SCRIPT


def test_a_message_that_was_given_up_is_tried_again(browser: Browser) -> None:
    one = settle(delivery(), "dead", "unreachable")
    url = reverse("console:retry_delivery", args=[one.pk])
    assert "tried as often as a new one" in browser.get(url).content.decode()
    browser.post(url)
    one.refresh_from_db()
    assert one.state == "waiting"


def test_what_is_no_longer_true_is_not_tried_again(browser: Browser, world: faces.World) -> None:
    one = settle(delivery(), "dead", "unreachable")
    faces.post(world.north, ("100001", "ad", EntryKind.TOP_UP, "100", timedelta(0)))
    url = reverse("console:retry_delivery", args=[one.pk])
    assert "It would not be sent now" in browser.get(url).content.decode()
    assert "It was not sent" in browser.post(url).content.decode()
    one.refresh_from_db()
    assert one.state == "dead"


def test_what_was_sent_is_sent_again_only_when_that_is_ticked(browser: Browser) -> None:
    one = settle(delivery(), "sent")
    url = reverse("console:retry_delivery", args=[one.pk])
    assert "comes twice" in browser.get(url).content.decode()
    browser.post(url)
    one.refresh_from_db()
    assert one.state == "sent"
    browser.post(url, {"though_sent": "on"})
    one.refresh_from_db()
    assert one.state == "waiting"


def test_a_range_is_replayed_after_a_dry_run(browser: Browser) -> None:
    for client in ("romashka", "ric", "tszh"):
        settle(delivery(client), "dead", "unreachable")
    url = reverse("console:replay") + "?state=dead"
    assert "3 messages would be sent again" in browser.get(url).content.decode()
    assert set(Delivery.objects.filter(organization__code="north").values_list("state", flat=True)) == {"dead"}
    browser.post(url, {"at_most": "3"})
    assert set(Delivery.objects.filter(organization__code="north").values_list("state", flat=True)) == {"waiting"}
    assert AuditRecord.objects.filter(action="deliveries.replayed").count() == 1


def test_a_dry_run_tells_of_each_message_what_would_become_of_it(browser: Browser, world: faces.World) -> None:
    for client in ("romashka", "ric"):
        settle(delivery(client), "dead", "unreachable")
    one = notice_of(delivery("romashka"))
    number, service = one.account.number, one.balance.service.code
    faces.post(world.north, (number, service, EntryKind.TOP_UP, "100", timedelta(0)))
    shown = browser.get(reverse("console:replay") + "?state=dead").content.decode()
    table = shown[shown.index("Which messages") :]
    assert table.index(notice_of(delivery("ric")).client.name) < table.index(one.client.name)
    assert table.count("would be sent") == 1
    assert table.count("stays:") == 1
    assert one.rule.name in table


def test_more_than_was_seen_is_not_replayed(browser: Browser) -> None:
    settle(delivery(), "dead", "unreachable")
    text = browser.post(reverse("console:replay"), {"at_most": "0"}).content.decode()
    assert "More would be sent now" in text
    assert delivery().state == "dead"


@pytest.mark.parametrize("agreed", ["0", "1", ""])
def test_a_range_is_looked_at_once(browser: Browser, agreed: str) -> None:
    settle(delivery(), "dead", "unreachable")
    with CaptureQueriesContext(connection) as ran:
        browser.post(reverse("console:replay"), {"at_most": agreed})
    assert len([one for one in ran.captured_queries if "LIMIT 10001" in one["sql"]]) == 1


def test_what_was_dropped_is_sent_again_only_where_it_is_chosen(browser: Browser) -> None:
    settle(delivery(), "dropped", "quiet")
    assert "Nothing of this would be sent again" in page(browser, "replay")
    assert "given up or unknown" in page(browser, "replay")
    assert "1 message would be sent again" in page(browser, "replay", state="dropped")


def test_a_range_never_reaches_a_sibling(browser: Browser, world: faces.World) -> None:
    hidden = Delivery.objects.filter(organization=world.south)[0]
    settle(hidden, "dead", "unreachable")
    browser.post(reverse("console:replay"), {"at_most": "100"})
    hidden.refresh_from_db()
    assert hidden.state == "dead"


def test_a_letter_is_looked_at_once_in_its_page_and_once_by_itself(browser: Browser, world: faces.World) -> None:
    one = settle(delivery(), "sent")
    looks = AuditRecord.objects.filter(action="data.seen", subject=f"delivery {one.pk}")
    before = looks.count()
    shown = browser.get(reverse("console:delivery", args=[one.pk])).content.decode()
    frame = re.search(r'<iframe[^>]* src="([^"]+)"', shown)
    assert frame
    browser.get(html.unescape(frame[1]))
    assert looks.count() == before + 1
    browser.get(reverse("console:delivery_letter", args=[one.pk]))
    assert looks.count() == before + 2
    assert looks.latest("pk").organization == world.north
    browser.get(reverse("console:delivery_letter", args=[one.pk]), {"within": "made up"})
    assert looks.count() == before + 3
    world.member(Role.OWNER).get(html.unescape(frame[1]))
    assert looks.count() == before + 4


@pytest.mark.parametrize("name", ["delivery", "delivery_letter", "retry_delivery"])
def test_a_delivery_of_a_sibling_is_not_there(world: faces.World, name: str) -> None:
    one = settle(delivery(), "sent")
    url = reverse(f"console:{name}", args=[one.pk])
    assert world.outsider.get(url).status_code == 404
    assert world.outsider.post(url).status_code in (404, 405)
    assert world.member(Role.CLERK).get(url).status_code == 200
    assert Browser().get(url).status_code == 302


@pytest.mark.parametrize("role", [Role.LOOK, Role.AUDITOR])
def test_who_may_not_resend_is_told_so(world: faces.World, role: Role) -> None:
    one = settle(delivery(), "dead", "unreachable")
    browser = world.member(role)
    for url in (reverse("console:retry_delivery", args=[one.pk]), reverse("console:replay")):
        assert browser.get(url).status_code == 403
        assert browser.post(url, {"at_most": "1"}).status_code == 403
    assert page(browser, "delivery", one.pk)
    one.refresh_from_db()
    assert one.state == "dead"


def test_the_log_takes_a_fixed_number_of_queries(browser: Browser, django_assert_max_num_queries: Any) -> None:
    page(browser, "deliveries")
    with django_assert_max_num_queries(20):
        page(browser, "deliveries")


def test_where_no_mail_server_is_set_up_nothing_would_be_sent_again(browser: Browser, settings: Any) -> None:
    settings.OSTATOK_EMAIL_URL = None
    one = settle(delivery(), "dead", "unreachable")
    assert 'class="btn primary"' not in page(browser, "retry_delivery", one.pk)
    page(browser, "replay")


def test_what_somebody_must_mend_is_red_and_a_good_reason_is_grey(browser: Browser) -> None:
    colours = []
    for reason in ("no_address", "recovered"):
        settle(delivery(), "dropped", reason)
        colours += re.findall(r'data-band="(\w+)">not sent', page(browser, "deliveries", state="dropped"))
    assert colours == ["crit", "none"]
