"""The world of the faces, and programs of its organizations."""

import pytest

from ostatok.parties.access import Permission
from tests import faces
from tests.api.program import Program, program
from tests.faces import World


@pytest.fixture
def world(db: None) -> World:
    return faces.build()


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
