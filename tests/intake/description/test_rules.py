"""Rules of a description: what an edit changes, whom it is about, and what happens when it is switched on."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from ostatok import pipeline
from ostatok.delivery.models import Delivery
from ostatok.ledger.entries import NewEntry
from ostatok.ledger.models import Balance, EntryKind
from ostatok.notices.models import Notice
from ostatok.parties.models import Client, Organization
from ostatok.rules.models import Alarm, Rule, RuleBand, RuleCondition, RuleRecipient, RuleState
from tests.intake.description.conftest import NOW, OPERATOR, Apply

Refusal = Callable[..., list[str]]

LOW = """
rules:
  - organization: op
    name: Low
    trigger: {kind: balance_below, amount: 50, unit: PLN}
    recipients: [{to: client, channel: email}]
"""
BANDS = """
rules:
  - organization: op
    name: Bands
    trigger: {kind: balance_band, bands: [[20, 10], [10, 5], [5, 0]]}
    recipients: [{to: client}]
"""


def post(organization: str, *entries: tuple[str, str, EntryKind, str], later: int = 0) -> None:
    """Post entries given as account, service, kind and amount in the service's unit."""
    pipeline.post(
        organization_id=Organization.objects.get(code=organization).pk,
        new=[
            NewEntry(
                position=place,
                account=account,
                service=service,
                kind=kind,
                amount=Decimal(amount),
                occurred_at=NOW,
                ref=f"{organization}-{later}-{place}",
            )
            for place, (account, service, kind, amount) in enumerate(entries)
        ],
        now=NOW + timedelta(minutes=later),
    )


def edit(rule: str) -> str:
    """A description of one rule of the operator."""
    return f"rules:\n  - {{organization: op, {rule}}}\n"


def spoken_to(name: str) -> set[tuple[str, str]]:
    """Numbers and services of the balances that a rule speaks to."""
    balances = Balance.objects.filter(segment__segmentrule__rule__name=name)
    return set(balances.values_list("number", "service__code"))


