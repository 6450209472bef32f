"""The audit says who did what, and holds nothing that would have to be erased."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from ostatok.parties import audit
from ostatok.parties.access import System
from ostatok.parties.models import AuditRecord, Organization

pytestmark = pytest.mark.django_db

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


def test_the_audit_cannot_be_rewritten() -> None:
    audit.record(System(), "x", "y", None, {}, "cli", NOW)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditRecord.objects.update(actor="somebody else")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditRecord.objects.all().delete()


def test_the_audit_outlives_its_organization() -> None:
    energo = Organization.objects.create(code="energo", name="Energo")
    audit.record(System(), "organization.created", "organization energo", energo, {}, "cli", NOW)
    Organization.objects.filter(pk=energo.pk).delete()
    assert AuditRecord.objects.get().organization_id == energo.pk
