"""The page of a client: the finding, the figures, the story, and why."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client as Browser
from pytest_django.fixtures import DjangoAssertNumQueries

from ostatok.delivery.models import Delivery, DeliveryState
from ostatok.ledger.models import Balance, EntryKind
from ostatok.notices.models import Notice, NoticeState
from ostatok.parties.models import CallNote
from ostatok.rules.models import Rule
from tests import faces
from tests.console.reading import at, said, seen, words
from tests.faces import MARKER, World


@pytest.fixture
def page(world: World) -> str:
    return at("client", world.clients["romashka"].pk)


def test_the_title_says_the_finding(clerk: Browser, world: World, page: str) -> None:
    assert re.search(r"ООО «Ромашка и партнёры»: АД lasts until \w+", seen(clerk, page))
    assert "АД: nothing is left." in seen(clerk, at("client", world.clients["tszh"].pk))
    assert "nobody knows what is left" in seen(clerk, at("client", world.clients["quiet"].pk))


def test_the_page_says_who_the_client_is_and_what_is_left_of_what(clerk: Browser, page: str) -> None:
    text = seen(clerk, page)
    for part in ("7812345678", "+7 921 000-00-01", "romashka@north.test", "Europe/Moscow"):
        assert part in text
    assert "15 min of 100 min" in text
    assert "1,700 min of 2,000 min" in text
    assert MARKER not in text


def test_each_balance_says_what_100_per_cent_is_and_of_which_day(clerk: Browser, world: World) -> None:
    for page in (at("client", world.clients["romashka"].pk), at("account", world.accounts["100001"].pk)):
        told = re.findall(r"100 % is the last top-up, \d+ \w+\.", seen(clerk, page))
        assert len(told) == 3


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("balance_after", r"100 % is what there was right after the top-up, \d+ \w+\."),
        ("package", r"100 % is the package granted\. Topped up "),
    ],
)
def test_what_100_per_cent_is_goes_by_the_rule(clerk: Browser, world: World, page: str, mark: str, said: str) -> None:
    Rule.objects.filter(organization=world.north, kind="balance_band").update(mark=mark)
    Balance.objects.filter(organization=world.north).update(package=200 * 60)
    assert len(re.findall(said, seen(clerk, page))) == 2


def test_without_a_mark_only_the_day_of_the_top_up_is_told(clerk: Browser, world: World, page: str) -> None:
    Rule.objects.filter(organization=world.north, kind="balance_band").update(mark="package")
    text = seen(clerk, page)
    assert "the package granted" not in text
    assert text.count("Topped up ") == 2


def test_the_story_tells_entries_and_notices_with_what_became_of_their_letters(clerk: Browser, page: str) -> None:
    text = seen(clerk, page)
    assert "Notice “Остаток минут”: АД 20–10%, 15 min (15%)" in text
    assert "E-mail to romashka@north.test (the client): waiting" in text
    assert "Charge АД" in text
    assert "−45 min" in text


def test_the_story_is_narrowed_to_one_kind(clerk: Browser, world: World, page: str) -> None:
    assert "Charge АД" not in seen(clerk, page, kind="notices")
    assert "Notice “" not in seen(clerk, page, kind="entries")
    assert "Nothing of this kind." in seen(clerk, page, kind="not_sent")
    notice = Notice.objects.get(client=world.clients["romashka"])
    Notice.objects.filter(pk=notice.pk).update(state=NoticeState.DROPPED, reason="recovered")
    Delivery.objects.filter(notice=notice).update(state=DeliveryState.DROPPED, reason="recovered", detail="14")
    assert "not sent: topped up 14 s later" in seen(clerk, page, kind="not_sent")


def test_a_late_entry_stands_where_it_was_posted_and_says_which_day_it_is_about(
    clerk: Browser, world: World, page: str
) -> None:
    day = timedelta(days=1)
    faces.post(world.north, ("100001", "appps", EntryKind.CHARGE, "11", timedelta(hours=2)))
    faces.post(world.north, ("100001", "appps", EntryKind.CHARGE, "12", 40 * day))
    faces.post(world.north, ("100001", "appps", EntryKind.CHARGE, "13", timedelta(hours=1)))
    body = clerk.get(page, {"kind": "entries"}).content.decode()
    told = re.findall(r"ref north-100001-appps-2-(\d+)-", body)
    assert told[:4] == ["13", "12", "11", "300"]
    event = words(body[body.index("north-100001-appps-2-12-") - 900 : body.index("north-100001-appps-2-12-") + 400])
    about = (faces.NOW - 40 * day).astimezone(ZoneInfo("Europe/Moscow")).day
    assert re.search(rf"\b{about} \w+.*Charge.*posted", event)


def test_what_was_earlier_is_told_page_by_page_once(clerk: Browser, world: World, page: str) -> None:
    charges = [("100001", "appps", EntryKind.CHARGE, str(n), timedelta(minutes=n)) for n in range(1, 71)]
    faces.post(world.north, *charges)
    told: list[str] = []
    query = ""
    for _page in range(5):
        body = clerk.get(page + query).content.decode()
        told += re.findall(r"ref (north-100001-appps-2-\d+-[\d:]+-\d+)", body)
        more = re.search(r'href="(\?[^"]*before=[^"#]+)', body)
        if more is None:
            break
        query = more[1].replace("&amp;", "&")
    assert len(told) == len(set(told)) == 70
    assert "What happened" in seen(clerk, page, before="broken")


def test_the_chart_is_of_the_balance_and_the_period_that_were_chosen(clerk: Browser, world: World, page: str) -> None:
    assert 'class="chart"' in clerk.get(page).content.decode()
    other = world.balance("100001", "appps").pk
    text = clerk.get(f"{page}?balance={other}&days=90").content.decode()
    assert f'href="?balance={other}&amp;days=90" aria-current="true">quarter' in text


def test_a_note_of_a_call_joins_the_story(clerk: Browser, world: World, page: str) -> None:
    path = at("client_note", world.clients["romashka"].pk)
    day = (faces.NOW + timedelta(days=7)).date()
    form = {"kind": "promised", "promised_until": f"{day}", "text": "после обеда"}
    assert f"Promised to pay by {day:%-d %B %Y}: после обеда" in said(clerk.post(path, form, follow=True))
    assert "Write the note." in said(clerk.post(path, {"kind": "note"}))


def test_a_promise_has_a_day_that_can_still_come_and_nothing_else_has(clerk: Browser, world: World) -> None:
    path = at("client_note", world.clients["romashka"].pk)
    day = (faces.NOW + timedelta(days=7)).date()
    assert "Say by which day" in said(clerk.post(path, {"kind": "promised"}))
    assert "This day is over" in said(clerk.post(path, {"kind": "promised", "promised_until": "2026-01-01"}))
    assert "Only a promise has a day" in said(clerk.post(path, {"kind": "called", "promised_until": f"{day}"}))
    assert not CallNote.objects.exists()


def test_a_promise_whose_day_has_passed_is_overdue(clerk: Browser, world: World, page: str) -> None:
    client, week = world.clients["romashka"], timedelta(days=7)
    CallNote.objects.create(
        organization=world.north,
        client=client,
        kind=CallNote.Kind.PROMISED,
        promised_until=(faces.NOW - timedelta(days=2)).date(),
        at=faces.NOW - timedelta(days=4),
    )
    assert ", overdue" not in seen(clerk, page), "it was topped up since"
    CallNote.objects.update(at=faces.NOW)
    assert ", overdue" in seen(clerk, page)
    CallNote.objects.update(promised_until=(faces.NOW + week).date())
    assert ", overdue" not in seen(clerk, page)


def test_why_names_every_rule_that_speaks_and_how_it_stands(clerk: Browser, world: World) -> None:
    text = seen(clerk, at("client_why", world.clients["romashka"].pk))
    assert "Rule “Остаток минут”: earlier: raised a notice" in text
    assert "When what is left falls below 20, 10 and 5 % of the last top-up" in text
    assert "Rule “Остаток минут”: on guard, nothing to tell yet" in text
    assert "15 minutes left, 15% of the last top-up (100 minutes," in text
    assert "No rule speaks to it." in text


def test_why_leads_to_each_letter_and_names_the_notice_that_overtook_one(clerk: Browser, world: World) -> None:
    faces.post(
        world.north,
        ("100002", "appps", EntryKind.TOP_UP, "1000", timedelta(hours=2)),
        ("100002", "appps", EntryKind.CHARGE, "850", timedelta(hours=1)),
        ("100002", "appps", EntryKind.CHARGE, "70", timedelta(minutes=1)),
    )
    second, first = Delivery.objects.filter(notice__account__number="100002").order_by("-pk")[:2]
    Delivery.objects.filter(pk=first.pk).update(state="dropped", reason="superseded")
    client = first.notice and first.notice.client_id
    shown = clerk.get(at("client_why", client), {"account": world.accounts["100002"].pk}).content.decode()
    for letter in (first, second):
        assert f'href="{at("delivery", letter.pk)}"' in shown
    assert re.search("overtaken by the notice of ", shown)
    rule = second.notice and second.notice.rule_id
    assert f'href="{at("delivery", second.pk)}"' in clerk.get(at("rule", rule)).content.decode()


def test_the_page_costs_the_same_queries_however_much_happened(
    clerk: Browser, world: World, page: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    faces.post(
        world.north,
        *[("100001", "appps", EntryKind.CHARGE, str(n), timedelta(minutes=n)) for n in range(1, 40)],
        *[("100001", "ad", EntryKind.CHARGE, "1", timedelta(minutes=n)) for n in range(1, 14)],
    )
    with django_assert_max_num_queries(45):
        assert "Show earlier" in seen(clerk, page)


def test_who_may_only_look_is_offered_nothing_to_change(looker: Browser, page: str) -> None:
    text = seen(looker, page)
    assert "Charge АД" in text
    assert "Top up" not in text
    assert "take back" not in text


def test_the_statement_says_what_was_left_after_each_entry(clerk: Browser, world: World) -> None:
    account, balance = world.accounts["100001"].pk, world.balance("100001", "ad").pk
    text = seen(clerk, at("account", account), balance=str(balance))
    assert re.search(r"−45 min 15 min .* −40 min 60 min .* \+100 min 100 min", text)
    only = seen(clerk, at("account", account), balance=str(balance), entries="1")
    assert "+100 min 100 min" in only
    assert "−45 min" not in only
    day = f"{faces.NOW - timedelta(days=30):%Y-%m-%d}"
    assert "No entry in these days." in seen(clerk, at("account", account), balance=str(balance), until=day)


def test_a_statement_is_exported_by_who_may_export(
    clerk: Browser, looker: Browser, outsider: Browser, world: World
) -> None:
    path = at("export_statement", world.balance("100001", "ad").pk)
    text = b"".join(clerk.get(path).streaming_content).decode()  # type: ignore[attr-defined]
    assert "100001,ad,charge,-45,min," in text
    assert (looker.get(path).status_code, outsider.get(path).status_code) == (403, 404)
