"""What the author of a description does not see is neither hinted at nor confirmed, and is not theirs to break."""

import json
from collections.abc import Callable

import pytest

from ostatok import pipeline
from ostatok.intake.description import applying, exporting_rules
from ostatok.intake.description.problems import DescriptionError
from ostatok.parties.access import Actor, Key, Permission, System
from ostatok.parties.models import AuditRecord, Client, ClientGroup, Organization, User
from ostatok.rules.models import Rule, RuleRecipient
from tests.intake.description.conftest import NOW, Apply
from tests.intake.description.test_exporting import exported

#: A reseller between its operator, a sibling and a shop below it; each has what the others may not see of it.
TREE = """
organizations:
  - {code: op, name: Operator}
  - {code: res, parent: op, name: Reseller}
  - {code: sib, parent: op, name: Sibling}
  - {code: shop, parent: res, name: Shop}
services:
  - {organization: sib, code: cinema, name: Cinema, unit: min}
  - {organization: op, code: telephone, name: Telephone, unit: min}
groups:
  - {organization: op, code: favourites, name: Favourites}
  - {organization: sib, code: debtors, name: Debtors}
  - {organization: res, code: residents, name: Residents}
contacts:
  - {organization: op, code: duty-desk, name: Duty}
  - {organization: res, code: reception, name: Reception}
users:
  - {email: natalia@operator.test, roles: [{organization: op, role: owner}]}
  - {email: veronika@sib.test, roles: [{organization: sib, role: owner}]}
  - {email: ludmila@res.test, roles: [{organization: res, role: owner}]}
  - {email: bolat@shop.test, roles: [{organization: shop, role: look}]}
"""
ROLELESS = "anna.roleless@res.test"

As = Callable[[str], list[str]]


@pytest.fixture
def as_reseller(apply: Apply) -> As:
    """Describe the tree, then apply a text with a key of the reseller; returns what is refused."""
    apply(TREE)
    User.objects.create(email=ROLELESS)
    return lambda text: refused(_key("res"), text)


def refused(actor: Actor, text: str) -> list[str]:
    """Apply a text; what is wrong with it, without places."""
    try:
        applying.apply(text, actor=actor, effects=pipeline.Effects(now=NOW), origin="test")
    except DescriptionError as error:
        return [problem.message for problem in error.problems]
    return []


def _key(code: str) -> Key:
    at = Organization.objects.get(code=code)
    return Key(key_id=1, name="billing", organization_id=at.pk, permissions=frozenset(Permission))


def telling(recipient: str) -> str:
    return (
        "rules:\n  - {organization: res, name: r, trigger: {kind: balance_exhausted},"
        f" recipients: [{{{recipient}}}]}}\n"
    )


def about(audience: str) -> str:
    return f"rules:\n  - {{organization: res, name: r, trigger: {{kind: balance_exhausted}}, audience: {audience}}}\n"


class TestHints:
    @pytest.mark.parametrize("typo", ["natalja@operator.test", "veronica@sib.test", "anna.rolless@res.test"])
    def test_no_address_out_of_sight_is_hinted_at(self, as_reseller: As, typo: str) -> None:
        assert as_reseller(telling(f"to: user, user: {typo}")) == [f'unknown user "{typo}"']

    def test_an_address_within_sight_is(self, as_reseller: As) -> None:
        assert as_reseller(telling("to: user, user: ludmilla@res.test")) == [
            'unknown user "ludmilla@res.test": did you mean "ludmila@res.test"?'
        ]

    @pytest.mark.parametrize("known", ["veronika@sib.test", ROLELESS])
    def test_an_address_that_is_known_elsewhere_is_unknown_here(self, as_reseller: As, known: str) -> None:
        assert as_reseller(telling(f"to: user, user: {known}")) == [f'unknown user "{known}"']

    def test_of_somebody_seen_it_is_said_that_a_role_is_missing(self, as_reseller: As, apply: Apply) -> None:
        apply("organizations:\n  - {code: kiosk, parent: res, name: Kiosk}\n")
        text = telling("to: user, user: bolat@shop.test").replace("organization: res", "organization: kiosk")
        assert as_reseller(text) == ["has no role in this organization, above or below it"]

    @pytest.mark.parametrize(
        "recipient",
        ["to: user, user: natalia@operator.test", "to: user, user: bolat@shop.test", "to: contact, contact: duty-desk"],
    )
    def test_those_above_and_below_may_be_told_by_whoever_knows_them(self, as_reseller: As, recipient: str) -> None:
        assert as_reseller(telling(recipient)) == []
        assert RuleRecipient.objects.count() == 1

    def test_no_contact_above_is_hinted_at(self, as_reseller: As) -> None:
        assert as_reseller(telling("to: contact, contact: duty-dsk")) == ['unknown contact "duty-dsk"']
        assert as_reseller(telling("to: contact, contact: recepton")) == [
            'unknown contact "recepton": did you mean "reception"?'
        ]

    @pytest.mark.parametrize(
        ("audience", "message"),
        [
            ("{service: cinma}", 'unknown service "cinma"'),
            ("{service: telephon}", 'unknown service "telephon": did you mean "telephone"?'),
            ("{group: debtor}", 'unknown group "debtor"'),
            ("{group: favorites}", 'unknown group "favorites"'),
            ("{group: resident}", 'unknown group "resident": did you mean "residents"?'),
        ],
    )
    def test_an_audience_is_helped_with_what_is_seen_only(self, as_reseller: As, audience: str, message: str) -> None:
        assert as_reseller(about(audience)) == [message]

    def test_a_client_is_helped_to_a_group_that_is_seen_only(self, as_reseller: As) -> None:
        client = "clients:\n  - {organization: res, code: c, name: C, groups: [favorites, resident]}\n"
        assert as_reseller(client) == [
            'unknown group "favorites"',
            'unknown group "resident": did you mean "residents"?',
        ]

    def test_the_installation_is_helped_with_everything_near(self, as_reseller: As) -> None:
        for text, hint in (
            (telling("to: user, user: veronica@sib.test"), "veronika@sib.test"),
            (telling("to: contact, contact: duty-dsk"), "duty-desk"),
            (about("{group: favorites}"), "favourites"),
        ):
            [message] = refused(System(), text)
            assert message.endswith(f'did you mean "{hint}"?')
        assert refused(System(), about("{group: debtor}")) == ['unknown group "debtor"']


