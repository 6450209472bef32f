"""A customer who looks into the cabinet, and one of another organization."""

from collections.abc import Iterator

import pytest
from django.test import Client as Browser
from pytest_django.plugin import DjangoDbBlocker

from ostatok.parties.models import ClientUser, User
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
def browser(world: World) -> Browser:
    """Anna, who sees the cabinet of the client romashka of the north."""
    return faces.signed_in(world.customer)


@pytest.fixture
def stranger(world: World) -> Browser:
    """Somebody who sees the cabinet of a client of the south."""
    user = User.objects.create_user("stranger@lastochka.test", faces.PASSWORD, language="en")
    ClientUser.objects.create(user=user, client=world.clients["lastochka-romashka"])
    return faces.signed_in(user)
