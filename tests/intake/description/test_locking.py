"""A description waits for postings in flight, and two of them for each other."""

import psycopg
import pytest
from django.db import OperationalError, connection

from ostatok import pipeline
from ostatok.intake.description import applying
from ostatok.ledger import locks
from ostatok.parties.access import System
from ostatok.parties.models import Client, Organization
from tests.intake.description.conftest import NOW, OPERATOR

pytestmark = pytest.mark.django_db(transaction=True)

EDIT = "clients:\n  - {organization: res, code: c1, name: Renamed}\n"


def _apply(text: str) -> None:
    applying.apply(text, actor=System(), effects=pipeline.Effects(now=NOW), origin="test")


def _impatiently(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set lock_timeout = '200ms'")
    try:
        _apply(text)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("reset lock_timeout")


def test_nothing_is_changed_while_something_is_posted_in_the_same_tree(database_url: str) -> None:
    _apply(OPERATOR)
    with psycopg.connect(database_url) as posting:
        locks.share(posting.cursor(), Organization.objects.get(code="op").pk)  # type: ignore[arg-type]
        with pytest.raises(OperationalError, match="lock timeout"):
            _impatiently(EDIT)
    assert Client.objects.get(code="c1").name == "Anna"
    _apply(EDIT)
    assert Client.objects.get(code="c1").name == "Renamed"


def test_other_trees_are_not_waited_for(database_url: str) -> None:
    _apply(OPERATOR + "  # another\n")
    _apply("organizations:\n  - {code: other, name: Other}\n")
    with psycopg.connect(database_url) as posting:
        locks.share(posting.cursor(), Organization.objects.get(code="other").pk)  # type: ignore[arg-type]
        _impatiently(EDIT)
    assert Client.objects.get(code="c1").name == "Renamed"


def test_two_descriptions_of_organizations_go_one_after_the_other(database_url: str) -> None:
    _apply(OPERATOR)
    with psycopg.connect(database_url) as other:
        other.execute("update organization set name = 'Renamed' where code = 'op'")
        with pytest.raises(OperationalError, match="lock timeout"):
            _impatiently("organizations:\n  - {code: new, name: New}\n")
    assert not Organization.objects.filter(code="new").exists()
