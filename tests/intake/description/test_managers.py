"""Who looks after a client, as a description says it."""

from collections.abc import Callable

from ostatok.parties.access import Role
from ostatok.parties.models import AuditRecord, Client
from tests.intake.description.conftest import OPERATOR, Apply
from tests.intake.description.test_exporting import exported
from tests.intake.description.test_permissions import As, problems

__all__ = ["problems"]

STAFF = """
users:
  - {email: olga@op.test, roles: [{organization: op, role: clerk}]}
  - {email: piotr@res.test, roles: [{organization: res, role: clerk}]}
"""
MANAGED = "clients:\n  - {organization: res, code: c1, manager: Olga@op.test}\n"


def manager_of(code: str) -> str | None:
    client = Client.objects.select_related("manager").get(code=code)
    return client.manager.email if client.manager else None


def test_a_client_is_looked_after_by_someone_of_its_organization_or_above(apply: Apply) -> None:
    apply(OPERATOR, STAFF, MANAGED)
    assert manager_of("c1") == "olga@op.test"
    apply("clients:\n  - {organization: res, code: c1, manager: piotr@res.test}\n")
    assert manager_of("c1") == "piotr@res.test"
    apply("clients:\n  - {organization: res, code: c1, phone: '1'}\n")
    assert manager_of("c1") == "piotr@res.test"
    apply("clients:\n  - {organization: res, code: c1, manager: null}\n")
    assert manager_of("c1") is None


def test_nobody_else_is_taken_and_the_place_is_named(refusal: Callable[..., list[str]]) -> None:
    assert refusal(
        OPERATOR,
        STAFF,
        "clients:\n  - {organization: op, code: c2, manager: piotr@res.test}\n"
        "  - {organization: res, code: c1, manager: olga@op.tes}\n",
    ) == [
        "clients[0].manager: has no role in this organization or above it (line 2)",
        'clients[1].manager: unknown user "olga@op.tes": did you mean "olga@op.test"? (line 3)',
    ]


def test_who_is_out_of_reach_is_not_there(problems: As) -> None:
    assert problems(Role.OWNER, "clients:\n  - {organization: res, code: c1, manager: boss@op.test}\n") == [
        'unknown user "boss@op.test"'
    ]


def test_the_audit_says_that_the_manager_changed_and_not_who_it_is(apply: Apply) -> None:
    apply(OPERATOR, STAFF, MANAGED)
    record = AuditRecord.objects.filter(action="client.changed").get()
    assert record.changes == {"manager_id": [None, "•"]}


def test_an_export_names_managers_it_has_users_for(apply: Apply) -> None:
    apply(OPERATOR, STAFF, MANAGED)
    assert "manager: olga@op.test" in exported()
    assert "manager" not in exported("res")
    assert set(apply(exported()).counts["clients"]) == {"unchanged"}


def test_a_role_that_moves_up_keeps_the_clients(apply: Apply) -> None:
    apply(OPERATOR, STAFF, "clients:\n  - {organization: res, code: c1, manager: piotr@res.test}\n")
    apply(
        "users:\n  - email: piotr@res.test\n    roles: [{organization: res, state: deleted},"
        " {organization: op, role: look}]\n"
    )
    assert manager_of("c1") == "piotr@res.test"
    apply("users:\n  - {email: piotr@res.test, roles: [{organization: op, state: deleted}]}\n")
    assert manager_of("c1") is None


def test_a_removed_user_leaves_its_clients_without_a_manager(apply: Apply) -> None:
    apply(OPERATOR, STAFF, MANAGED, "users:\n  - {email: olga@op.test, state: deleted}\n")
    assert manager_of("c1") is None


def test_a_user_and_its_clients_come_in_one_file(apply: Apply) -> None:
    apply(OPERATOR, STAFF + MANAGED)
    assert manager_of("c1") == "olga@op.test"
