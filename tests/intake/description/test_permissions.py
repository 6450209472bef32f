"""A description is made true only where its author may change what it changes."""

from collections.abc import Callable
from typing import Any

import pytest

from ostatok import pipeline
from ostatok.intake.description import applying
from ostatok.intake.description.problems import DescriptionError
from ostatok.parties.access import Key, Member, Permission, Role
from ostatok.parties.models import Membership, Organization, User
from tests.intake.description.conftest import NOW, OPERATOR, Apply

As = Callable[[Role, str], list[str]]

SECTIONS = {
    "organizations": "organizations:\n  - {code: res, phone: '1'}\n",
    "services": "services:\n  - {organization: res, code: tv, name: TV, unit: PLN}\n",
    "groups": "groups:\n  - {organization: res, code: g, name: G}\n",
    "contacts": "contacts:\n  - {organization: res, code: c, name: C}\n",
    "users": "users:\n  - {email: new@x.test, roles: [{organization: res, role: look}]}\n",
    "clients": "clients:\n  - {organization: res, code: c1, name: New}\n",
    "accounts": "accounts:\n  - {organization: res, number: '1', address: New}\n",
    "rules": "rules:\n  - {organization: res, name: r, trigger: {kind: balance_exhausted}}\n",
    "templates": "templates:\n  - {organization: res, kind: balance_below, language: en, subject: x}\n",
}
MAY = {
    Role.LOOK: set(),
    Role.AUDITOR: set(),
    Role.CLERK: {"groups", "clients", "accounts"},
    Role.SERVICE_ADMINISTRATOR: SECTIONS.keys() - {"organizations", "users"},
    Role.OWNER: SECTIONS.keys(),
}


@pytest.fixture
def problems(apply: Apply) -> As:
    """Describe an operator, then apply a text as a member of its reseller; returns what is refused."""
    apply(OPERATOR, "users:\n  - {email: boss@op.test, roles: [{organization: op, role: owner}]}\n")
    reseller = Organization.objects.get(code="res")

    def apply_as(role: Role, text: str) -> list[str]:
        member = Member(user_id=0, name="member", roles={reseller.pk: role})
        try:
            applying.apply(text, actor=member, effects=pipeline.Effects(now=NOW), origin="test")
        except DescriptionError as error:
            return [problem.message for problem in error.problems]
        return []

    return apply_as


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("role", Role)
def test_each_role_changes_what_is_its_own_to_change(problems: As, role: Role, section: str) -> None:
    refused = problems(role, SECTIONS[section])
    assert (not refused) == (section in MAY[role])
    assert all("you may not change" in message for message in refused)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SECTIONS["clients"].replace("res", "op"), 'unknown organization "op"'),
        ("users:\n  - {email: new@x.test, roles: [{organization: op, role: owner}]}\n", 'unknown organization "op"'),
        ("organizations:\n  - {code: new, name: New}\n", "you may not change this organization"),
        ("organizations:\n  - {code: res, parent: null}\n", "you may not change this organization"),
        ("organizations:\n  - {code: new, name: New, parent: op}\n", 'unknown organization "op"'),
        ("users:\n  - {email: boss@op.test, name: Mine}\n", "this address signs in elsewhere already: invite it"),
    ],
)
def test_an_owner_changes_nothing_beside_or_above_its_own(problems: As, text: str, message: str) -> None:
    assert problems(Role.OWNER, text) == [message]


def test_an_owner_makes_organizations_below_its_own(problems: As) -> None:
    assert problems(Role.OWNER, "organizations:\n  - {code: new, name: New, parent: res}\n") == []


class TestRoles:
    """A program that may change users, and not all that owners may."""

    COLLEAGUES = """
users:
  - {email: owner@res.test, roles: [{organization: res, role: owner}]}
  - {email: look@res.test, roles: [{organization: res, role: look}]}
  - {email: both@res.test, roles: [{organization: res, role: look}, {organization: shop, role: owner}]}
"""

    @pytest.fixture
    def changed(self, apply: Apply) -> Callable[[str], list[str]]:
        apply(OPERATOR, "organizations:\n  - {code: shop, parent: res, name: Shop}\n", self.COLLEAGUES)
        reseller = Organization.objects.get(code="res")
        permissions = frozenset({Permission.SEE, Permission.CHANGE_USERS})
        key = Key(key_id=1, name="people", organization_id=reseller.pk, permissions=permissions)

        def apply_as(text: str) -> list[str]:
            try:
                applying.apply(f"users:\n  - {{{text}}}\n", actor=key, effects=pipeline.Effects(now=NOW), origin="test")
            except DescriptionError as error:
                return [str(problem) for problem in error.problems]
            return []

        return apply_as

    @pytest.mark.parametrize("role", ["role: look", "state: deleted"])
    def test_the_role_of_who_may_do_more_is_neither_changed_nor_taken(self, changed: Any, role: str) -> None:
        assert changed(f"email: owner@res.test, roles: [{{organization: res, {role}}}]") == [
            "users[0].roles[0]: you may not change the role of somebody who may do more than you (line 2)"
        ]
        assert Membership.objects.filter(user__email="owner@res.test", role=Role.OWNER).exists()

    def test_each_role_is_looked_at_where_it_is_held(self, changed: Any) -> None:
        assert changed("email: both@res.test, roles: [{organization: shop, state: deleted}]") != []
        assert changed("email: both@res.test, roles: [{organization: res, state: deleted}]") == []

    @pytest.mark.parametrize("email", ["owner@res.test", "both@res.test"])
    def test_who_may_do_more_is_not_removed(self, changed: Any, email: str) -> None:
        assert changed(f"email: {email}, state: deleted") == [
            "users[0]: you may not remove somebody who may do more than you (line 2)"
        ]
        assert User.objects.filter(email=email).exists()

    def test_who_may_do_no_more_is(self, changed: Any) -> None:
        assert changed("email: look@res.test, roles: [{organization: res, state: deleted}]") == []
        assert changed("email: look@res.test, roles: [{organization: res, role: look}]") != []  # out of sight by now

    def test_no_role_is_given_that_may_do_more(self, changed: Any) -> None:
        assert changed("email: look@res.test, roles: [{organization: res, role: clerk}]") == [
            "users[0].roles[0].role: you may not give a role that may do more than you (line 2)"
        ]

    def test_a_role_that_stays_as_it_is_may_be_stated(self, changed: Any) -> None:
        assert changed("email: owner@res.test, name: Olga, roles: [{organization: res, role: owner}]") == []

    def test_who_may_only_look_where_a_user_works_does_not_remove_it(self, changed: Any, apply: Apply) -> None:
        roles = {
            Organization.objects.get(code=code).pk: role for code, role in (("op", Role.LOOK), ("res", Role.OWNER))
        }
        apply("users:\n  - {email: boss@op.test, roles: [{organization: op, role: look}]}\n")
        member = Member(user_id=0, name="member", roles=roles)
        gone = "users:\n  - {email: boss@op.test, state: deleted}\n"
        with pytest.raises(DescriptionError, match="you may not change this user"):
            applying.apply(gone, actor=member, effects=pipeline.Effects(now=NOW), origin="test")
