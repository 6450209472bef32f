"""The world of the faces, and the people of the north who look at it through the console."""

import pytest
from django.test import Client as Browser

from ostatok.parties.access import Role
from tests import faces
from tests.faces import World


@pytest.fixture
def world(db: None) -> World:
    return faces.build()


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
