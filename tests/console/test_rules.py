"""The pages of the rules: seen in words, tried before they are saved, switched after it was said what that does."""

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.core import signing
from django.test import Client as Browser
from django.urls import reverse

from ostatok.console import fields
from ostatok.console.rules.counts import Counting
from ostatok.delivery.models import Delivery
from ostatok.ledger.models import EntryKind
from ostatok.notices.models import Notice
from ostatok.parties.access import Role
from ostatok.parties.models import AuditRecord, Client, Membership
from ostatok.rules.models import Rule
from tests import faces
from tests.console.reading import words

pytestmark = pytest.mark.django_db

ADMINISTRATOR = Role.SERVICE_ADMINISTRATOR
MONEY = {
    "name": "Меньше трёхсот",
    "state": "active",
    "amount": "450",
    "unit": "KZT",
    "recipients": ["client"],
    "first": "now",
}


@pytest.fixture
def browser(world: faces.World) -> Browser:
    return world.member(ADMINISTRATOR)


def rule(name: str = "Мало денег", organization: str = "north") -> Rule:
    return Rule.objects.get(organization__code=organization, name=name)


def page(browser: Browser, name: str, *args: Any, **query: Any) -> str:
    response = browser.get(reverse(f"console:{name}", args=args), query)
    assert response.status_code == 200
    return b"".join(response).decode() if response.streaming else response.content.decode()


def new_rule(world: faces.World, **fields: Any) -> dict[str, Any]:
    return {**MONEY, "organization": world.north.pk, **fields}


def test_the_list_says_rules_in_words(browser: Browser) -> None:
    text = page(browser, "rules")
    assert "When what is left falls below <b>20, 10 and 5\xa0%</b> of the last top-up" in text
    assert "When the available balance falls below <b>₸500" in text
    assert "АППС" in text
    assert faces.MARKER not in text


def test_the_list_narrows_by_state_and_text(browser: Browser) -> None:
    assert "Остаток минут" not in page(browser, "rules", state="inactive")
    assert "Мало денег" not in page(browser, "rules", text="минут")


def test_a_deleted_rule_is_listed_only_among_the_deleted(browser: Browser) -> None:
    url = reverse("console:switch_rule", args=[rule().pk])
    browser.post(reverse("console:delete_rule", args=[rule().pk]), follow=True)
    assert browser.get(url).status_code == 404
    assert "Мало денег" not in page(browser, "rules")
    assert "Мало денег" in page(browser, "rules", state="deleted")


def test_the_page_of_a_rule_tells_what_it_told(browser: Browser, world: faces.World) -> None:
    text = page(browser, "rule", rule("Остаток минут").pk)
    assert "ТСЖ «Академическая, 14, корпус 2»" in text
    assert "nce for each band, at most 3 times between two top-ups" in text


def test_who_gets_it_is_shown_without_sending(browser: Browser) -> None:
    before = Delivery.objects.count()
    text = page(browser, "rule_preview", rule().pk)
    assert "ООО «Ромашка и партнёры»" in text
    assert "gets a letter" in text
    assert Delivery.objects.count() == before


def test_a_rule_that_speaks_to_many_is_counted_step_by_step(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Counting, "patience", timedelta(0))
    monkeypatch.setattr(Counting, "chunk", 4)
    seen = rule("Остаток минут")
    text = page(browser, "rule_preview", seen.pk)
    steps = 1
    while steps < 9 and (so_far := re.search(r'href="\?so_far=([^"&]+)"', text)):
        assert "Still counting: at least" in text
        text = page(browser, "rule_preview", seen.pk, so_far=unquote(so_far[1]))
        steps += 1
    assert steps == 3
    assert "All are counted" in text
    assert "ТСЖ «Академическая, 14, корпус 2»" in text
    assert [int(count) for count in re.findall(r"<dd[^>]*>\s*(?:<[^>]*>)*\s*(\d+)", text)[:3]] == [8, 3, 3]


