"""People who sign in, and a mail server that keeps what they are sent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache

from ostatok.delivery.channels.email.sink import Sink
from ostatok.parties.models import User
from tests.web.signing_in.people import PASSWORD


@pytest.fixture
def sink(tmp_path: Path, settings: Any) -> Iterator[Sink]:
    """A server on this machine to which mails of signing in are handed over, as in production."""
    settings.EMAIL_BACKEND = "ostatok.web.signing_in.mail.Backend"
    server = Sink(tmp_path)
    server.up()
    settings.OSTATOK_EMAIL_URL = f"smtp://127.0.0.1:{server.port}"
    yield server
    server.close()


@pytest.fixture(autouse=True)
def passwords_are_cheap(settings: Any) -> None:
    """How dear a hash is, is Django's affair."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def no_limits_used(db: None) -> None:
    """Limits are counted in the database's cache: each test begins with none used."""
    cache.clear()


@pytest.fixture
def anna(db: None) -> User:
    """A user without a role who confirmed her address."""
    user = User.objects.create_user("anna@romashka.test", PASSWORD, name="Анна Ромашкина", language="en")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user
