"""A description is made true: all of it or nothing, once, and only what it mentions."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ostatok import pipeline
from ostatok.intake.description import applying
from ostatok.intake.description.problems import DescriptionError
from ostatok.ledger.models import Account, Balance, Service
from ostatok.parties.access import Member, Role
from ostatok.parties.models import AuditRecord, Client, Membership, Organization, User
from ostatok.rules.models import Rule, RuleBand, RuleState
from tests.intake.description.conftest import ENERGO, NOW, OPERATOR, Apply

Refusal = Callable[..., list[str]]

ZERO = Decimal(0)


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, with the transaction that wrote it last."""
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        rows = {}
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"select xmin::text, ctid::text, t::text from {connection.ops.quote_name(table)} t order by 2"
            )
            rows[table] = cursor.fetchall()
    return rows


def test_the_smallest_description_makes_an_operator(apply: Apply) -> None:
    report = apply(ENERGO)
    assert report.counts == {
        "organizations": {"created": 1},
        "services": {"created": 2},
        "clients": {"created": 1},
        "accounts": {"created": 1},
        "rules": {"created": 1},
    }
    balances = Balance.objects.values_list("number", "service__code", "amount", "seq")
    assert sorted(balances) == [("100001", "ad", ZERO, 0), ("100001", "appps", ZERO, 0)]
    rule = Rule.objects.get()
    assert (rule.name, rule.state, rule.version, rule.switched_on_at) == ("Остаток минут", RuleState.ACTIVE, 1, NOW)
    assert list(RuleBand.objects.order_by("-upper").values_list("upper", "lower")) == [
        (Decimal(20), Decimal(10)),
        (Decimal(10), Decimal(5)),
        (Decimal(5), None),
    ]


@pytest.mark.parametrize("text", [ENERGO, OPERATOR], ids=["energo", "operator"])
def test_applying_it_again_touches_no_row(apply: Apply, text: str) -> None:
    apply(text)
    before = everything()
    report = apply(text, now=NOW + timedelta(days=1))
    assert everything() == before
    assert not report.changed
    assert list(report.as_text())[-1] == "nothing to change"


def test_a_dry_run_tells_the_same_and_leaves_nothing(apply: Apply) -> None:
    dry = apply(ENERGO, dry_run=True)
    assert not Organization.objects.exists()
    assert not AuditRecord.objects.exists()
    wet = apply(ENERGO)
    assert dry.counts == wet.counts
    assert list(dry.as_text())[-1] == "dry run: nothing was changed"


def test_one_mistake_undoes_everything(refusal: Refusal) -> None:
    assert refusal(ENERGO.replace("services: [appps, ad]", "services: [appps, add]")) == [
        'accounts[0].services[1]: unknown service "add": did you mean "ad"? (line 10)'
    ]
    assert not Organization.objects.exists()
    assert not AuditRecord.objects.exists()


def test_what_the_file_does_not_mention_stays(apply: Apply) -> None:
    apply(OPERATOR, "clients:\n  - {organization: op, code: c2, status: suspended}\n")
    assert Client.objects.count() == 2
    bob = Client.objects.get(code="c2")
    assert (bob.name, bob.email, bob.status) == ("Bob", "bob@client.test", "suspended")
    assert Client.objects.get(code="c1").status == "active"


def test_null_and_empty_text_clear_a_field(apply: Apply) -> None:
    apply(OPERATOR, "clients:\n  - {organization: op, code: c2, email: null}\n")
    apply("clients:\n  - {organization: res, code: c1, email: ''}\n")
    assert set(Client.objects.values_list("email", flat=True)) == {""}


def test_references_that_lead_nowhere_are_all_told_with_what_was_meant(refusal: Refusal) -> None:
    text = """
clients:
  - {organization: opp, code: c3, name: X}
  - {organization: op, code: c4, name: X, groups: [vap]}
accounts:
  - {organization: op, number: "9", client: c2x, services: [voise]}
rules:
  - organization: op
    name: r
    trigger: {kind: balance_exhausted}
    audience: {service: [net, vois], not: {group: vipp}}
    recipients: [{to: user, user: a@b.test}, {to: contact, contact: duty}]
"""
    assert refusal(OPERATOR, text) == [
        'clients[0].organization: unknown organization "opp": did you mean "op"? (line 3)',
        'clients[1].groups[0]: unknown group "vap": did you mean "vip"? (line 4)',
        'accounts[0].client: unknown client "c2x" of op: did you mean "c2"? (line 6)',
        'accounts[0].services[0]: unknown service "voise": did you mean "voice"? (line 6)',
        'rules[0].audience.service[1]: unknown service "vois": did you mean "voice"? (line 11)',
        'rules[0].audience.not.group: unknown group "vipp": did you mean "vip"? (line 11)',
        'rules[0].recipients[0].user: unknown user "a@b.test" (line 12)',
        'rules[0].recipients[1].contact: unknown contact "duty" (line 12)',
    ]