class TestRemoving:
    def test_a_rule_above_holds_what_it_asks_for_and_is_not_named(self, as_reseller: As, apply: Apply) -> None:
        apply(about("{group: residents}").replace("organization: res, name: r", "organization: op, name: Secret"))
        gone = "groups:\n  - {organization: res, code: residents, state: deleted}\n"
        assert as_reseller(gone) == ["a rule of an organization above asks for it"]
        assert refused(System(), gone) == ['the rule "Secret" of op asks for it: change its audience too']
        assert ClientGroup.objects.filter(code="residents").exists()

    def test_a_rule_within_sight_is_named(self, as_reseller: As, apply: Apply) -> None:
        apply(about("{group: residents}"))
        assert as_reseller("groups:\n  - {organization: res, code: residents, state: deleted}\n") == [
            'the rule "r" of res asks for it: change its audience too'
        ]

    def test_a_user_told_by_a_rule_above_stays_and_the_rule_is_not_named(self, as_reseller: As, apply: Apply) -> None:
        apply(
            telling("to: user, user: bolat@shop.test").replace(
                "organization: res, name: r", "organization: op, name: Secret"
            )
        )
        gone = "users:\n  - {email: bolat@shop.test, state: deleted}\n"
        assert as_reseller(gone) == ["cannot be removed: told by a rule that you do not see"]
        assert refused(System(), gone) == ['cannot be removed: told by the rules "Secret"']

    @pytest.mark.parametrize(
        "gone",
        [
            "organizations:\n  - {code: sib, state: deleted}\n",
            "users:\n  - {email: veronika@sib.test, state: deleted}\n",
        ],
    )
    def test_what_is_out_of_sight_is_not_there_to_be_removed(self, as_reseller: As, gone: str) -> None:
        """To refuse it would tell that it is there, and of an organization what it still has."""
        assert as_reseller(gone) == []
        assert Organization.objects.filter(code="sib").exists()
        assert User.objects.filter(email="veronika@sib.test").exists()


