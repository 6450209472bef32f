"""The audit is found by who, what, when and where, by those who may; taking it away is recorded too."""

from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from ostatok.console.audit import words
from ostatok.parties import audit
from ostatok.parties.access import Role, System
from ostatok.parties.models import AuditRecord
from tests import faces

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world: faces.World) -> faces.World:
    changes = {"name": ("=cmd", "x")}
    audit.record(System(name="анна"), "rule.changed", "rule north/Остаток", world.north, changes, "10.0.0.7", faces.NOW)
    audit.record(System(name="boris"), "client.changed", "client north/c1", world.north, {}, "10.0.0.8", faces.NOW)
    audit.record(System(name=faces.MARKER), "rule.changed", "rule south/x", world.south, {}, "10.0.0.9", faces.NOW)
    return world


def page(browser: Browser, name: str = "audit", **query: Any) -> str:
    response = browser.get(reverse(f"console:{name}"), query)
    assert response.status_code == 200
    return b"".join(response).decode() if response.streaming else response.content.decode()


@pytest.mark.parametrize(
    "query",
    [{"actor_is": "анна"}, {"thing": "rule", "subject": "Остаток"}, {"origin": "10.0.0.7"}],
)
def test_records_are_found(world: faces.World, query: dict[str, str]) -> None:
    text = page(world.member(Role.AUDITOR), **query)
    assert "rule north/Остаток" in text
    assert "client north/c1" not in text


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"state": ["inactive", "active"]}, [("state", "inactive → active")]),
        ({"bands": [[], [["20.000000", "10.000000"], ["10.500000", None]]]}, [("bands", "20, 10, 10.5, —")]),
        ({"max_qty": [3, None]}, [("max qty", "3 → —")]),
        ({"audience": [None, {"service": ["ad"]}]}, [("audience", "service: ad")]),
    ],
)
def test_changes_are_told_without_brackets(written: dict[str, Any], said: list[tuple[str, str]]) -> None:
    assert words.changes(written) == said


def test_days_narrow(world: faces.World) -> None:
    assert "rule north/Остаток" not in page(world.member(Role.AUDITOR), until="2020-01-01")


def test_a_siblings_records_are_not_there(world: faces.World) -> None:
    browser = world.member(Role.OWNER)
    assert faces.MARKER not in page(browser)
    assert faces.MARKER not in page(browser, actor_is=faces.MARKER).replace(f'value="{faces.MARKER}"', "")
    assert faces.MARKER not in page(browser, "export_audit")
    assert "rule south/x" not in page(browser, organization=world.south.pk)


def test_the_file_has_no_formulas_and_is_recorded(world: faces.World) -> None:
    text = page(world.member(Role.AUDITOR), "export_audit", thing="rule")
    assert "rule north/Остаток" in text
    assert "client north/c1" not in text
    assert AuditRecord.objects.filter(action="data.exported", subject="audit", organization=world.north).exists()


@pytest.mark.parametrize("role", [Role.LOOK, Role.CLERK, Role.SERVICE_ADMINISTRATOR])
def test_who_may_not_see_the_audit_is_told_so(world: faces.World, role: Role) -> None:
    for name in ("audit", "export_audit"):
        assert world.member(role).get(reverse(f"console:{name}")).status_code == 403


def test_nobody_is_asked_to_sign_in(world: faces.World) -> None:
    assert Browser().get(reverse("console:audit")).status_code == 302


def test_the_list_takes_a_fixed_number_of_queries(world: faces.World, django_assert_max_num_queries: Any) -> None:
    browser = world.member(Role.AUDITOR)
    page(browser)
    with django_assert_max_num_queries(14):
        page(browser)
