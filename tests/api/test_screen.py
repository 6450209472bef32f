"""What the console shows and does, and the API therefore too."""

from datetime import timedelta
from typing import Any

import pytest

from ostatok import pipeline
from ostatok.delivery.channels.email.sink import Sink
from ostatok.ledger.models import Feed
from ostatok.parties.access import Permission, Role
from ostatok.parties.models import AuditRecord
from tests import faces
from tests.api.program import Program, problem, told
from tests.delivery.conftest import sink as sink  # noqa: PLC0414 (a fixture)
from tests.faces import MARKER, World

pytestmark = pytest.mark.django_db

WORDING = {"kind": "balance_band", "language": "ru", "text": "{{ client_name }}: {{ left }}", "client": "ric"}


def test_how_a_colleague_signs_in_is_told_to_whoever_may_change_users(
    world: World, north: Program, south: Program, looker: Program
) -> None:
    Program(browser=world.member(Role.CLERK)).get("clients")
    found = told(north.get("users/clerk@north.test/sign-in"))
    assert (found["second_factor"], found["may_be_reset"]) == (True, True)
    assert found["provider"] is False
    assert told(north.post("users/clerk@north.test/disconnect")) == {"disconnected": False}
    assert [each["ip"] for each in found["sessions"]] == ["127.0.0.1"]
    problem(south.get("users/clerk@north.test/sign-in"), 404, "not-found")
    refused = problem(looker.get("users/clerk@north.test/sign-in"), 403, "forbidden")
    assert refused["permission"] == Permission.CHANGE_USERS


def test_whether_data_still_comes_is_told_as_the_overview_shows_it(world: World, north: Program) -> None:
    pipeline.refresh_outlook(now=faces.NOW)
    [feed] = told(north.get("overview"))["feeds"]
    assert (feed["organization"], feed["silent"]) == ("north", False)
    Feed.objects.filter(organization=world.north).update(posted_at=faces.NOW - 2 * timedelta(days=1))
    assert told(north.get("overview"))["feeds"][0]["silent"] is True


def test_the_wording_in_force_is_told_whoever_worded_it(world: World, north: Program, south: Program) -> None:
    path = "templates/balance_band/email/ru/in-force"
    default = told(north.get(path))
    assert (default["source"], default["organization"]) == ("default", "north")
    assert default["subject"]
    assert default["text"]
    above = {"organization": "energo", "kind": "balance_band", "language": "ru", "text": "Сверху: {{ left }}"}
    faces.describe({"templates": [above]})
    inherited = told(north.get(path))
    assert (inherited["source"], inherited["text"]) == ("inherited", "Сверху: {{ left }}")
    assert inherited["subject"] == default["subject"]
    told(north.put("templates/balance_band/email/ru", {"text": "Своё: {{ left }}"}), 201)
    assert told(north.get(path))["source"] == "own"
    problem(south.get(path, organization="north"), 404, "not-found")


def test_clients_are_found_by_a_service_they_have(world: World, north: Program) -> None:
    accounts = [{"organization": "north", "number": "1", "client": "quiet", "services": ["ad"]}]
    faces.describe({"accounts": accounts})
    assert told(north.get("clients", service="ad"))["items"]
    services = [{"organization": "north", "code": "tea", "name": "Чай", "unit": "KZT"}]
    faces.describe({"services": services})
    assert told(north.get("clients", service="tea"))["items"] == []
    problem(north.get("clients", service="coffee"), 404, "not-found")


def test_a_wording_is_sent_to_whoever_is_signed_in(world: World, sink: Sink, settings: Any) -> None:
    settings.OSTATOK_EMAIL_URL = f"smtp://127.0.0.1:{sink.port}?timeout=5"
    admin = Program(browser=world.member(Role.SERVICE_ADMINISTRATOR))
    headers = {"Idempotency-Key": "k1"}
    sent = told(admin.ask("POST", "template-tests", WORDING, headers=headers), 201)
    assert sent == {"sent": True, "to": "service_administrator@north.test", "reason": "", "explained": ""}
    assert told(admin.ask("POST", "template-tests", WORDING, headers=headers), 201) == sent
    [mail] = sink.mails
    assert mail.recipient == "service_administrator@north.test"
    assert AuditRecord.objects.filter(action="template.tried").count() == 1


def test_a_wording_that_cannot_be_sent_says_why(world: World, north: Program) -> None:
    admin = Program(browser=world.member(Role.SERVICE_ADMINISTRATOR))
    sent = told(admin.post("template-tests", WORDING), 201)
    assert (sent["sent"], sent["reason"]) == (False, "unreachable")
    problem(admin.post("template-tests", {**WORDING, "text": "{{ secret }}"}), 422, "invalid")
    problem(admin.post("template-tests", {**WORDING, "client": "lastochka-ric"}), 404, "not-found")
    clerk = Program(browser=world.member(Role.CLERK))
    problem(clerk.post("template-tests", WORDING), 403, "forbidden")
    assert "mailbox" in problem(north.post("template-tests", WORDING), 409, "conflict")["detail"]
    assert MARKER not in str(sent)