class TestValues:
    def test_amounts_are_kept_in_base_units_of_the_triggers_unit(self, apply: Apply) -> None:
        trigger = "{kind: balance_below, amount: 20, unit: min}"
        apply(OPERATOR, edit(f"name: r, trigger: {trigger}, quota: {{hysteresis: 1.5}}"))
        rule = Rule.objects.get()
        assert (rule.threshold, rule.hysteresis, rule.unit) == (1200, 90, "min")

    def test_all_of_a_rule_is_kept(self, apply: Apply) -> None:
        text = """
rules:
  - organization: op
    name: r
    trigger: {kind: balance_above, amount: -5, unit: PLN}
    quota: {max_qty: 3, period: 24h, cooldown: 30m, first: next_check}
    keep_for: 2d
    sort_order: 7
    state: shadow
"""
        apply(OPERATOR, text)
        rule = Rule.objects.get()
        assert (rule.max_qty, rule.period, rule.cooldown) == (3, timedelta(days=1), timedelta(minutes=30))
        assert (rule.keep_for, rule.sort_order, rule.state) == (timedelta(days=2), 7, "shadow")
        assert (rule.threshold, rule.first, rule.switched_on_at) == (-5, "next_check", NOW)

    def test_quota_that_is_not_mentioned_stays_and_null_takes_it_away(self, apply: Apply) -> None:
        apply(OPERATOR, LOW, edit("name: Low, quota: {max_qty: 3, period: 24h}"))
        apply(edit("name: Low, quota: {period: null}"))
        assert Rule.objects.values_list("max_qty", "period").get() == (3, None)

    def test_hysteresis_needs_a_unit(self, refusal: Refusal) -> None:
        text = edit("name: r, trigger: {kind: balance_exhausted}, quota: {hysteresis: 5}, recipients: [{to: client}]")
        assert refusal(OPERATOR, text) == [
            "rules[0].quota.hysteresis: is an amount: the trigger must have a unit (line 2)"
        ]

    def test_another_unit_asks_for_the_hysteresis_anew(self, refusal: Refusal) -> None:
        text = edit("name: Low, trigger: {kind: balance_below, amount: 5, unit: min}")
        assert refusal(OPERATOR, LOW, edit("name: Low, quota: {hysteresis: 5}"), text) == [
            "rules[0].trigger: the hysteresis is still in PLN: state quota.hysteresis anew (line 2)"
        ]

    def test_days_have_a_hysteresis_in_days(self, apply: Apply, refusal: Refusal) -> None:
        apply(OPERATOR, edit("name: r, trigger: {kind: forecast_below, days: 7}, quota: {hysteresis: 1.5}"))
        rule = Rule.objects.get()
        assert (rule.days, rule.hysteresis, rule.unit, rule.threshold) == (7, Decimal("1.5"), "", None)
        apply(edit("name: r, quota: {hysteresis: 2}"))
        assert Rule.objects.get().hysteresis == 2
        message = "is a number of days here, 365 at most: write the figure alone"
        for written in ("5 PLN", "366"):
            assert refusal(edit(f"name: r, quota: {{hysteresis: {written}}}")) == [
                f"rules[0].quota.hysteresis: {message} (line 2)"
            ]

    def test_days_and_amounts_ask_for_the_hysteresis_of_the_other_anew(self, apply: Apply, refusal: Refusal) -> None:
        days, money = "{kind: forecast_below, days: 7, unit: PLN}", "{kind: balance_below, amount: 5, unit: PLN}"
        apply(OPERATOR, edit(f"name: r, trigger: {days}, quota: {{hysteresis: 1}}"))
        assert refusal(edit(f"name: r, trigger: {money}")) == [
            "rules[0].trigger: the hysteresis is still in days: state quota.hysteresis anew (line 2)"
        ]
        apply(edit(f"name: r, trigger: {money}, quota: {{hysteresis: 1}}"))
        assert Rule.objects.get().days is None
        assert refusal(edit(f"name: r, trigger: {days}")) == [
            "rules[0].trigger: the hysteresis is still in PLN: state quota.hysteresis anew (line 2)"
        ]

    def test_other_days_are_another_version(self, apply: Apply) -> None:
        apply(OPERATOR, edit("name: r, trigger: {kind: forecast_below, days: 7}"))
        apply(edit("name: r, trigger: {kind: forecast_below, days: 7}"))
        assert Rule.objects.get().version == 1
        apply(edit("name: r, trigger: {kind: forecast_below, days: 6}"))
        assert Rule.objects.get().version == 2

    def test_the_next_check_needs_a_period(self, refusal: Refusal) -> None:
        message = "without a period there is no next check: state quota.period"
        waiting = LOW + "    quota: {first: next_check}"
        assert refusal(OPERATOR, waiting) == [f"rules[0].quota.first: {message} (line 7)"]
        daily = LOW + "    quota: {first: next_check, period: 24h}"
        assert refusal(OPERATOR, daily, edit("name: Low, quota: {period: null}")) == [
            f"rules[0].quota.period: {message} (line 2)"
        ]

    def test_a_period_there_already_is_enough_for_a_next_check(self, apply: Apply) -> None:
        apply(OPERATOR, LOW + "    quota: {period: 24h}", edit("name: Low, quota: {first: next_check}"))
        assert Rule.objects.get().first == "next_check"

    def test_a_new_rule_needs_a_trigger(self, refusal: Refusal) -> None:
        assert refusal(OPERATOR, edit("name: r, recipients: [{to: client}]")) == [
            "rules[0].trigger: is missing: a new rule needs it (line 2)"
        ]

    def test_what_does_nothing_is_warned_of(self, apply: Apply) -> None:
        bands = "trigger: {kind: balance_band, bands: [[20, 0]]}, quota: {period: 24h, first: next_check}"
        report = apply(OPERATOR, edit(f"name: a, {bands}"))
        assert tuple(map(str, report.warnings)) == (
            "rules[0].recipients: nobody is told: the rule has no recipients",
            "rules[0].quota.period: a band is told once, when it is entered",
            "rules[0].quota.first: a band is told at once, when it is entered",
        )
        report = apply(edit("name: b, mark: package, trigger: {kind: balance_exhausted}, recipients: [{to: client}]"))
        assert tuple(map(str, report.warnings)) == ("rules[0].mark: only bands are measured against a mark",)


