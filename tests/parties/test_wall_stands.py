"""When the second wall stands: raised, nested, lowered, and on connections that break or are made meanwhile."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

import ostatok
from ostatok.parties import wall
from ostatok.parties.access import Member, Role, System
from ostatok.parties.models import Client, Organization
from tests.parties.house import House, furnish

pytestmark = pytest.mark.django_db

#: Who takes the wall down, and why that shows nobody more than is his.
LOWERED_BY = {
    "console/meanwhile.py": "finds who changed a thing meanwhile, and names them to those who may know",
    "delivery/replaying.py": "settles deliveries that came through their door, by facts from the whole tree",
    "intake/uploads.py": "keeps a file of an organization in which the actor may post",
    "parties/audit.py": "records, so that nobody behind the wall can forge a record",
    "rules/preview.py": "lets a rule that came through its door look, and takes all of it back",
    "web/changes.py": "applies a description, which has doors of its own",
    "web/entries.py": "posts: the organization came through its door",
    "web/previews.py": "tries a description, which has doors of its own",
    "web/switching.py": "asks for a rule to be switched that its actor may change",
    "parties/invitations.py": "asks whether a password would open more than what an invitation is to",
    "web/signing_in/confirming.py": "drops ways in that were set before the mailbox was shown to be its owner's",
    "web/signing_in/invitations.py": "asks whether an address has a user who has not set a password",
    "web/signing_in/oidc/links.py": "shows and cuts the link of a colleague to the provider, for who may",
    "web/signing_in/receivers.py": "asks whether somebody has any role or client left",
    "web/signing_in/records.py": "records who came in and how, for all organizations of a user",
    "web/signing_in/second_factor.py": "takes the second factors of a colleague away, for who may",
    "web/signing_in/sessions.py": "ends the sessions of a colleague, for who may",
}


def _member(*organizations: Organization, role: Role = Role.OWNER) -> Member:
    return Member(user_id=0, name="someone", roles={organization.pk: role for organization in organizations})


def _raw(text: str, *parameters: str | int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text, parameters or None)
        return cursor.fetchall() if cursor.description else []


def test_the_installation_has_no_wall(house: House) -> None:
    with wall.raised_for(System()):
        assert not wall.is_raised()
        assert Client.objects.count() == 3


def test_walls_nest_and_come_down_in_order(house: House) -> None:
    with wall.raised_for(_member(house.left)):
        with wall.raised_for(_member(house.parent)):
            assert Client.objects.count() == 3
            with wall.lowered():
                assert not wall.is_raised()
                assert Organization.objects.count() == 3
            assert Client.objects.count() == 3
        assert Client.objects.get().organization == house.left
    assert Client.objects.count() == 3


def test_an_error_takes_the_wall_down_and_goes_on(house: House) -> None:
    with pytest.raises(LookupError), wall.raised_for(_member(house.left)):
        raise LookupError
    assert not wall.is_raised()
    assert Client.objects.count() == 3


def test_a_failed_statement_within_keeps_the_wall_where_it_was(house: House) -> None:
    with wall.raised_for(_member(house.left)):
        with pytest.raises(DatabaseError, match="division"), transaction.atomic(), wall.lowered():
            _raw("select 1/0")
        assert Client.objects.count() == 1
    assert Client.objects.count() == 3


def test_a_rollback_does_not_lift_the_wall_raised_before_it(house: House) -> None:
    with wall.raised_for(_member(house.left)):
        with pytest.raises(LookupError), transaction.atomic():
            raise LookupError
        assert Client.objects.count() == 1


def test_a_statement_prepared_for_one_actor_does_not_show_his_rows_to_the_next(house: House) -> None:
    def seen() -> list[int]:
        rows = psycopg.Cursor(connection.connection).execute(
            "select organization_id from client order by 1", prepare=True
        )
        return [at for (at,) in rows]

    for _again in range(3):
        for organization in (house.left, house.right):
            with wall.raised_for(_member(organization)):
                assert seen() == [organization.pk]
        assert seen() == sorted([house.parent.pk, house.left.pk, house.right.pk])


def test_a_new_organization_of_another_tree_is_nobodys_neighbour(house: House) -> None:
    elsewhere = Organization.objects.create(code="elsewhere", name="Elsewhere")
    furnish(elsewhere)
    with wall.raised_for(_member(house.parent)):
        assert Client.objects.count() == 3
        assert not Organization.objects.filter(pk=elsewhere.pk).exists()
    with wall.raised_for(_member(elsewhere)):
        assert Client.objects.get().organization == elsewhere


@pytest.fixture
def two_left_and_one_right(transactional_db: None) -> tuple[Organization, Organization]:
    left = Organization.objects.create(code="left", name="Left")
    right = Organization.objects.create(code="right", name="Right")
    for organization, code in ((left, "a"), (left, "b"), (right, "c")):
        Client.objects.create(organization=organization, code=code, name=code)
    return left, right


def test_a_connection_made_behind_the_wall_begins_there(
    two_left_and_one_right: tuple[Organization, Organization],
) -> None:
    left, _right = two_left_and_one_right
    with wall.raised_for(_member(left)):
        connection.close()
        assert Client.objects.count() == 2
        with wall.lowered():
            connection.close()
            assert Client.objects.count() == 3
        assert Client.objects.count() == 2
        connection.close()
    assert Client.objects.count() == 3


def test_a_broken_connection_does_not_hide_the_error_that_was_on_its_way(
    two_left_and_one_right: tuple[Organization, Organization],
) -> None:
    left, _right = two_left_and_one_right

    def break_down() -> None:
        with wall.raised_for(_member(left)):
            Client.objects.count()
            connection.connection.close()
            raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        break_down()
    assert Client.objects.count() == 3


def test_a_wall_that_cannot_be_raised_leaves_nothing_behind(
    two_left_and_one_right: tuple[Organization, Organization],
) -> None:
    left, _right = two_left_and_one_right
    Client.objects.count()
    connection.connection.close()
    with pytest.raises(DatabaseError), wall.raised_for(_member(left)):
        pytest.fail("the wall stands on a broken connection")
    assert not wall.is_raised()
    connection.close()
    assert Client.objects.count() == 3


def test_raising_and_lowering_are_no_queries_of_the_page(house: House, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1), wall.raised_for(_member(house.left)):
        Client.objects.count()


def test_the_wall_is_taken_down_in_these_places_only() -> None:
    source = Path(ostatok.__file__).parent
    callers = {path for path in source.rglob("*.py") if "lowered()" in path.read_text(encoding="utf-8")}
    assert {str(path.relative_to(source)) for path in callers} == set(LOWERED_BY) | {"parties/wall.py"}