class TestRecipients:
    """A rule that tells the client, a contact of the operator, and Anna, who has lost her last role."""

    @pytest.fixture(autouse=True)
    def _told(self, as_reseller: As, apply: Apply) -> None:
        apply(
            telling("to: client}, {to: contact, contact: duty-desk}, {to: user, user: anna.roleless@res.test").replace(
                "rules:",
                "users:\n  - {email: anna.roleless@res.test, roles: [{organization: res, role: look}]}\nrules:",
            )
        )
        apply("users:\n  - {email: anna.roleless@res.test, roles: [{organization: res, state: deleted}]}\n")

    def test_who_is_out_of_sight_is_stated_without_a_name(self) -> None:
        [item] = exporting_rules.described(_key("res"), list(Rule.objects.select_related("organization")))
        assert item["recipients"] == [{"to": "client", "channel": "email"}, {"to": "unseen", "channel": "email"}]

    def test_what_is_stated_is_taken_back_and_changes_nothing(self, as_reseller: As) -> None:
        before = told()
        [item] = exporting_rules.described(_key("res"), list(Rule.objects.select_related("organization")))
        assert as_reseller(json.dumps({"rules": [item]}, default=str)) == []
        assert told() == before

    @pytest.mark.parametrize("recipients", ["[]", "[{to: unseen}]"])
    def test_who_is_out_of_sight_stays(self, as_reseller: As, recipients: str) -> None:
        assert as_reseller(f"rules:\n  - {{organization: res, name: r, recipients: {recipients}}}\n") == []
        assert told() == {("contact", "duty-desk"), ("user", ROLELESS)}

    def test_and_is_confirmed_to_nobody_who_asks_by_name(self, as_reseller: As) -> None:
        assert as_reseller(telling(f"to: user, user: {ROLELESS}")) == [f'unknown user "{ROLELESS}"']

    def test_the_installation_sees_and_removes_them(self, apply: Apply) -> None:
        assert "{to: contact, contact: duty-desk, channel: email}" in exported()
        assert f"{{to: user, user: {ROLELESS}, channel: email}}" in exported()
        apply(telling("to: client"))
        assert told() == {("client", "")}

    def test_an_export_that_names_who_lost_its_role_changes_nothing_here(self, apply: Apply) -> None:
        assert not apply(exported()).changed

    def test_whoever_sees_everybody_does_not_take_away_those_it_was_not_shown(
        self, refusal: Callable[..., list[str]]
    ) -> None:
        [problem] = refusal("rules:\n  - {organization: res, name: r, recipients: [{to: client}, {to: unseen}]}\n")
        assert "recipients[1].to: stands for nobody: you see everybody whom this rule tells" in problem

    def test_a_new_rule_tells_nobody_out_of_sight(self, as_reseller: As) -> None:
        copy = telling("to: unseen").replace("name: r", "name: copy")
        assert as_reseller(copy) == ["stands for nobody: you see everybody whom this rule tells"]

    def test_a_contact_no_longer_above_stays_where_it_is_named(self, apply: Apply) -> None:
        apply("organizations:\n  - {code: res, parent: null}\n")
        assert not apply(exported()).changed


class TestGroups:
    """A client of the reseller in a group of its own and in one of the operator."""

    @pytest.fixture(autouse=True)
    def _grouped(self, as_reseller: As, apply: Apply) -> None:
        apply("clients:\n  - {organization: res, code: c, name: C, groups: [residents, favourites]}\n")

    @pytest.mark.parametrize("stated", ["[residents]", "[]"])
    def test_a_group_out_of_sight_is_not_left(self, as_reseller: As, stated: str) -> None:
        assert as_reseller(f"clients:\n  - {{organization: res, code: c, phone: '1', groups: {stated}}}\n") == []
        assert groups() == {"favourites"} | ({"residents"} if "residents" in stated else set())

    def test_a_group_out_of_sight_is_unknown(self, as_reseller: As) -> None:
        for code in ("favourites", "nonsense"):
            client = f"clients:\n  - {{organization: res, code: c, groups: [residents, {code}]}}\n"
            assert as_reseller(client) == [f'unknown group "{code}"']

    def test_the_audit_of_a_reseller_does_not_name_it(self, as_reseller: As) -> None:
        as_reseller("clients:\n  - {organization: res, code: c, groups: []}\n")
        act = AuditRecord.objects.filter(action="client.changed").latest("pk")
        assert act.changes == {"groups": [["residents"], []]}

    def test_a_namesake_of_ones_own_does_not_take_its_place(self, as_reseller: As, apply: Apply) -> None:
        apply("groups:\n  - {organization: res, code: favourites, name: Own}\n")
        assert not apply(exported()).changed
        assert as_reseller("clients:\n  - {organization: res, code: c, groups: [favourites]}\n") == []
        assert sorted(Client.objects.get().groups.values_list("name", flat=True)) == ["Favourites", "Own"]
        assert not apply(exported()).changed

    def test_who_sees_it_states_and_leaves_it(self, apply: Apply) -> None:
        assert "groups: [favourites, residents]" in exported()
        assert refused(_key("op"), "clients:\n  - {organization: res, code: c, groups: [residents]}\n") == []
        assert groups() == {"residents"}


def groups() -> set[str]:
    """The groups of the one client, by code."""
    return set(Client.objects.get().groups.values_list("code", flat=True))


def told() -> set[tuple[str, str]]:
    """Whom the rule tells: each by kind, and e-mail or code."""
    rows = RuleRecipient.objects.values_list("kind", "user__email", "contact__code")
    return {(kind, email or code or "") for kind, email, code in rows}
