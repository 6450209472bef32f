"""People who sign in, and a mail server that keeps what they are sent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache

from ostatok.delivery.channels.email.sink import Sink
from ostatok.parties.access import Role
from ostatok.parties.models import Membership, Organization, User
from tests.sinks.oidc import OidcProvider, oidc_provider
from tests.web.signing_in import coming
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


@pytest.fixture
def owner(anna: User) -> User:
    """The same Anna, who works for somebody."""
    energo = Organization.objects.create(code="energo", name="Энергосбыт", email="ops@energo.test", language="ru")
    Membership.objects.create(user=anna, organization=energo, role=Role.OWNER)
    return anna


@pytest.fixture
def idp(settings: Any) -> Iterator[OidcProvider]:
    """A provider that the installation lets its staff come from, and that has Anna signed in."""
    with oidc_provider() as provider:
        coming.use(settings, provider)
        yield provider
