"""What a program does not see is not told to it, and stays where it writes."""

from typing import Any

import pytest

from ostatok.parties.models import Contact, Membership
from ostatok.rules.models import Rule, RuleRecipient
from tests import faces
from tests.api.program import Program, problem, program, told
from tests.faces import World

pytestmark = pytest.mark.django_db

RULE = "rules/Остаток минут"
CLIENT = {"to": "client", "channel": "email"}
UNSEEN = {"to": "unseen", "channel": "email"}
DUTY = {"to": "contact", "contact": "duty", "channel": "email"}


@pytest.fixture
def energo(world: World) -> Program:
    """May do everything in the organization above."""
    return program(world.organizations["energo"])


@pytest.fixture
def _told_above(world: World) -> None:
    """A rule of the north tells a contact of the organization above, and somebody who has lost the last role."""
    duty = {"organization": "energo", "code": "duty", "name": "Дежурный Энергосбыта"}
    recipients = [CLIENT, DUTY, {"to": "user", "user": "look@north.test"}]
    faces.describe(
        {
            "contacts": [duty],
            "rules": [{"organization": "north", "name": "Остаток минут", "recipients": recipients}],
        }
    )
    Membership.objects.filter(user__email="look@north.test").delete()


def stated(rule: dict[str, Any]) -> list[dict[str, Any]]:
    return [{name: value for name, value in one.items() if value is not None} for one in rule["recipients"]]


@pytest.mark.usefixtures("_told_above")
class TestRecipients:
    def test_a_rule_says_that_it_tells_somebody(self, north: Program) -> None:
        one = told(north.get(RULE))
        [listed] = [rule for rule in told(north.get("rules"))["items"] if rule["name"] == one["name"]]
        [of_account] = told(north.get("accounts/100001/rules"))
        assert stated(one) == stated(listed) == stated(of_account) == [CLIENT, UNSEEN]

    @pytest.mark.parametrize("recipients", [[CLIENT, UNSEEN], [CLIENT]])
    def test_put_back_it_goes_on_telling_them(self, north: Program, recipients: list[dict[str, str]]) -> None:
        assert told(north.put(RULE, {"recipients": recipients}))["outcome"] == "unchanged"
        assert RuleRecipient.objects.filter(rule__name="Остаток минут", rule__organization__code="north").count() == 3

    def test_whoever_reaches_them_sees_and_removes_them(self, energo: Program, north: Program) -> None:
        assert stated(told(energo.get(RULE))) == [CLIENT, DUTY, UNSEEN]
        told(energo.put(RULE, {"recipients": [CLIENT]}, organization="north"))
        told_now = RuleRecipient.objects.filter(rule__name="Остаток минут", rule__organization__code="north")
        assert set(told_now.values_list("kind", flat=True)) == {"client", "user"}

    def test_an_outsider_finds_no_such_rule(self, south: Program) -> None:
        problem(south.get(RULE), 404, "not-found")
        problem(south.get("accounts/100001/rules"), 404, "not-found")
        assert told(south.put(RULE, {"trigger": {"kind": "balance_exhausted"}}), 201)["outcome"] == "created"
        assert Rule.objects.get(name="Остаток минут", organization__code="north").recipients.count() == 3
        assert Contact.objects.filter(code="duty").exists()


@pytest.fixture
def _grouped_above(world: World) -> None:
    """A client of the north in a group of its own, and in one of the organization above."""
    group = {"organization": "energo", "code": "debtors", "name": "Должники"}
    client = {"organization": "north", "code": "romashka", "groups": ["vip", "debtors"]}
    faces.describe({"groups": [group], "clients": [client]})


@pytest.mark.usefixtures("_grouped_above")
class TestGroups:
    def test_a_group_out_of_reach_is_not_told_and_not_left(self, world: World, north: Program) -> None:
        whole = told(north.get("clients/romashka"))
        assert whole["groups"] == ["vip"]
        assert [one["groups"] for one in told(north.get("clients", search="Ромашка"))["items"]] == [["vip"]]
        back = {name: value for name, value in whole.items() if value is not None}
        assert told(north.put("clients/romashka", back))["outcome"] == "unchanged"
        assert told(north.put("clients/romashka", {"groups": [], "phone": "1"}))["outcome"] == "changed"
        assert [group.code for group in world.clients["romashka"].groups.all()] == ["debtors"]

    def test_it_cannot_be_stated(self, north: Program) -> None:
        [error] = problem(north.put("clients/romashka", {"groups": ["debtors"]}), 422, "invalid")["errors"]
        assert error == {"place": "body.groups[0]", "detail": 'unknown group "debtors"'}

    def test_whoever_reaches_it_sees_and_leaves_it(self, world: World, energo: Program) -> None:
        assert told(energo.get("clients/romashka"))["groups"] == ["debtors", "vip"]
        told(energo.put("clients/romashka", {"groups": ["vip"]}, organization="north"))
        assert [group.code for group in world.clients["romashka"].groups.all()] == ["vip"]

    def test_an_outsider_finds_no_such_client(self, world: World, south: Program) -> None:
        problem(south.get("clients/romashka"), 404, "not-found")
        problem(south.put("clients/romashka", {"groups": []}), 422, "invalid")
        assert world.clients["romashka"].groups.count() == 2
