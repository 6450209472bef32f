"""The audit says who did what, and holds nothing that would have to be erased."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

import ostatok
from ostatok.parties import actions, audit
from ostatok.parties.access import System
from ostatok.parties.models import AuditRecord, Organization

pytestmark = pytest.mark.django_db

SOURCE = Path(ostatok.__file__).parent
#: What records, and what it is called with: `rule.changed`.
RECORDERS = frozenset(
    {"audit.record", "audit.Act", "Act", "records.write", "records.write_unknown", "_write", "_record"}
)
ACTION = re.compile(r"[a-z_]+\.[a-z_]+")
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def test_an_act_is_recorded_with_its_actor_moment_and_origin() -> None:
    energo = Organization.objects.create(code="energo", name="Energo")
    changes = {"threshold": (Decimal("50.00"), Decimal(60)), "period": (None, timedelta(hours=24))}
    audit.record(System(name="root"), "rule.changed", "rule energo/Low", energo, changes, "cli", NOW)
    kept = AuditRecord.objects.get()
    assert (kept.actor, kept.action, kept.subject, kept.origin, kept.at) == (
        "root",
        "rule.changed",
        "rule energo/Low",
        "cli",
        NOW,
    )
    assert kept.organization == energo
    assert kept.changes == {"threshold": ["50.00", "60"], "period": [None, "1 day, 0:00:00"]}


@pytest.mark.parametrize(
    ("action", "field"),
    [
        ("client.changed", "email"),
        ("client.changed", "tax_id"),
        ("user.changed", "password"),
        ("contact.changed", "points"),
        ("rule.changed", "token"),
    ],
)
def test_of_personal_data_and_secrets_only_the_change_is_recorded(action: str, field: str) -> None:
    audit.record(
        System(), action, "x", None, {field: (None, "anna@x.test"), "status": ("active", "closed")}, "cli", NOW
    )
    assert AuditRecord.objects.get().changes == {field: [None, audit.HIDDEN], "status": ["active", "closed"]}


def test_many_acts_take_no_more_statements_than_few() -> None:
    def statements(count: int) -> int:
        acts = [audit.Act(action="client.created", subject=f"c{n}", organization_id=None) for n in range(count)]
        with CaptureQueriesContext(connection) as captured:
            audit.record_all(System(), acts, origin="cli", at=NOW)
        return len(captured)

    assert statements(3) == statements(1000)
    assert AuditRecord.objects.count() == 1003


@pytest.mark.parametrize("action", ["horse.created", "rule.seen", "rule", "", "data.seen.twice"])
def test_what_the_audit_has_no_name_for_is_refused(action: str) -> None:
    with pytest.raises(audit.UnknownAction, match=r"parties\.actions"):
        audit.record(System(), action, "x", None, {}, "cli", NOW)
    assert not AuditRecord.objects.exists()


def test_every_action_that_the_source_names_is_known() -> None:
    named = dict(_named())
    assert {action: where for action, where in named.items() if action not in actions.ALL} == {}
    assert len(named) > 25


def _named() -> Iterator[tuple[str, str]]:
    """Actions written out where something is recorded, and the file that does."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in RECORDERS:
                for given in (*node.args, *(keyword.value for keyword in node.keywords)):
                    for inner in ast.walk(given):
                        if isinstance(inner, ast.Constant) and ACTION.fullmatch(str(inner.value)):
                            yield str(inner.value), path.name


def test_the_audit_cannot_be_rewritten() -> None:
    audit.record(System(), "data.seen", "y", None, {}, "cli", NOW)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditRecord.objects.update(actor="somebody else")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditRecord.objects.all().delete()


def test_the_audit_outlives_its_organization() -> None:
    energo = Organization.objects.create(code="energo", name="Energo")
    audit.record(System(), "organization.created", "organization energo", energo, {}, "cli", NOW)
    Organization.objects.filter(pk=energo.pk).delete()
    assert AuditRecord.objects.get().organization_id == energo.pk