def test_a_rule_that_speaks_to_many_is_switched_on_while_it_is_still_counted(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Counting, "patience", timedelta(0))
    monkeypatch.setattr(Counting, "chunk", 1)
    url = reverse("console:switch_rule", args=[rule().pk])
    asked = browser.get(url).content.decode()
    assert "Still counting" in asked
    assert "Notify them now" in asked
    browser.post(url, {"state": "active"})
    assert rule().state == "active"


@pytest.mark.parametrize("so_far", ["nonsense", "eyJhIjoxfQ:1:x"])
def test_a_broken_tally_begins_anew(browser: Browser, so_far: str) -> None:
    assert "ООО «Ромашка и партнёры»" in page(browser, "rule_preview", rule().pk, so_far=so_far)


@pytest.mark.parametrize("stated", [[], {"a": 1}, {"fates": {"raised": 1}, "letters": [], "urgent": [], "more": 1}])
def test_a_tally_of_another_shape_begins_anew(browser: Browser, stated: object) -> None:
    so_far = signing.dumps(stated, salt="ostatok.counts", compress=True)
    assert "ООО «Ромашка и партнёры»" in page(browser, "rule_preview", rule().pk, so_far=so_far)


def test_a_rule_is_switched_on_silently_after_its_preview(browser: Browser) -> None:
    url = reverse("console:switch_rule", args=[rule().pk])
    asked = browser.get(url).content.decode()
    assert "Unless “Notify them now” is ticked, switching on writes to nobody" in asked
    assert "hear once it was over and is so again" in asked
    assert "ООО «Ромашка и партнёры»" in asked
    browser.post(url, {"state": "active"})
    assert rule().state == "active"
    assert not Delivery.objects.filter(notice__rule=rule()).exists()


def test_those_below_are_notified_where_that_is_ticked(browser: Browser) -> None:
    browser.post(reverse("console:switch_rule", args=[rule().pk]), {"state": "active", "notify_now": "on"})
    assert Delivery.objects.filter(notice__rule=rule()).count() == 2


def test_letters_that_have_nowhere_to_go_are_counted_apart(browser: Browser) -> None:
    Client.objects.filter(code="romashka").update(email="")
    asked = page(browser, "switch_rule", rule().pk)
    assert "1 has no address and gets none, 1 letter to the organization" in asked
    assert "to the client" not in asked


def test_who_was_told_says_when_and_whether_that_arrived(browser: Browser) -> None:
    browser.post(reverse("console:switch_rule", args=[rule().pk]), {"state": "active", "notify_now": "on"})
    assert "the next letter comes once it was over and is so again" in page(browser, "rule_preview", rule().pk)
    Rule.objects.filter(pk=rule().pk).update(period=timedelta(hours=3))
    Notice.objects.filter(rule=rule()).update(state="dropped", reason="no_address")
    text = words(page(browser, "rule_preview", rule().pk))
    assert "Not told again now 1 as long as it is so, a letter comes every 3 hours" in text
    assert "nothing: its turn was today not sent: the recipient has no address" in text


def test_switching_off_says_what_becomes_of_what_waits(browser: Browser) -> None:
    url = reverse("console:switch_rule", args=[rule("Остаток минут").pk])
    assert "<b>3</b> letters that wait will not be sent" in browser.get(url).content.decode()
    browser.post(url, {"state": "inactive"})
    assert rule("Остаток минут").state == "inactive"


def test_nothing_is_switched_by_a_post_that_does_not_say_what(browser: Browser) -> None:
    response = browser.post(reverse("console:switch_rule", args=[rule().pk]), {})
    assert "Choose what to do" in response.content.decode()
    assert rule().state == "inactive"


def test_a_new_rule_is_asked_for_its_kind_first(browser: Browser) -> None:
    assert "?kind=balance_band" in page(browser, "new_rule")
    assert browser.get(reverse("console:new_rule"), {"kind": "nonsense"}).status_code == 404


