import pytest

from tests.parties import house as rooms


@pytest.fixture
def house(db: None) -> rooms.House:
    return rooms.build()
