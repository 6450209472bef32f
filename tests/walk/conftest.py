"""One world for all walks of a module; each request's changes are taken back."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client as Browser
from django.test import override_settings

from tests import faces
from tests.walk import estate
from tests.walk.estate import MAIL_PASSWORD, Estate


@pytest.fixture(autouse=True)
def _django_db_helper() -> None:
    """Instead of pytest-django's: the mark `django_db` has the database made, but no transaction around each test."""


@pytest.fixture(scope="module")
def place(django_db_setup: None, django_db_blocker: Any) -> Iterator[Estate]:
    """The world with one of everything."""
    url = f"smtp://ostatok:{quote(MAIL_PASSWORD)}@127.0.0.1:1"
    said = override_settings(OSTATOK_EMAIL_URL=url, OSTATOK_OIDC=estate.PROVIDER)
    with django_db_blocker.unblock(), said, transaction.atomic():
        yield estate.furnish(faces.build())
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def browsers(place: Estate) -> Mapping[str, Browser]:
    """Who asks, signed in."""
    return place.browsers()