class TestVersions:
    @pytest.mark.parametrize(
        "change",
        [
            "trigger: {kind: balance_below, amount: 60, unit: PLN}",
            "trigger: {kind: balance_above, amount: 50, unit: PLN}",
            "trigger: {kind: balance_below, amount: 50, unit: min}",
            "trigger: {kind: balance_band, bands: [[20, 0]]}",
        ],
    )
    def test_another_trigger_is_another_version(self, apply: Apply, change: str) -> None:
        apply(OPERATOR, LOW, edit(f"name: Low, {change}"))
        assert Rule.objects.get().version == 2

    @pytest.mark.parametrize(
        "change",
        [
            "quota: {max_qty: 5, hysteresis: 1, period: 1h, cooldown: 1h}",
            "audience: {service: net}",
            "recipients: [{to: organization}]",
            "mark: package",
            "state: inactive",
            "keep_for: 1h",
            "trigger: {kind: balance_below, amount: 50.00, unit: PLN}",
        ],
    )
    def test_nothing_else_is(self, apply: Apply, change: str) -> None:
        apply(OPERATOR, LOW, edit(f"name: Low, {change}"))
        assert Rule.objects.get().version == 1

    def test_bands_are_known_by_their_edges_and_come_back_as_they_were(self, apply: Apply) -> None:
        apply(OPERATOR, BANDS)
        before = dict(RuleBand.objects.values_list("upper", "pk"))
        apply(edit("name: Bands, trigger: {kind: balance_band, bands: [[30, 10], [5, null]]}"))
        assert Rule.objects.get().version == 2
        active = RuleBand.objects.filter(active=True).values_list("upper", "lower")
        assert set(active) == {(Decimal(30), Decimal(10)), (Decimal(5), None)}
        assert RuleBand.objects.filter(active=True).get(upper=5).pk == before[Decimal(5)]
        apply(BANDS)
        assert dict(RuleBand.objects.filter(active=True).values_list("upper", "pk")) == before
        assert RuleBand.objects.count() == 4


