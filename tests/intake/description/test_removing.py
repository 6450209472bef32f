"""`state: deleted` removes what has no history, and says why not where it cannot."""

from collections.abc import Callable

import pytest

from ostatok.ledger.models import Account, Balance, EntryKind, Service
from ostatok.parties.models import AuditRecord, Client, ClientGroup, Contact, GroupMembership, Organization, User
from tests.intake.description.conftest import OPERATOR, Apply
from tests.intake.description.test_rules import post, spoken_to

Refusal = Callable[..., list[str]]

LEFT = ("organizations below it (1)", "services (2)", "clients (1)", "accounts (1)")

PEOPLE = """
contacts:
  - {organization: op, code: duty, name: Duty, points: [{kind: email, address: duty@op.test}]}
users:
  - {email: anna@op.test, roles: [{organization: op, role: look}]}
rules:
  - organization: op
    name: r
    trigger: {kind: balance_exhausted}
    recipients: [{to: user, user: anna@op.test}, {to: contact, contact: duty}]
"""


@pytest.mark.parametrize(
    "item",
    [
        "organizations:\n  - {code: gone, state: deleted}",
        "services:\n  - {organization: op, code: gone, state: deleted}",
        "groups:\n  - {organization: op, code: gone, state: deleted}",
        "contacts:\n  - {organization: op, code: gone, state: deleted}",
        "users:\n  - {email: gone@op.test, state: deleted}",
        "clients:\n  - {organization: op, code: gone, state: deleted}",
        "accounts:\n  - {organization: op, number: gone, state: deleted}",
        "rules:\n  - {organization: op, name: gone, state: deleted}",
        "templates:\n  - {organization: op, kind: balance_below, language: en, state: deleted}",
    ],
)
def test_removing_what_is_not_there_changes_nothing(apply: Apply, item: str) -> None:
    report = apply(OPERATOR, item)
    assert [dict(counts) for counts in report.counts.values()] == [{"unchanged": 1}]


def test_a_whole_operator_can_be_removed_that_has_no_history(apply: Apply) -> None:
    apply(OPERATOR, "clients:\n  - {organization: op, code: c2, groups: vip}\n", PEOPLE)
    text = """
organizations:
  - {code: op, state: deleted}
  - {code: res, state: deleted}
services:
  - {organization: op, code: voice, state: deleted}
  - {organization: op, code: net, state: deleted}
groups:
  - {organization: op, code: vip, state: deleted}
contacts:
  - {organization: op, code: duty, state: deleted}
users:
  - {email: anna@op.test, state: deleted}
clients:
  - {organization: res, code: c1, state: deleted}
  - {organization: op, code: c2, state: deleted}
accounts:
  - {organization: res, number: "1", state: deleted}
  - {organization: op, number: "2", state: deleted}
rules:
  - {organization: op, name: r, state: deleted}
"""
    report = apply(text)
    assert {name: counts["deleted"] for name, counts in report.counts.items()} == {
        "organizations": 2,
        "services": 2,
        "groups": 1,
        "contacts": 1,
        "users": 1,
        "clients": 2,
        "accounts": 2,
        "rules": 1,
    }
    for model in (Organization, Service, ClientGroup, Contact, User, Client, Account, Balance, GroupMembership):
        assert not model._default_manager.exists()
    assert AuditRecord.objects.filter(action="organization.deleted").count() == 2
    assert not apply(text).changed


def test_an_organization_with_anything_left_stays(refusal: Refusal) -> None:
    assert refusal(OPERATOR, "organizations:\n  - {code: op, state: deleted}\n") == [
        f"organizations[0].state: cannot be removed: it still has {', '.join(LEFT)} (line 2)"
    ]


def test_a_service_that_accounts_have_stays(refusal: Refusal) -> None:
    assert refusal(OPERATOR, "services:\n  - {organization: op, code: net, state: deleted}\n") == [
        "services[0].state: cannot be removed while accounts have it (2) (line 2)"
    ]


def test_a_client_with_accounts_stays(refusal: Refusal) -> None:
    assert refusal(OPERATOR, "clients:\n  - {organization: op, code: c2, state: deleted}\n") == [
        "clients[0].state: cannot be removed: it has accounts (1); remove them too, or write status: closed (line 2)"
    ]


def test_an_account_with_entries_stays(apply: Apply, refusal: Refusal) -> None:
    apply(OPERATOR)
    post("op", ("2", "net", EntryKind.TOP_UP, "100"))
    assert refusal("accounts:\n  - {organization: op, number: '2', state: deleted}\n") == [
        "accounts[0].state: cannot be removed: it has entries, and entries stay; write status: closed instead (line 2)"
    ]
    service = "services: [{code: net, state: deleted}]"
    assert refusal(f"accounts:\n  - {{organization: op, number: '2', {service}}}\n") == [
        "accounts[0].services[0].state: cannot be removed: the account has entries for net, and entries stay (line 2)"
    ]
    apply("accounts:\n  - {organization: op, number: '2', status: closed}\n")
    assert Account.objects.get(number="2").status == "closed"


def test_a_service_never_used_leaves_an_account(apply: Apply) -> None:
    text = "accounts:\n  - {organization: res, number: '1', services: [{code: net, state: deleted}]}\n"
    assert apply(OPERATOR, text).counts == {"accounts": {"changed": 1}}
    assert [balance.service.code for balance in Balance.objects.filter(number="1")] == ["voice"]
    assert apply(text).counts == {"accounts": {"unchanged": 1}}


def test_whom_rules_tell_stays(refusal: Refusal) -> None:
    contacts = "contacts:\n  - {organization: op, code: duty, state: deleted}\n"
    text = f"{contacts}users:\n  - {{email: anna@op.test, state: deleted}}\n"
    assert refusal(OPERATOR, PEOPLE, text) == [
        'contacts[0].state: cannot be removed: told by the rules "r" (line 2)',
        'users[0].state: cannot be removed: told by the rules "r" (line 4)',
    ]


def test_a_group_that_rules_ask_for_stays(refusal: Refusal) -> None:
    rule = (
        "rules:\n  - {organization: op, name: r, trigger: {kind: balance_exhausted}, audience: {not: {group: vip}}}\n"
    )
    assert refusal(OPERATOR, rule, "groups:\n  - {organization: op, code: vip, state: deleted}\n") == [
        'groups[0].state: the rule "r" of op asks for it: change its audience too (line 2)'
    ]


def test_a_group_can_go_together_with_the_wish_for_it(apply: Apply) -> None:
    rule = "rules:\n  - {organization: op, name: r, trigger: {kind: balance_exhausted}, audience: {group: vip}}\n"
    apply(OPERATOR, "clients:\n  - {organization: op, code: c2, groups: vip}\n", rule)
    groups = "groups:\n  - {organization: op, code: vip, state: deleted}\n"
    apply(groups + "rules:\n  - {organization: op, name: r, audience: {}}\n")
    assert spoken_to("r") == {("1", "net"), ("1", "voice"), ("2", "net")}
    assert not GroupMembership.objects.exists()