def test_a_rule_is_made_by_the_form(browser: Browser, world: faces.World) -> None:
    url = reverse("console:new_rule") + "?kind=balance_below"
    form = new_rule(world, period="24h", max_qty="3", not_group=["vip"], addresses="a@x.test\nb@x.test")
    response = browser.post(url, form)
    made = rule("Меньше трёхсот")
    assert response["Location"] == reverse("console:rule", args=[made.pk])
    assert (made.threshold, made.unit, made.max_qty, made.period) == (450, "KZT", 3, timedelta(hours=24))
    assert made.audience == {"not": {"group": ["vip"]}}
    assert sorted(made.recipients.values_list("kind", "address")) == [
        ("address", "a@x.test"),
        ("address", "b@x.test"),
        ("client", ""),
    ]
    assert AuditRecord.objects.filter(action="rule.created", actor=f"{ADMINISTRATOR}@north.test").exists()


def test_bands_are_written_by_their_edges(browser: Browser, world: faces.World) -> None:
    url = reverse("console:new_rule") + "?kind=balance_band"
    form = {"name": "Полосы", "organization": world.north.pk, "state": "inactive", "bands": "30-20, 10; 5", "mark": ""}
    browser.post(url, {**form, "recipients": ["client"]})
    edges = rule("Полосы").bands.order_by("-upper").values_list("upper", "lower")
    assert [(int(upper), lower and int(lower)) for upper, lower in edges] == [(30, 20), (10, 5), (5, None)]
    assert 'value="30-20, 10, 5"' in page(browser, "edit_rule", rule("Полосы").pk)


def test_days_are_asked_for_where_they_set_it_off(browser: Browser, world: faces.World) -> None:
    url = reverse("console:new_rule") + "?kind=forecast_below"
    form = {
        "name": "Неделя",
        "organization": world.north.pk,
        "state": "inactive",
        "days": "7",
        "recipients": ["client"],
    }
    browser.post(url, {**form, "hysteresis": "2", "period": "24h", "unit": "KZT"})
    made = rule("Неделя")
    assert (made.days, made.hysteresis, made.threshold, made.unit) == (7, 2, None, "KZT")
    text = page(browser, "rule", made.pk)
    assert "When what is left lasts for fewer than <b>7 days</b>, at the rate of recent days" in text
    assert "It is on guard again once what is left lasts for 9 days." in text
    assert 'name="days" value="7"' in page(browser, "edit_rule", made.pk)
    errors = browser.post(url, {**form, "name": "Год", "days": "366"}).context["form"].errors
    assert set(errors) == {"days"}


def test_trying_days_shows_until_when_it_lasts(browser: Browser, world: faces.World) -> None:
    url = reverse("console:try_new_rule") + "?kind=forecast_below"
    form = {"name": "Год", "organization": world.north.pk, "state": "active", "days": "365", "recipients": ["client"]}
    text = browser.post(url, form).content.decode()
    assert "already" in text
    browser.post(reverse("console:new_rule") + "?kind=forecast_below", {**form, "state": "inactive"})
    assert "lasts until <time" in page(browser, "rule_preview", rule("Год").pk)


def test_trying_shows_who_is_below_and_saves_nothing(browser: Browser, world: faces.World) -> None:
    response = browser.post(reverse("console:try_new_rule") + "?kind=balance_below", new_rule(world))
    text = response.content.decode()
    assert "<b>1</b> of them fits already" in text
    assert "When the available balance falls below <b>₸450.00</b>" in text
    assert "Saving marks them as told and sends nothing" in text
    assert "ООО «Ромашка и партнёры»" in text
    assert not Rule.objects.filter(name="Меньше трёхсот").exists()


def test_trying_says_what_notifying_now_would_send(browser: Browser, world: faces.World) -> None:
    url = reverse("console:try_new_rule") + "?kind=balance_below"
    text = browser.post(url, new_rule(world, notify_now="on")).content.decode()
    assert "Saving sends now:" in text
    assert "1 letter to the client" in text


def test_trying_an_unfinished_form_says_so(browser: Browser, world: faces.World) -> None:
    url = reverse("console:try_new_rule") + "?kind=balance_below"
    text = browser.post(url, new_rule(world, amount="")).content.decode()
    assert "not complete yet" in text


def test_without_javascript_trying_is_a_button_of_the_form(browser: Browser, world: faces.World) -> None:
    url = reverse("console:new_rule") + "?kind=balance_below"
    text = browser.post(url, new_rule(world, **{"try": "1"})).content.decode()
    assert "<b>1</b> of them fits already" in text
    assert 'value="450"' in text
    assert not Rule.objects.filter(name="Меньше трёхсот").exists()


