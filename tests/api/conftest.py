"""The world of the faces, and programs of its organizations."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from ostatok.parties.access import Permission
from tests import faces
from tests.api.program import Program, program
from tests.faces import World


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The world, built once for all tests of a module: each of them is rolled back to it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield faces.build()
        transaction.set_rollback(True)


@pytest.fixture
def world(built: World, db: None) -> World:
    return built


@pytest.fixture
def north(world: World) -> Program:
    """May do everything in the northern organization."""
    return program(world.north)


@pytest.fixture
def south(world: World) -> Program:
    """An outsider: may do everything in the sibling."""
    return program(world.south)


@pytest.fixture
def looker(world: World) -> Program:
    """May look, and no more."""
    return program(world.north, [Permission.SEE])
