"""The world of the faces, and the people of the north who look at it through the console."""

from collections.abc import Iterator

import pytest
from django.test import Client as Browser
from pytest_django.plugin import DjangoDbBlocker

from ostatok.parties.access import Role
from tests import faces
from tests.faces import World


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with faces.built_for_a_module(django_db_blocker):
        yield


@pytest.fixture
def world(built: None, db: None) -> World:
    return faces.seen()


@pytest.fixture
def clerk(world: World) -> Browser:
    return world.member(Role.CLERK)


@pytest.fixture
def looker(world: World) -> Browser:
    """May look, and no more."""
    return world.member(Role.LOOK)


@pytest.fixture
def owner(world: World) -> Browser:
    return world.member(Role.OWNER)


@pytest.fixture
def outsider(world: World) -> Browser:
    """A clerk of the sibling."""
    return world.outsider