def test_a_mistake_stands_at_its_field(browser: Browser, world: faces.World) -> None:
    url = reverse("console:new_rule") + "?kind=balance_below"
    response = browser.post(url, new_rule(world, period="soon", addresses="boss@wholesale"))
    errors = response.context["form"].errors
    assert set(errors) == {"period", "addresses"}
    assert not Rule.objects.filter(name="Меньше трёхсот").exists()


def test_an_edit_keeps_what_the_form_does_not_change(browser: Browser) -> None:
    one = rule("Остаток минут")
    before = (one.version, one.audience, one.mark)
    text = page(browser, "edit_rule", one.pk)
    assert 'value="20, 10, 5"' in text
    form = {"state": "active", "bands": "20, 10, 5", "mark": "last_top_up", "recipients": ["client"]}
    browser.post(reverse("console:edit_rule", args=[one.pk]), {**form, "service": ["appps", "ad"], "cooldown": "1h"})
    one.refresh_from_db()
    assert (one.version, one.audience, one.mark) == before
    assert one.cooldown == timedelta(hours=1)


@pytest.fixture
def telling_unseen(world: faces.World) -> Rule:
    """A rule of the north that tells a contact of the organization above, and somebody who has lost the last role."""
    recipients = [{"to": "client"}, {"to": "contact", "contact": "duty"}, {"to": "user", "user": "look@north.test"}]
    faces.describe(
        {
            "contacts": [{"organization": "energo", "code": "duty", "name": "Дежурный Энергосбыта"}],
            "rules": [{"organization": "north", "name": "Мало денег", "recipients": recipients}],
        }
    )
    Membership.objects.filter(user__email="look@north.test").delete()
    return rule()


def test_a_rule_says_that_it_tells_somebody_its_reader_does_not_see(
    browser: Browser, world: faces.World, telling_unseen: Rule
) -> None:
    for text in (page(browser, "rules"), page(browser, "rule", telling_unseen.pk)):
        assert "The client, somebody you do not see: e-mail" in text
        assert "Дежурный" not in text
    above = page(world.member(ADMINISTRATOR, "energo"), "rule", telling_unseen.pk)
    assert "The client, Дежурный Энергосбыта, somebody you do not see: e-mail" in above
    assert (
        world.member(ADMINISTRATOR, "south").get(reverse("console:rule", args=[telling_unseen.pk])).status_code == 404
    )


def test_an_edit_keeps_whom_its_writer_does_not_see(browser: Browser, telling_unseen: Rule) -> None:
    one = telling_unseen
    assert "It also tells somebody you do not see, who stays." in page(browser, "edit_rule", one.pk)
    form = {"state": "inactive", "amount": "400", "unit": "KZT", "first": "now", "recipients": ["organization"]}
    tried = browser.post(reverse("console:try_rule", args=[one.pk]), form).content.decode()
    assert "as it is when sending, somebody you do not see: e-mail" in tried
    browser.post(reverse("console:edit_rule", args=[one.pk]), form)
    one.refresh_from_db()
    assert fields.shown(one.threshold, one.unit) == "400"
    assert set(one.recipients.values_list("kind", flat=True)) == {"organization", "contact", "user"}


def test_who_lost_the_role_there_and_is_seen_stays_until_taken_out(browser: Browser, world: faces.World) -> None:
    places = [{"code": code, "parent": "north", "name": code} for code in ("north-2", "north-3")]
    recipients = [{"to": "user", "user": "look@north.test"}]
    trigger = {"kind": "balance_below", "amount": 500, "unit": "KZT"}
    faces.describe(
        {
            "organizations": places,
            "users": [{"email": "look@north.test", "roles": [{"organization": "north-2", "role": "look"}]}],
            "rules": [{"organization": "north-2", "name": "r", "trigger": trigger, "recipients": recipients}],
        }
    )
    Membership.objects.filter(user__email="look@north.test").delete()
    faces.describe({"users": [{"email": "look@north.test", "roles": [{"organization": "north-3", "role": "look"}]}]})
    one = rule("r", "north-2")
    form = {"state": "inactive", "amount": "400", "unit": "KZT", "first": "now", "users": ["look@north.test"]}
    browser.post(reverse("console:edit_rule", args=[one.pk]), form)
    one.refresh_from_db()
    assert (one.state, one.recipients.get().user) == ("inactive", world.staff["north", Role.LOOK])
    browser.post(reverse("console:edit_rule", args=[one.pk]), {**form, "users": []})
    assert not one.recipients.exists()


