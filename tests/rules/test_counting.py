"""Who stands below a rule, counted in pieces: the pieces come to what one look finds."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from ostatok.notices.models import Notice
from ostatok.parties.models import Client
from ostatok.rules import counting, preview
from ostatok.rules.counting import Count
from ostatok.rules.models import Alarm, Rule, RuleState, SegmentRule
from tests import faces

pytestmark = pytest.mark.django_db

BANDS, MONEY = "Остаток минут", "Мало денег"


@pytest.fixture(autouse=True)
def world() -> faces.World:
    return faces.build()


def rule(name: str) -> Rule:
    return Rule.objects.get(organization__code="north", name=name)


def pieces(of: Rule, *, chunk: int, size: int = preview.SIZE) -> Iterator[Count]:
    """A count in pieces of one chunk each."""
    found = counting.of_rule(of, now=faces.NOW, patience=timedelta(0), chunk=chunk, size=size)
    yield found
    while found.rest:
        found = counting.of_rule(of, now=faces.NOW, so_far=found.rest, patience=timedelta(0), chunk=chunk, size=size)
        yield found


@pytest.mark.parametrize("name", [BANDS, MONEY])
@pytest.mark.parametrize("chunk", [1, 3, 8, 1_000])
def test_pieces_come_to_what_one_look_finds(name: str, chunk: int) -> None:
    *_, last = pieces(rule(name), chunk=chunk)
    whole = preview.of_rule(rule(name), now=faces.NOW)
    assert last.is_whole
    assert last.looked == whole.watched
    assert replace(last.preview, clients=None, next=None) == replace(whole, clients=None, next=None)


def test_what_is_known_so_far_is_the_least(world: faces.World) -> None:
    counts = list(pieces(rule(BANDS), chunk=2))
    below = [count.preview.below for count in counts]
    assert below == sorted(below)
    assert [count.looked for count in counts] == [2, 4, 6, 8, 8]
    assert {count.preview.watched for count in counts} == {8}


def test_the_most_urgent_of_all_pieces_are_shown_and_no_more(world: faces.World) -> None:
    *_, last = pieces(rule(BANDS), chunk=1, size=2)
    assert [round(one.percent or 0) for one in last.preview.items] == [-9, 3]
    assert last.preview.below == 3


def test_one_look_has_further_pages_and_counts_clients(world: faces.World) -> None:
    found = counting.of_rule(rule(BANDS), now=faces.NOW, size=2)
    assert found == Count(preview=preview.of_rule(rule(BANDS), now=faces.NOW, size=2), looked=8, rest=None)


def test_a_tally_of_an_older_version_begins_anew(world: faces.World) -> None:
    first = counting.of_rule(rule(BANDS), now=faces.NOW, patience=timedelta(0), chunk=2)
    Rule.objects.filter(name=BANDS).update(version=7)
    again = counting.of_rule(rule(BANDS), now=faces.NOW, so_far=first.rest, patience=timedelta(0), chunk=2)
    assert again.looked == 2


def test_counting_leaves_nothing_behind(world: faces.World) -> None:
    models = (Notice, Alarm, SegmentRule, Client)
    before = [model._default_manager.count() for model in models]
    list(pieces(rule(MONEY), chunk=3))
    assert [model._default_manager.count() for model in models] == before
    assert rule(MONEY).state == RuleState.INACTIVE


def test_a_deleted_rule_speaks_to_nobody(world: faces.World) -> None:
    Rule.objects.filter(name=MONEY).update(state=RuleState.DELETED)
    assert counting.of_rule(rule(MONEY), now=faces.NOW).preview == preview.NOBODY