def test_what_refers_to_a_mistake_is_not_a_mistake_of_its_own(refusal: Refusal) -> None:
    text = """
organizations:
  - {code: a, parent: nowhere, name: A}
services:
  - {organization: a, code: voice, name: Voice, unit: min}
clients:
  - {organization: a, code: c1, name: X}
accounts:
  - {organization: a, number: "1", client: c1, services: [voice]}
"""
    assert refusal(text) == ['organizations[0].parent: unknown organization "nowhere" (line 3)']


def test_a_new_object_needs_its_name(refusal: Refusal) -> None:
    text = "services:\n  - {organization: op, code: x}\nclients:\n  - {organization: op, code: x}\n"
    assert refusal(OPERATOR, text + "accounts:\n  - {organization: op, number: '7'}\n") == [
        "services[0].name: is missing: a new service needs it (line 2)",
        "services[0].unit: is missing: a new service needs it (line 2)",
        "clients[0].name: is missing: a new client needs it (line 4)",
        "accounts[0].client: is missing: a new account needs it (line 6)",
    ]


def test_an_object_described_twice_is_refused(refusal: Refusal) -> None:
    text = "groups:\n  - {organization: op, code: g, name: G}\n  - {organization: op, code: g, name: H}\n"
    assert refusal(OPERATOR, text) == ["groups[1]: describes the same as groups[0] (line 3)"]


def test_every_change_is_audited_and_nothing_else(apply: Apply) -> None:
    apply(OPERATOR)
    created = set(AuditRecord.objects.values_list("action", "subject"))
    assert {("organization.created", "organization res"), ("account.created", "account op/2")} <= created
    assert set(AuditRecord.objects.values_list("actor", "origin", "at")) == {("tester", "test", NOW)}
    before = AuditRecord.objects.count()
    apply("clients:\n  - {organization: op, code: c2, status: closed, email: new@client.test}\n")
    added = AuditRecord.objects.order_by("-pk")[: AuditRecord.objects.count() - before]
    assert [(record.action, record.subject, record.changes) for record in added] == [
        ("client.changed", "client op/c2", {"email": ["•", "•"], "status": ["active", "closed"]})
    ]