class TestAudiences:
    def test_a_rule_without_audience_speaks_to_all_of_its_unit_below_it(self, apply: Apply) -> None:
        apply(OPERATOR, LOW)
        assert spoken_to("Low") == {("1", "net"), ("2", "net")}

    def test_a_rule_of_a_reseller_speaks_to_its_clients_only(self, apply: Apply) -> None:
        apply(OPERATOR, LOW.replace("organization: op", "organization: res"))
        assert spoken_to("Low") == {("1", "net")}

    def test_each_key_asks_for_any_of_its_values_and_all_keys_are_to_be_met(self, apply: Apply) -> None:
        apply(OPERATOR, "clients:\n  - {organization: op, code: c2, groups: vip, tags: [a]}\n")
        trigger = "trigger: {kind: balance_exhausted}"
        apply(edit(f"name: any, {trigger}, audience: {{service: [voice, net]}}"))
        apply(edit(f"name: all, {trigger}, audience: {{service: [voice, net], group: vip, tag: [a, b]}}"))
        apply(edit(f"name: none, {trigger}, audience: {{service: net, not: {{group: vip, tag: b}}}}"))
        apply(edit(f"name: status, {trigger}, audience: {{status: active, billing: prepaid, not: {{tag: a}}}}"))
        assert spoken_to("any") == {("1", "net"), ("1", "voice"), ("2", "net")}
        assert spoken_to("all") == {("2", "net")}
        assert spoken_to("none") == {("1", "net")}
        assert spoken_to("status") == {("1", "net"), ("1", "voice")}

    def test_joining_a_group_joins_the_audience(self, apply: Apply) -> None:
        apply(OPERATOR, edit("name: r, trigger: {kind: balance_exhausted}, audience: {group: vip}"))
        assert not spoken_to("r")
        apply("clients:\n  - {organization: op, code: c2, groups: vip}\n")
        assert spoken_to("r") == {("2", "net")}
        apply("clients:\n  - {organization: op, code: c2, groups: []}\n")
        assert not spoken_to("r")

    def test_a_code_unknown_above_means_all_so_called_below(self, apply: Apply) -> None:
        apply(OPERATOR, "services:\n  - {organization: res, code: tv, name: TV, unit: PLN}\n")
        apply("accounts:\n  - {organization: res, number: '1', services: [tv]}\n")
        apply(edit("name: r, trigger: {kind: balance_exhausted}, audience: {service: tv}"))
        assert spoken_to("r") == {("1", "tv")}

    def test_a_service_that_comes_later_joins_rules_that_the_file_does_not_mention(self, apply: Apply) -> None:
        apply(OPERATOR, "organizations:\n  - {code: other, parent: op, name: Other}\n")
        apply("services:\n  - {organization: res, code: tv, name: TV, unit: PLN}\n")
        apply(edit("name: r, trigger: {kind: balance_exhausted}, audience: {service: tv}"))
        text = """
services:
  - {organization: other, code: tv, name: TV, unit: PLN}
clients:
  - {organization: other, code: c9, name: Eve}
accounts:
  - {organization: other, number: "9", client: c9, services: [tv]}
"""
        apply(text)
        assert spoken_to("r") == {("9", "tv")}
        assert not apply(text).changed

    def test_a_service_that_measures_something_else_leaves_the_rules_of_its_old_unit(self, apply: Apply) -> None:
        apply(OPERATOR, edit("name: r, trigger: {kind: balance_below, amount: 10, unit: min}, recipients: []"))
        assert spoken_to("r") == {("1", "voice")}
        apply('accounts:\n  - {organization: res, number: "1", state: deleted}\n')
        apply(
            "services:\n  - {organization: op, code: voice, unit: PLN}\n"
            'accounts:\n  - {organization: res, number: "1", client: c1, services: [voice]}\n'
        )
        assert spoken_to("r") == set()

    def test_conditions_are_left_alone_when_nothing_differs(self, apply: Apply) -> None:
        rule = edit("name: r, trigger: {kind: balance_exhausted}, audience: {service: net, not: {group: vip}}")
        apply(OPERATOR, rule)
        before = set(RuleCondition.objects.values_list("pk", "negated"))
        apply(rule)
        assert set(RuleCondition.objects.values_list("pk", "negated")) == before
        assert {negated for _, negated in before} == {False, True}


class TestRecipients:
    PEOPLE = """
contacts:
  - {organization: op, code: duty, name: Duty, points: [{kind: email, address: duty@op.test}]}
users:
  - {email: anna@op.test, roles: [{organization: op, role: look}]}
  - {email: eve@else.test}
"""

    def test_everybody_can_be_told(self, apply: Apply) -> None:
        recipients = "[{to: client}, {to: organization}, {to: user, user: Anna@op.test}, {to: contact, contact: duty}]"
        rule = "organization: res, name: r, trigger: {kind: balance_exhausted}"
        apply(OPERATOR, self.PEOPLE, f"rules:\n  - {{{rule}, recipients: {recipients}}}\n")
        apply(edit("name: s, trigger: {kind: balance_exhausted}, recipients: [{to: boss@x.test}, {to: boss@x.test}]"))
        told = RuleRecipient.objects.values_list("rule__name", "kind", "user__email", "contact__code", "address")
        assert set(told) == {
            ("r", "client", None, None, ""),
            ("r", "organization", None, None, ""),
            ("r", "user", "anna@op.test", None, ""),
            ("r", "contact", None, "duty", ""),
            ("s", "address", None, None, "boss@x.test"),
        }

    def test_a_user_without_a_role_near_cannot_be_told(self, refusal: Refusal) -> None:
        recipients = "[{to: user, user: eve@else.test}]"
        text = edit(f"name: r, trigger: {{kind: balance_exhausted}}, recipients: {recipients}")
        assert refusal(OPERATOR, self.PEOPLE, text) == [
            "rules[0].recipients[0].user: has no role in this organization, above or below it (line 2)"
        ]

    def test_recipients_mentioned_are_all_there_are(self, apply: Apply) -> None:
        apply(OPERATOR, LOW, edit("name: Low, recipients: [{to: organization}]"))
        assert [recipient.kind for recipient in RuleRecipient.objects.all()] == ["organization"]


