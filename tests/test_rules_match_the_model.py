"""The product's SQL against the plain Python model of DESIGN §6, over random histories on a real PostgreSQL.

Every example is a new organization, undone at its end.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from tests.model.compare import picture
from tests.model.histories import Load, histories, loads
from tests.model.ledger import Ledger
from tests.model.protocol import World
from tests.model.steps import History, cut
from tests.product import Installation

pytestmark = pytest.mark.django_db
thorough = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)


@contextmanager
def installed(world: World) -> Iterator[Installation]:
    """An organization for one example; nothing of it stays."""
    with transaction.atomic():
        yield Installation(world)
        transaction.set_rollback(True)


@thorough
@given(history=histories(packages=False))
def test_the_product_does_what_the_model_does_after_every_step(history: History) -> None:
    model = Ledger(history.world.services, history.world.accounts)
    with installed(history.world) as product:
        for step in history.steps:
            assert step.apply(product) == step.apply(model), step
            assert picture(product) == picture(model), step


@thorough
@given(load=loads(packages=False))
def test_the_notices_of_the_product_do_not_depend_on_how_entries_are_cut(load: Load) -> None:
    pictures = []
    for points in (load.one_cut, load.other_cut):
        with installed(load.before.world) as product:
            for step in load.before.steps:
                step.apply(product)
            for batch in cut(load.entries, points):
                product.post(batch, load.now)
            pictures.append(picture(product))
    assert pictures[0] == pictures[1]
