"""An export is a description: here it changes nothing, elsewhere it makes the same."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from ostatok import pipeline
from ostatok.intake.description import applying, exporting, source
from ostatok.intake.description.report import Report
from ostatok.ledger.models import Service
from ostatok.parties.access import Member, Role, System
from ostatok.parties.models import Organization
from tests.intake.description.conftest import ENERGO, NOW, OPERATOR, Apply
from tests.intake.description.descriptions import described, descriptions
from tests.intake.description.test_templates import TEMPLATE

WRITTEN = """\
organizations:
- {code: energo, name: ООО «Энергосбыт», tax_id: '7701234567', timezone: UTC, language: ru}
services:
- {organization: energo, code: ad, name: АД, unit: min}
- {organization: energo, code: appps, name: АППС, unit: min}
clients:
- {organization: energo, code: c1, name: ООО «Ромашка», email: c1@client.test, language: ru}
accounts:
- organization: energo
  number: '100001'
  client: c1
  services: [ad, appps]
rules:
- organization: energo
  name: Остаток минут
  trigger: {kind: balance_band, bands: [[20, 10], [10, 5], [5, null]]}
  audience: {service: [appps, ad]}
  recipients:
  - {to: client, channel: email}
  state: active
"""


def exported(organization: str = "") -> str:
    root = Organization.objects.get(code=organization) if organization else None
    return "".join(exporting.export(System(), root))


def _apply(text: str) -> Report:
    return applying.apply(text, actor=System(), effects=pipeline.Effects(now=NOW), origin="test")


@pytest.mark.django_db
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(descriptions())
def test_an_export_changes_nothing_here_and_makes_the_same_elsewhere(data: dict[str, Any]) -> None:
    with transaction.atomic():
        _apply(described(data))
        first = exported()
        assert not _apply(first).changed
        transaction.set_rollback(True)
    with transaction.atomic():
        _apply(first)
        assert exported() == first
        transaction.set_rollback(True)


def test_an_export_reads_well(apply: Apply) -> None:
    apply(ENERGO, "organizations:\n  - {code: energo, email: null}\n")
    apply("clients:\n  - {organization: energo, code: c1, tax_id: null}\n")
    assert exported() == WRITTEN


def test_long_texts_are_blocks(apply: Apply) -> None:
    apply(OPERATOR, TEMPLATE)
    assert "  text: |\n    {{ client_name }},\n    zostało {{ left }}.\n" in exported()
    assert not apply(exported()).changed


def test_removed_templates_and_deleted_rules_are_not_exported(apply: Apply) -> None:
    apply(OPERATOR, TEMPLATE, "templates:\n  - {organization: op, kind: balance_below, language: pl, state: deleted}\n")
    apply("rules:\n  - {organization: op, name: r, trigger: {kind: balance_exhausted}}\n")
    apply("rules:\n  - {organization: op, name: r, state: deleted}\n")
    assert not {"rules", "templates"} & source.read(exported()).keys()


def test_an_organization_is_exported_with_those_below_it_only(apply: Apply) -> None:
    roles = "[{organization: op, role: look}, {organization: res, role: clerk}]"
    apply(OPERATOR, f"users:\n  - {{email: anna@op.test, roles: {roles}}}\n")
    part = source.read(exported("res"))
    assert part["organizations"] == [
        {"code": "res", "parent": "op", "name": "Reseller", "timezone": "UTC", "language": "en"}
    ]
    assert [client["code"] for client in part["clients"]] == ["c1"]
    assert part["users"][0]["roles"] == [{"organization": "res", "role": "clerk"}]
    assert "services" not in part
    assert not apply(exported("res")).changed


def test_who_reaches_one_organization_exports_no_other(apply: Apply) -> None:
    apply(OPERATOR)
    reseller = Organization.objects.get(code="res")
    member = Member(user_id=1, name="x", roles={reseller.pk: Role.LOOK})
    assert "".join(exporting.export(member)) == exported("res")


def test_an_amount_that_is_no_round_figure_in_its_unit_is_written_in_the_base(apply: Apply) -> None:
    apply(OPERATOR)
    Service.objects.filter(code="voice").update(rearm_from=100)
    assert source.read(exported())["services"][1]["rearm_from"] == "100 s"
    assert not apply(exported()).changed


def test_an_empty_installation_exports_nothing(apply: Apply) -> None:
    assert exported() == ""


def test_an_export_takes_as_many_statements_for_many_clients_as_for_few(
    apply: Apply, django_assert_max_num_queries: Any
) -> None:
    apply(OPERATOR)
    clients = "".join(f"  - {{organization: op, code: x{n}, name: X, groups: [vip]}}\n" for n in range(300))
    accounts = "".join(f"  - {{organization: op, number: x{n}, client: x{n}, services: [net]}}\n" for n in range(300))
    apply(f"clients:\n{clients}accounts:\n{accounts}")
    with django_assert_max_num_queries(25):
        exported()