def test_the_number_of_statements_does_not_grow_with_the_file(apply: Apply) -> None:
    apply(OPERATOR)

    def described(count: int, status: str) -> str:
        clients = [
            f"  - {{organization: op, code: x{count}-{n}, name: X, groups: [vip], status: {status}}}"
            for n in range(count)
        ]
        accounts = [
            f"  - {{organization: op, number: n{count}-{n}, client: x{count}-{n}, services: [voice, net]}}"
            for n in range(count)
        ]
        return "\n".join(["clients:", *clients, "accounts:", *accounts])

    def statements(text: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            apply(text)
        return len(captured)

    assert statements(described(10, "active")) == statements(described(300, "active"))
    assert statements(described(10, "suspended")) == statements(described(300, "suspended"))


def test_a_member_describes_only_what_it_reaches(apply: Apply) -> None:
    apply(OPERATOR)
    reseller = Organization.objects.get(code="res")
    outsider = Member(user_id=1, name="res@x.test", roles={reseller.pk: Role.OWNER})
    text = "clients:\n  - {organization: op, code: c2, name: Mine}\n"
    with pytest.raises(DescriptionError, match='unknown organization "op"'):
        applying.apply(text, actor=outsider, effects=pipeline.Effects(now=NOW), origin="test")
    assert Client.objects.get(code="c2").name == "Bob"


class TestOrganizations:
    def test_parents_may_stand_after_their_children(self, apply: Apply) -> None:
        items = ["{code: c, parent: b, name: C}", "{code: b, parent: a, name: B}", "{code: a, name: A}"]
        apply("organizations:\n" + "".join(f"  - {item}\n" for item in items))
        paths = dict(Organization.objects.values_list("code", "path"))
        assert paths["c"][:-1] == paths["b"]
        assert paths["b"][:-1] == paths["a"]

    def test_an_organization_moves_with_everything_below_it(self, apply: Apply) -> None:
        apply(OPERATOR, "organizations:\n  - {code: new, name: New}\n  - {code: op, parent: new}\n")
        paths = dict(Organization.objects.values_list("code", "path"))
        assert paths["res"][:-1] == paths["op"]
        assert paths["op"][:-1] == paths["new"]

    def test_a_parent_of_null_makes_a_root(self, apply: Apply) -> None:
        apply(OPERATOR, "organizations:\n  - {code: res, parent: null}\n")
        assert Organization.objects.get(code="res").parent is None

    def test_an_organization_cannot_be_above_itself(self, refusal: Refusal) -> None:
        assert refusal(OPERATOR, "organizations:\n  - {code: op, parent: res}\n") == [
            "organizations[0].parent: an organization cannot be above itself (line 2)"
        ]

    def test_a_circle_in_the_file_is_refused(self, refusal: Refusal) -> None:
        text = "organizations:\n  - {code: a, parent: b, name: A}\n  - {code: b, parent: a, name: B}\n"
        assert refusal(text + "  - {code: c, parent: b, name: C}\n") == [
            "organizations[0].parent: an organization cannot be above itself (line 2)",
            "organizations[1].parent: an organization cannot be above itself (line 3)",
        ]

    def test_rules_of_the_new_parent_speak_to_clients_of_a_moved_organization(self, apply: Apply) -> None:
        rule = "  - {organization: new, name: r, trigger: {kind: balance_exhausted}, recipients: [{to: client}]}\n"
        apply(OPERATOR, "organizations:\n  - {code: new, name: New}\nrules:\n" + rule)
        assert not balances_of_rule("r")
        apply("organizations:\n  - {code: op, parent: new}\n")
        assert balances_of_rule("r") == {("1", "net"), ("1", "voice"), ("2", "net")}


class TestServices:
    def test_the_smallest_top_up_that_rearms_is_in_the_services_unit(self, apply: Apply) -> None:
        apply(OPERATOR, "services:\n  - {organization: op, code: voice, rearm_from: 1.5}\n")
        assert Service.objects.get(code="voice").rearm_from == 90
        apply("services:\n  - {organization: op, code: voice, rearm_from: 100 s}\n")
        assert Service.objects.get(code="voice").rearm_from == 100

    def test_an_amount_of_another_kind_of_unit_is_refused(self, refusal: Refusal) -> None:
        assert refusal(OPERATOR, "services:\n  - {organization: op, code: voice, rearm_from: 5 GB}\n") == [
            "services[0].rearm_from: 5 GB cannot be counted in min (line 2)"
        ]

    def test_a_unit_may_become_another_of_the_same_base(self, apply: Apply) -> None:
        apply(OPERATOR, "services:\n  - {organization: op, code: voice, unit: h}\n")
        assert Service.objects.get(code="voice").unit == "h"

    def test_another_kind_of_unit_asks_for_the_smallest_top_up_anew(self, refusal: Refusal) -> None:
        service = "services:\n  - {organization: op, code: tv, name: TV, unit: min, rearm_from: 10}\n"
        assert refusal(OPERATOR, service, "services:\n  - {organization: op, code: tv, unit: GB}\n") == [
            "services[0].unit: rearm_from is still in min: state it anew (line 2)"
        ]

    def test_a_unit_with_balances_cannot_become_one_of_another_kind(self, refusal: Refusal) -> None:
        assert refusal(OPERATOR, "services:\n  - {organization: op, code: net, unit: GB}\n") == [
            "services[0].unit: cannot become another unit than PLN: accounts have balances in it (2) (line 2)"
        ]


class TestClients:
    def test_groups_and_tags_mentioned_are_all_a_client_has(self, apply: Apply) -> None:
        apply(OPERATOR, "groups:\n  - {organization: op, code: new, name: New}\n")
        apply("clients:\n  - {organization: op, code: c2, groups: [vip], tags: [b, a]}\n")
        bob = Client.objects.get(code="c2")
        assert (bob.tags, [group.code for group in bob.groups.all()]) == (["a", "b"], ["vip"])
        apply("clients:\n  - {organization: op, code: c2, groups: new, tags: []}\n")
        bob.refresh_from_db()
        assert (bob.tags, [group.code for group in bob.groups.all()]) == ([], ["new"])

    def test_a_client_may_be_in_a_group_of_an_organization_above(self, apply: Apply) -> None:
        apply(OPERATOR, "clients:\n  - {organization: res, code: c1, groups: [vip]}\n")
        assert [group.organization.code for group in Client.objects.get(code="c1").groups.all()] == ["op"]


class TestUsersAndContacts:
    TEXT = """
contacts:
  - organization: op
    code: duty
    name: Duty engineer
    points:
      - {kind: phone, address: "+48 22 000", label: work}
      - {kind: email, address: duty@op.test}
users:
  - {email: Anna@Op.test, name: Anna, language: pl, roles: [{organization: op, role: clerk}]}
"""

    def test_a_user_has_no_password_until_it_sets_one(self, apply: Apply) -> None:
        apply(OPERATOR, self.TEXT)
        anna = User.objects.get()
        assert (anna.email, anna.has_usable_password(), anna.as_actor()) == (
            "anna@op.test",
            False,
            Member(user_id=anna.pk, name="anna@op.test", roles={Organization.objects.get(code="op").pk: Role.CLERK}),
        )

    def test_roles_not_mentioned_stay_and_are_removed_by_name(self, apply: Apply) -> None:
        apply(OPERATOR, self.TEXT, "users:\n  - {email: anna@op.test, roles: [{organization: res, role: owner}]}\n")
        assert set(Membership.objects.values_list("organization__code", "role")) == {("op", "clerk"), ("res", "owner")}
        apply("users:\n  - {email: anna@op.test, roles: [{organization: op, state: deleted}]}\n")
        assert set(Membership.objects.values_list("organization__code", "role")) == {("res", "owner")}

    def test_points_keep_their_order_and_are_replaced_as_a_whole(self, apply: Apply) -> None:
        apply(OPERATOR, self.TEXT)
        before = everything()["contact_point"]
        apply(self.TEXT)
        assert everything()["contact_point"] == before
        report = apply("contacts:\n  - {organization: op, code: duty, points: [{kind: email, address: new@op.test}]}\n")
        assert report.counts == {"contacts": {"changed": 1}}
        assert [row[-1] for row in everything()["contact_point"]] != [row[-1] for row in before]
        assert len(everything()["contact_point"]) == 1

    def test_a_point_that_stands_twice_is_refused(self, refusal: Refusal) -> None:
        points = "[{kind: email, address: a@b.test}, {kind: email, address: a@b.test, label: x}]"
        assert refusal(OPERATOR, f"contacts:\n  - {{organization: op, code: d, name: D, points: {points}}}\n") == [
            "contacts[0].points[1].address: stands here twice (line 2)"
        ]


class TestAccounts:
    def test_services_are_those_of_the_organization_or_the_nearest_above(self, apply: Apply) -> None:
        apply(OPERATOR, "services:\n  - {organization: res, code: voice, name: Own, unit: h}\n")
        apply("accounts:\n  - {organization: res, number: '3', client: c1, services: [voice, net]}\n")
        own = Balance.objects.filter(number="3").values_list("service__code", "service__organization__code")
        assert set(own) == {("voice", "res"), ("net", "op")}

    def test_services_not_mentioned_stay(self, apply: Apply) -> None:
        apply(OPERATOR, "accounts:\n  - {organization: op, number: '2', services: [voice]}\n")
        assert set(Balance.objects.filter(number="2").values_list("service__code", flat=True)) == {"voice", "net"}

    def test_limits_are_in_the_unit_of_the_service(self, apply: Apply) -> None:
        services = "[{code: voice, credit_limit: 10, held: 0.5, package: 2}, net]"
        apply(OPERATOR, f"accounts:\n  - {{organization: op, number: '2', credit_limit: 30, services: {services}}}\n")
        limits = Balance.objects.filter(number="2").order_by("service__code")
        assert list(limits.values_list("credit_limit", "held", "package")) == [
            (Decimal(30), ZERO, None),
            (Decimal(600), Decimal(30), Decimal(120)),
        ]

    def test_the_accounts_credit_limit_is_of_money_that_states_no_own(self, apply: Apply) -> None:
        apply(OPERATOR, "services:\n  - {organization: op, code: tv, name: TV, unit: EUR}\n")
        services = "[voice, {code: tv, credit_limit: 5}]"
        text = f"accounts:\n  - {{organization: op, number: '2', credit_limit: 30, services: {services}}}\n"
        apply(text)
        limits = Balance.objects.filter(number="2").values_list("service__code", "credit_limit")
        assert set(limits) == {("net", Decimal(30)), ("tv", Decimal(5)), ("voice", ZERO)}
        assert not apply(text).changed

    def test_a_credit_limit_without_money_is_warned_of(self, apply: Apply) -> None:
        report = apply(
            OPERATOR,
            "accounts:\n  - {organization: op, number: '5', client: c2, credit_limit: 30, services: [voice]}\n",
        )
        assert tuple(map(str, report.warnings)) == (
            "accounts[0].credit_limit: no service of this account is counted in money",
        )

    def test_a_service_that_stands_twice_is_refused(self, refusal: Refusal) -> None:
        assert refusal(OPERATOR, "accounts:\n  - {organization: op, number: '2', services: [net, net]}\n") == [
            'accounts[0].services[1]: the service "net" stands here twice (line 2)'
        ]

    def test_an_account_moves_to_another_client(self, apply: Apply) -> None:
        apply(OPERATOR, "clients:\n  - {organization: op, code: c3, name: Eve}\n")
        apply("accounts:\n  - {organization: op, number: '2', client: c3}\n")
        assert Account.objects.get(number="2").client.code == "c3"


def balances_of_rule(name: str) -> set[tuple[str, str]]:
    """Numbers and services of the balances that a rule speaks to."""
    spoken_to = Balance.objects.filter(segment__segmentrule__rule__name=name)
    return set(spoken_to.values_list("number", "service__code"))