class TestSwitching:
    def below(self, apply: Apply) -> None:
        apply(OPERATOR)
        post("op", ("2", "net", EntryKind.TOP_UP, "100"), ("2", "net", EntryKind.CHARGE, "70"))

    def test_those_already_below_are_marked_silently_and_counted(self, apply: Apply) -> None:
        self.below(apply)
        report = apply(LOW)
        assert [(start.rule, start.marked, start.notified) for start in report.starts] == [("Low", 1, 0)]
        assert 'rule "Low": 1 already below, marked silently' in report.as_text()
        assert not Notice.objects.exists()
        assert Alarm.objects.get().silent

    def test_they_are_told_when_the_operator_says_so_and_only_once(self, apply: Apply) -> None:
        self.below(apply)
        notify = LOW.replace("name: Low", "name: Low\n    notify_now: true")
        report = apply(notify)
        assert [(start.rule, start.marked, start.notified) for start in report.starts] == [("Low", 0, 1)]
        assert Delivery.objects.get().address == "bob@client.test"
        assert not apply(notify, now=NOW + timedelta(days=3)).changed
        assert Notice.objects.count() == 1

    def test_an_inactive_rule_waits_and_starts_when_switched_on(self, apply: Apply) -> None:
        self.below(apply)
        apply(LOW.replace("name: Low", "name: Low\n    state: inactive"))
        assert Rule.objects.get().switched_on_at is None
        assert not Alarm.objects.exists()
        report = apply(edit("name: Low, state: active"), now=NOW + timedelta(hours=1))
        assert [start.marked for start in report.starts] == [1]
        assert Rule.objects.get().switched_on_at == NOW + timedelta(hours=1)

    def test_an_edit_of_the_threshold_is_silent_too(self, apply: Apply) -> None:
        self.below(apply)
        apply(LOW.replace("amount: 50", "amount: 10"))
        report = apply(LOW)
        assert [start.marked for start in report.starts] == [1]
        assert not Notice.objects.exists()

    def test_a_lower_credit_limit_is_a_look_at_the_rules(self, apply: Apply) -> None:
        apply(OPERATOR, LOW, "accounts:\n  - {organization: op, number: '2', credit_limit: 30}\n")
        post("op", ("2", "net", EntryKind.TOP_UP, "100"), ("2", "net", EntryKind.CHARGE, "70"))
        assert not Notice.objects.exists()
        report = apply("accounts:\n  - {organization: op, number: '2', credit_limit: 10}\n")
        assert report.counts == {"accounts": {"changed": 1}}
        assert Notice.objects.get().available == 40

    def test_new_rules_and_lower_limits_in_one_file_tell_of_the_limits(self, apply: Apply) -> None:
        apply(OPERATOR, "accounts:\n  - {organization: op, number: '2', credit_limit: 30}\n")
        post("op", ("2", "net", EntryKind.TOP_UP, "100"), ("2", "net", EntryKind.CHARGE, "70"))
        apply("accounts:\n  - {organization: op, number: '2', credit_limit: 10}\n" + LOW)
        assert Notice.objects.count() == 1

    def test_a_deleted_rule_speaks_to_nobody_and_frees_its_name(self, apply: Apply) -> None:
        apply(OPERATOR, LOW)
        assert apply(edit("name: Low, state: deleted")).counts == {"rules": {"deleted": 1}}
        assert apply(edit("name: Low, state: deleted")).counts == {"rules": {"unchanged": 1}}
        assert not spoken_to("Low")
        assert apply(LOW).counts == {"rules": {"created": 1}}
        assert set(Rule.objects.values_list("state", flat=True)) == {RuleState.DELETED, RuleState.ACTIVE}
        assert spoken_to("Low") == {("1", "net"), ("2", "net")}

    def test_a_client_that_is_suspended_leaves_the_audience_of_the_active(self, apply: Apply) -> None:
        apply(OPERATOR, edit("name: r, trigger: {kind: balance_exhausted}, audience: {status: active}"))
        apply("clients:\n  - {organization: op, code: c2, status: suspended}\n")
        assert Client.objects.get(code="c2").status == "suspended"
        assert spoken_to("r") == {("1", "net"), ("1", "voice")}