def test_a_duplicate_begins_with_what_the_first_one_has(browser: Browser) -> None:
    text = page(browser, "new_rule", **{"from": rule().pk})
    assert 'value="500"' in text


def test_the_shadow_report_is_shown_and_exported(browser: Browser, world: faces.World) -> None:
    money = {"kind": "balance_below", "amount": 300, "unit": "KZT"}
    item = {"organization": "north", "name": "Тень", "state": "shadow", "trigger": money}
    faces.describe({"rules": [{**item, "recipients": [{"to": "client"}]}]})
    faces.post(world.north, ("100001", "internet", EntryKind.CHARGE, "150", timedelta(minutes=1)))
    assert "would have told 1 time" in page(browser, "rule_shadow", rule("Тень").pk)
    assert "ООО «Ромашка и партнёры»" in page(browser, "export_shadow", rule("Тень").pk)
    assert AuditRecord.objects.filter(action__endswith="exported").exists()


LOOKING = ("rule", "rule_preview", "rule_shadow")
CHANGING = ("edit_rule", "switch_rule", "delete_rule")


@pytest.mark.parametrize("name", LOOKING + CHANGING + ("export_shadow",))
def test_a_rule_of_a_sibling_is_not_there(world: faces.World, name: str) -> None:
    url = reverse(f"console:{name}", args=[rule().pk])
    assert world.member(ADMINISTRATOR, "south").get(url).status_code == 404
    assert world.member(ADMINISTRATOR).get(url).status_code == 200
    assert Browser().get(url).status_code == 302


@pytest.mark.parametrize("name", CHANGING)
@pytest.mark.parametrize("role", [Role.LOOK, Role.CLERK, Role.AUDITOR])
def test_who_may_not_change_rules_is_told_so(world: faces.World, name: str, role: Role) -> None:
    url = reverse(f"console:{name}", args=[rule().pk])
    browser = world.member(role)
    assert browser.get(url).status_code == 403
    assert browser.post(url, {"state": "active"}).status_code == 403
    assert rule().state == "inactive"


@pytest.mark.parametrize("name", LOOKING)
def test_everyone_may_look_at_a_rule(world: faces.World, name: str) -> None:
    assert world.member(Role.LOOK).get(reverse(f"console:{name}", args=[rule().pk])).status_code == 200


def test_the_form_offers_nothing_of_a_sibling(browser: Browser) -> None:
    assert faces.MARKER not in page(browser, "new_rule", kind="balance_below")
    assert "lastochka" not in page(browser, "edit_rule", rule().pk).lower()


def test_the_list_takes_a_fixed_number_of_queries(
    browser: Browser, django_assert_max_num_queries: Any, world: faces.World
) -> None:
    base = json.loads(json.dumps({"organization": "north", "trigger": {"kind": "balance_exhausted"}}))
    page(browser, "rules")
    faces.describe({"rules": [{**base, "name": f"Правило {index}", "state": "inactive"} for index in range(20)]})
    with django_assert_max_num_queries(26):
        page(browser, "rules")


def test_the_units_of_ones_own_services_are_offered_first_those_of_most_before_all(browser: Browser) -> None:
    text = browser.get(reverse("console:new_rule"), {"kind": "balance_below"}).content.decode()
    offered = re.search(r'<select name="unit".*?</select>', text, re.DOTALL)
    assert offered is not None
    codes = re.findall(r'option value="(\w+)"', offered[0])
    assert codes[:4] == ["min", "KZT", "s", "h"]
    assert codes.count("min") == 1
