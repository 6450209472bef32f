"""A description is made true only where its author may change what it changes."""

from collections.abc import Callable

import pytest

from ostatok import pipeline
from ostatok.intake.description import applying
from ostatok.intake.description.problems import DescriptionError
from ostatok.parties.access import Member, Role
from ostatok.parties.models import Organization
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
