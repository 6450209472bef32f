"""`ostatok apply` and `ostatok export`."""

from pathlib import Path

import pytest

from ostatok.cli.apply import NotUtf8Error
from ostatok.parties.models import AuditRecord, Organization
from tests.cli.conftest import Desk
from tests.intake.description.conftest import ENERGO


def test_a_file_is_applied_and_told_section_by_section(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "energo.yaml"
    file.write_text(ENERGO, encoding="utf-8-sig")
    said = desk.run("apply", file)
    assert (said.status, said.output) == (
        0,
        "organizations: 1 created\nservices: 2 created\nclients: 1 created\naccounts: 1 created\nrules: 1 created\n",
    )
    assert AuditRecord.objects.filter(actor__startswith="cli:", origin="cli").exists()


def test_json_holds_every_fate_of_every_section(desk: Desk) -> None:
    said = desk.run("apply", "--json", "--dry-run", "-", stdin=ENERGO.encode())
    assert said.data["dry_run"] is True
    assert said.data["sections"]["services"] == {"created": 2, "changed": 0, "unchanged": 0, "deleted": 0}
    assert (said.data["rules"], said.data["warnings"]) == ([], [])
    assert not Organization.objects.exists()


def test_mistakes_are_told_on_stderr_and_nothing_is_changed(desk: Desk) -> None:
    said = desk.apply(ENERGO.replace("unit: min", "unit: mins"))
    assert (said.status, said.output) == (1, "")
    assert said.errors == (
        "services[0].unit: unknown unit 'mins': did you mean 'min'? (line 5)\n"
        "services[1].unit: unknown unit 'mins': did you mean 'min'? (line 6)\n"
        "-: nothing was changed\n"
    )


def test_mistakes_are_data_under_json(operator: Desk) -> None:
    said = operator.run("apply", "--json", "-", stdin=b"clients:\n  - {organization: opp, code: x}\n")
    assert said.status == 1
    assert said.data["problems"] == [
        {
            "path": "clients[0].organization",
            "line": 2,
            "message": 'unknown organization "opp": did you mean "op"?',
        }
    ]


def test_a_file_that_is_not_utf8_is_told_with_its_line(desk: Desk) -> None:
    with pytest.raises(NotUtf8Error, match="line 2: The file is not UTF-8"):
        desk.run("apply", "-", stdin="organizations:\n  - {code: a, name: Ж}".encode("cp1251"))


def test_what_is_exported_can_be_applied(operator: Desk) -> None:
    exported = operator.run("export").output
    assert operator.apply(exported).output.endswith("nothing to change\n")


def test_an_export_of_one_organization_holds_those_below_it(operator: Desk) -> None:
    said = operator.run("export", "--organization", "res", "--json")
    assert [organization["code"] for organization in said.data["organizations"]] == ["res"]
    assert [client["code"] for client in said.data["clients"]] == ["c1"]


def test_an_export_is_audited(operator: Desk) -> None:
    operator.run("export", "--organization", "res")
    (record,) = AuditRecord.objects.filter(action="description.exported")
    assert (record.subject, record.organization, record.origin) == ("res", Organization.objects.get(code="res"), "cli")


def test_an_unknown_organization_is_told_with_the_nearest(operator: Desk) -> None:
    said = operator.run("export", "--organization", "ress")
    assert said.status == 2
    assert 'did you mean "res"?' in said.errors


def test_what_does_nothing_is_warned_of(operator: Desk) -> None:
    said = operator.apply("rules:\n  - {organization: op, name: r, trigger: {kind: balance_exhausted}}\n")
    assert said.output == (
        "rules: 1 created\nwarning: rules[0].recipients: nobody is told: the rule has no recipients\n"
    )
