"""What acts on a list or takes it out refuses a filter that does not fit: without it, it would reach further."""

import html
import re

import pytest
from django.test import Client as Browser
from django.urls import reverse

from ostatok.delivery.models import Delivery
from ostatok.notices.models import Notice
from ostatok.parties.access import Role
from ostatok.parties.models import AuditRecord
from tests import faces
from tests.console.reading import at, seen, words
from tests.delivery.world import notice_of
from tests.faces import MARKER, World

EXPORTS = ("export_clients", "export_run_out", "export_audit", "export_statement")


def _path(name: str, world: World) -> str:
    return at(name, world.balance("100001", "ad").pk) if name == "export_statement" else at(name)


def _given_up() -> list[Delivery]:
    rows = list(Delivery.objects.filter(organization__code="north").select_related("notice"))
    Notice.objects.filter(deliveries__in=rows).update(state="failed", settled_at=faces.NOW)
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(state="dead", settled_at=faces.NOW)
    return rows


def _states() -> set[str]:
    return set(Delivery.objects.filter(organization__code="north").values_list("state", flat=True))


@pytest.mark.parametrize(
    ("name", "query", "label"),
    [
        ("export_clients", {"status": "fine"}, "Status"),
        ("export_clients", {"group": "1000000"}, "Group"),
        ("export_clients", {"manager": "x"}, "Manager"),
        ("export_clients", {"text": "x" * 101}, "Name, number, tax id, phone or e-mail"),
        ("export_run_out", {"whose": "hers"}, "Whose"),
        ("export_run_out", {"called": "maybe"}, "Call"),
        ("export_run_out", {"service": "x" * 65}, "Service"),
        ("export_audit", {"thing": "horse"}, "What"),
        ("export_audit", {"since": "yesterday"}, "From"),
        ("export_audit", {"organization": "0"}, "Organization"),
        ("export_statement", {"until": "2026-02-30"}, "To"),
        ("export_statement", {"entries": "99"}, "Kind"),
    ],
)
def test_no_file_is_made_and_the_filter_is_named(
    owner: Browser, world: World, name: str, query: dict[str, str], label: str
) -> None:
    before = AuditRecord.objects.count()
    answer = owner.get(_path(name, world), query)
    text = words(answer.content.decode())
    assert (answer.status_code, answer["Content-Type"]) == (400, "text/html; charset=utf-8")
    assert re.search(rf"There is no such file .*{re.escape(label)}: ", text)
    assert AuditRecord.objects.count() == before
    back = re.search(r'href="([^"]+)">To the list', answer.content.decode())
    assert back
    assert owner.get(html.unescape(back[1])).status_code == 200


@pytest.mark.parametrize("name", EXPORTS)
def test_what_narrows_nothing_is_no_mistake(owner: Browser, world: World, name: str) -> None:
    assert owner.get(_path(name, world), {"since": "", "status": "", "thing": "", "after": "x"}).status_code == 200


def test_what_is_a_siblings_is_no_filter_and_stays_unnamed(owner: Browser, world: World) -> None:
    answer = owner.get(at("export_clients"), {"organization": str(world.south.pk)})
    assert answer.status_code == 400
    assert MARKER not in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ({"state": "waiting"}, "State"),
        ({"reason": "bad weather"}, "Reason"),
        ({"channel": "pigeon"}, "Channel"),
        ({"rule": "0"}, "Rule"),
        ({"client": "0"}, "Client"),
        ({"since": "yesterday"}, "From"),
        ({"address": "x" * 255}, "Address"),
    ],
)
def test_nothing_is_planned_or_sent_again_by_a_filter_that_does_not_fit(
    clerk: Browser, query: dict[str, str], label: str
) -> None:
    rows = _given_up()
    path = reverse("console:replay", query=query)
    text = seen(clerk, path)
    assert f"Nothing was looked at: what was to narrow the range does not fit. {label}: " in text
    assert "would be sent again" not in text
    answer = clerk.post(path, {"at_most": str(len(rows))})
    assert f"does not fit. {label}: " in words(answer.content.decode())
    assert _states() == {"dead"}


def test_the_mistake_stands_at_its_field(clerk: Browser) -> None:
    page = clerk.get(at("replay"), {"channel": "pigeon"}).content.decode()
    assert 'id="id_channel_error"' in page


def test_a_range_by_what_is_a_siblings_is_refused(clerk: Browser, world: World) -> None:
    hidden = notice_of(Delivery.objects.filter(organization=world.south)[0])
    for query in ({"rule": hidden.rule_id}, {"client": hidden.client_id}, {"organization": world.south.pk}):
        page = clerk.get(at("replay"), query).content.decode()
        assert "does not fit" in page
        assert MARKER not in page


@pytest.mark.parametrize(
    ("state", "kept"), [("waiting", False), ("sent", False), ("sending", False), ("dead", True), ("dropped", True)]
)
def test_the_log_hands_over_only_a_state_that_can_be_sent_again(clerk: Browser, state: str, kept: bool) -> None:
    page = clerk.get(at("deliveries"), {"state": state, "channel": "email", "after": "x"}).content.decode()
    link = re.search(rf'href="({re.escape(at("replay"))}[^"]*)"', page)
    assert link
    path = html.unescape(link[1])
    assert path == f"{at('replay')}?{'state=' + state + '&' if kept else ''}channel=email"
    assert "does not fit" not in seen(clerk, path)


def test_the_installation_itself_has_no_clients_of_its_own_to_take_out(world: World) -> None:
    user = world.staff["north", Role.OWNER]
    user.is_superuser = True
    user.save()
    browser = faces.signed_in(user)
    assert browser.get(at("export_run_out")).status_code == 200
    assert browser.get(at("export_run_out"), {"whose": "mine"}).status_code == 400
