"""Who comes by OpenID Connect needs a second factor here, unless the provider is trusted with it and says so."""

from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client as Browser

from ostatok.parties.models import User
from tests.sinks.oidc import OidcProvider
from tests.web.signing_in import people
from tests.web.signing_in.coming import come, is_in, use

pytestmark = pytest.mark.django_db

SHOWN: list[dict[str, Any]] = [
    {"amr": ["pwd", "mfa"]},
    {"amr": ["otp"]},
    {"amr": ["hwk"]},
    {"acr": "phr"},
    {"acr": "https://refeds.org/profile/mfa"},
]
NOT_SHOWN: list[dict[str, Any]] = [
    {},
    {"amr": ["pwd"]},
    {"amr": ["pwd", "sms"]},
    {"amr": "mfa"},
    {"amr": [["mfa"]]},
    {"acr": "1"},
    {"acr": ["phr"]},
]


def test_whoever_has_one_is_asked_for_it(client: Browser, owner: User, idp: OidcProvider) -> None:
    secret = people.app_of(owner)
    assert come(client, next="/console/")["Location"] == "/account/2fa/authenticate/"
    assert not is_in(client)
    assert client.post("/account/2fa/authenticate/", {"code": people.code(secret)})["Location"] == "/console/"
    assert client.get("/console/").status_code == 200


def test_whoever_has_none_is_led_to_set_one_up(client: Browser, owner: User, idp: OidcProvider) -> None:
    come(client)
    assert client.get("/console/")["Location"] == "/account/2fa/"
    assert client.get("/api/v1/clients").status_code == 403
    assert client.get("/account/2fa/totp/activate/").status_code == 200


def test_the_link_is_made_when_the_second_factor_was_shown(client: Browser, owner: User, idp: OidcProvider) -> None:
    secret = people.app_of(owner)
    come(client)
    assert not SocialAccount.objects.filter(user=owner).exists()
    client.post("/account/2fa/authenticate/", {"code": people.code(secret)})
    assert SocialAccount.objects.filter(user=owner).exists()


@pytest.mark.parametrize("said", SHOWN, ids=str)
def test_a_trusted_provider_that_saw_one_is_enough(
    client: Browser, owner: User, idp: OidcProvider, settings: Any, said: dict[str, Any]
) -> None:
    use(settings, idp, trusts_mfa=True)
    idp.token = said
    come(client)
    assert is_in(client)
    assert client.get("/console/").status_code == 200


@pytest.mark.parametrize("said", NOT_SHOWN, ids=str)
def test_a_trusted_provider_that_saw_none_is_not(
    client: Browser, owner: User, idp: OidcProvider, settings: Any, said: dict[str, Any]
) -> None:
    use(settings, idp, trusts_mfa=True)
    idp.token = said
    come(client)
    assert client.get("/console/")["Location"] == "/account/2fa/"


def test_a_trusted_provider_that_saw_one_spares_the_one_here(
    client: Browser, owner: User, idp: OidcProvider, settings: Any
) -> None:
    people.app_of(owner)
    use(settings, idp, trusts_mfa=True)
    idp.token = {"amr": ["mfa"]}
    assert come(client)["Location"] == "/"
    assert is_in(client)


@pytest.mark.parametrize("said", SHOWN, ids=str)
def test_a_provider_that_is_not_trusted_with_it_spares_nobody(
    client: Browser, owner: User, idp: OidcProvider, said: dict[str, Any]
) -> None:
    people.app_of(owner)
    idp.token = said
    assert come(client)["Location"] == "/account/2fa/authenticate/"


def test_trust_that_is_taken_back_counts_at_once(
    client: Browser, owner: User, idp: OidcProvider, settings: Any
) -> None:
    use(settings, idp, trusts_mfa=True)
    idp.token = {"amr": ["mfa"]}
    come(client)
    use(settings, idp)
    assert client.get("/console/")["Location"] == "/account/2fa/"
    settings.OSTATOK_OIDC = None
    assert client.get("/console/")["Location"] == "/account/2fa/"


def test_a_password_is_no_second_factor_of_the_provider(
    client: Browser, owner: User, idp: OidcProvider, settings: Any
) -> None:
    use(settings, idp, trusts_mfa=True)
    idp.token = {"amr": ["mfa"]}
    come(client)
    client.post("/account/logout/")
    people.sign_in(client, owner.email)
    assert client.get("/console/")["Location"] == "/account/2fa/"
