"""Notices are found in the order of when they were raised, without a look at those of others or of later days."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ostatok.notices import finding
from ostatok.notices.finding import Wanted
from ostatok.notices.models import Notice, NoticeState
from ostatok.parties import wall
from ostatok.parties.access import Actor, Customer, Key, Member, Permission, Role, System
from ostatok.parties.models import Organization
from ostatok.rules.models import Rule
from tests import faces

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MANY = 4_000
LONG_AGO = faces.NOW - MANY * HOUR


@pytest.fixture
def world() -> faces.World:
    """Each hour a northern rule told about one balance, a southern one about another, one of the root about both."""
    world = faces.build()
    faces.describe({"rules": [{**_RULE, "organization": "energo", "name": "Сверху"}]})
    above = Rule.objects.get(name="Сверху")
    for at, number in ((world.north, "100001"), (world.south, "200001")):
        for rule in (Rule.objects.get(organization=at, name__endswith="Остаток минут"), above):
            _raise(world, at, number, rule)
    with connection.cursor() as cursor:
        cursor.execute("analyze notice")
    return world


_RULE = {
    "trigger": {"kind": "balance_below", "amount": 1, "unit": "KZT"},
    "recipients": [{"to": "client"}],
    "state": "inactive",
}


def _raise(world: faces.World, at: Organization, number: str, rule: Rule) -> None:
    balance, account = world.balance(number, "ad"), world.accounts[number]
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into notice (organization_id, rule_id, rule_version, kind, balance_id, account_id, client_id,"
            " epoch, occasion, step, amount, available, raised_at, state, reason)"
            " select %s, %s, 1, 'balance_below', %s, %s, %s, 1, 1000 + n, 0, 1, 1, %s + n * interval '1 hour',"
            " case when n %% 1000 = 0 then 'failed' else 'sent' end, '' from generate_series(1, %s) n",
            [at.pk, rule.pk, balance.pk, account.pk, account.client_id, LONG_AGO, MANY],
        )


def clerk(world: faces.World) -> Member:
    return Member(user_id=1, name="clerk", roles={world.north.pk: Role.CLERK})


def found(actor: Actor, size: int = 500, **wanted: Any) -> list[Notice]:
    return list(finding.notices(actor, Wanted(**wanted), size=size).items)


def read(actor: Actor, **wanted: Any) -> tuple[str, int]:
    """The plan that finds a page behind the wall, and how many rows any step of it read."""
    with wall.raised_for(actor):
        with CaptureQueriesContext(connection) as ran:
            assert found(actor, size=50, **wanted)
        [sql] = [one["sql"] for one in ran.captured_queries if "raised_at desc" in (one["sql"] or "")]
        with connection.cursor() as cursor:
            cursor.execute(f"explain (analyze, buffers off) {sql}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
    removed = [int(rows) for rows in re.findall(r"Rows Removed by \S+: (\d+)", plan)]
    return plan, max([*removed, *(int(float(rows)) for rows in re.findall(r"actual time=\S+ rows=([\d.]+)", plan))])


def some_days(ago: int) -> dict[str, Any]:
    begin = LONG_AGO + ago * HOUR
    return {"since": begin, "until": begin + 20 * HOUR}


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        some_days(10),
        {"state": NoticeState.FAILED},
        {"rule": "Остаток минут"},
        {"rule": "Остаток минут", **some_days(10)},
        {"rule": "Остаток минут", "state": NoticeState.FAILED},
        {"rule": "Сверху"},
        {"rule": "Сверху", **some_days(10)},
        {"state": NoticeState.SENT, **some_days(10)},
    ],
)
def test_a_page_reads_little_more_than_it_shows(world: faces.World, wanted: dict[str, Any]) -> None:
    plan, rows = read(clerk(world), **wanted)
    assert "Seq Scan on notice" not in plan
    assert rows <= 210, plan


def test_what_is_open_has_an_index_of_its_own(world: faces.World) -> None:
    plan, _rows = read(clerk(world), state=NoticeState.FAILED)
    assert "notice_open" in plan


def test_the_newest_come_first_and_those_of_others_not_at_all(world: faces.World) -> None:
    own = found(clerk(world))
    assert [row.raised_at for row in own] == sorted((row.raised_at for row in own), reverse=True)
    assert {row.organization.code for row in own} == {"north"}
    assert {row.organization.code for row in found(System())} == {"north", "south"}
    assert {row.organization.code for row in found(System(), organization=world.south.pk)} == {"south"}
    assert found(Customer(user_id=1, name="anna", clients=(world.clients["romashka"].pk,))) == []


@pytest.mark.parametrize("wanted", [{}, {"rule": "Остаток минут"}, {"account": "100001"}, {"client": "romashka"}])
def test_pages_follow_each_other_without_a_gap(world: faces.World, wanted: dict[str, Any]) -> None:
    actor, after, read_so_far = clerk(world), None, []
    whole = [row.pk for row in found(actor, size=60, **wanted)]
    for _page in range(3):
        piece = finding.notices(actor, Wanted(**wanted), after=after, size=20)
        read_so_far += [row.pk for row in piece.items]
        after = (str(piece.items[-1].raised_at), piece.items[-1].pk)
    assert read_so_far == whole


def test_the_last_page_says_that_it_is_the_last(world: faces.World) -> None:
    piece = finding.notices(clerk(world), Wanted(state=NoticeState.FAILED), size=8)
    assert (len(piece.items), piece.more) == (8, False)
    assert finding.notices(clerk(world), Wanted(state=NoticeState.FAILED), size=7).more


def test_they_are_narrowed_by_rule_client_account_state_and_days(world: faces.World) -> None:
    actor = clerk(world)
    assert {row.rule.organization_id for row in found(actor, rule="Сверху")} == {world.organizations["energo"].pk}
    assert {row.rule.name for row in found(actor, client="romashka", rule="Остаток минут")} == {"Остаток минут"}
    assert {row.account.number for row in found(actor, account="100001")} == {"100001"}
    assert found(actor, account="200001") == []
    assert found(actor, client="ric", account="100001") == []
    assert found(actor, rule="нет такого") == []
    assert {row.state for row in found(actor, state=NoticeState.FAILED, account="100001")} == {"failed"}
    days = some_days(10)
    own = found(actor, **days)
    assert len(own) == 40
    assert {days["since"] <= row.raised_at < days["until"] for row in own} == {True}


def test_a_rule_tells_of_those_below_its_organization_only_to_who_reaches_them(world: faces.World) -> None:
    key = Key(
        key_id=1, name="k", organization_id=world.organizations["energo"].pk, permissions=frozenset({Permission.SEE})
    )
    assert {row.organization.code for row in found(key, rule="Сверху")} == {"north", "south"}
    assert {row.organization.code for row in found(clerk(world), rule="Сверху")} == {"north"}


def test_what_was_raised_for_a_past_moment_stands_there(world: faces.World) -> None:
    newest = Notice.objects.filter(organization=world.north).latest("pk")
    Notice.objects.filter(pk=newest.pk).update(raised_at=LONG_AGO)
    assert found(clerk(world), size=10_000)[-1].pk == newest.pk
    assert newest.pk not in {row.pk for row in found(clerk(world), **some_days(1))}
