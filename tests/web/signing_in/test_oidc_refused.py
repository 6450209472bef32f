"""Signing in by OpenID Connect when something is wrong with it: nobody comes in, and the page says why."""

import logging
import time
from typing import Any

import pytest
from django.test import Client as Browser

from ostatok.parties.models import User
from tests.sinks.oidc import CLIENT_SECRET, KEY_ID, OidcProvider, new_key
from tests.web.signing_in.coming import CALLBACK, LOGIN, come, is_in, use, way_back

pytestmark = pytest.mark.django_db


def refused(browser: Browser, answer: Any, status: int, words: str) -> None:
    page = answer.content.decode()
    assert (answer.status_code, is_in(browser)) == (status, False), page
    assert "You are not signed in" in page
    assert words in page
    assert CLIENT_SECRET not in page


@pytest.mark.parametrize(
    "said",
    [
        {"nonce": "of another sign-in"},
        {"nonce": ["of", "another"]},
        {"iss": "https://other.test"},
        {"aud": "another-program"},
        {"aud": ["ostatok", "another-program"]},
        {"aud": ["ostatok", "another-program"], "azp": "another-program"},
        {"azp": "another-program"},
        {"exp": int(time.time()) - 120},
        {"iat": int(time.time()) + 3600},
        {"nbf": int(time.time()) + 3600},
        {"exp": "tomorrow"},
        {"exp": float("nan")},
        {"iat": float("inf")},
        {"sub": ""},
        {"sub": 17},
        {"sub": "s" * 192},
    ],
    ids=" ".join,
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    client: Browser, owner: User, idp: OidcProvider, said: dict[str, Any]
) -> None:
    idp.token = said
    refused(client, come(client), 403, "What Энерго-ID says of you cannot be relied on")


@pytest.mark.parametrize("claim", ["iss", "aud", "exp", "iat", "sub", "nonce"])
def test_a_token_that_does_without_something_is_refused(
    client: Browser, owner: User, idp: OidcProvider, claim: str
) -> None:
    idp.left_out = {claim}
    refused(client, come(client), 403, "cannot be relied on")


def test_a_token_for_several_programs_says_that_it_is_for_us(client: Browser, owner: User, idp: OidcProvider) -> None:
    idp.token = {"aud": ["ostatok", "another-program"], "azp": "ostatok"}
    come(client)
    assert is_in(client)


def test_a_token_that_somebody_else_signed_is_refused(client: Browser, owner: User, idp: OidcProvider) -> None:
    idp.signs_with = new_key()
    refused(client, come(client), 403, "cannot be relied on")


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_that_anybody_could_have_signed_is_refused(
    client: Browser, owner: User, idp: OidcProvider, algorithm: str
) -> None:
    idp.algorithm = algorithm
    refused(client, come(client), 403, "cannot be relied on")


def test_a_token_with_an_unknown_key_is_refused(client: Browser, owner: User, idp: OidcProvider) -> None:
    idp.kid = f"not {KEY_ID}"
    refused(client, come(client), 403, "cannot be relied on")


def test_who_comes_back_without_having_gone_is_refused(client: Browser, owner: User, idp: OidcProvider) -> None:
    for query in ({}, {"code": "x"}, {"code": "x", "state": "guessed"}):
        refused(client, client.get(CALLBACK, query), 400, "You come back too late")
    assert "/token" not in idp.asked


def test_the_way_back_of_another_browser_is_refused(client: Browser, owner: User, idp: OidcProvider) -> None:
    back = way_back(client)
    victim = Browser()
    victim.get(LOGIN)
    refused(victim, victim.get(back), 400, "You come back too late")


def test_the_way_back_is_good_once(client: Browser, owner: User, idp: OidcProvider) -> None:
    back = way_back(client)
    client.get(back)
    client.post("/account/logout/")
    refused(client, client.get(back), 400, "You come back too late")


def test_a_code_that_was_made_up_is_refused(client: Browser, owner: User, idp: OidcProvider) -> None:
    state = way_back(client).rpartition("state=")[2]
    refused(client, client.get(CALLBACK, {"code": "guessed", "state": state}), 403, "cannot be relied on")


def test_a_wrong_secret_is_refused(client: Browser, owner: User, idp: OidcProvider, settings: Any) -> None:
    use(settings, idp, client_secret="not it")
    refused(client, come(client), 403, "cannot be relied on")


def test_who_the_provider_does_not_let_is_told_so(client: Browser, owner: User, idp: OidcProvider) -> None:
    idp.denies = "access_denied"
    refused(client, come(client), 403, "Энерго-ID was told not to let you in here")
    idp.denies = "temporarily_unavailable"
    refused(client, come(client), 502, "Энерго-ID does not answer as it should")


@pytest.mark.parametrize("endpoint", ["/token", "/jwks", "/userinfo"])
def test_a_provider_that_breaks_on_the_way_is_told_of(
    client: Browser, owner: User, idp: OidcProvider, endpoint: str
) -> None:
    idp.broken, idp.left_out = {endpoint}, {"email"}
    refused(client, come(client), 502, "does not answer as it should")


def test_a_provider_that_does_not_answer_is_told_of(
    client: Browser, owner: User, idp: OidcProvider, settings: Any
) -> None:
    idp.broken = {"/.well-known/openid-configuration"}
    refused(client, client.get(LOGIN), 502, "does not answer as it should")
    use(settings, idp, issuer="http://127.0.0.1:9")
    refused(client, client.get(LOGIN), 502, "does not answer as it should")


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://other.test"},
        {"issuer": None},
        {"token_endpoint": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"userinfo_endpoint": "ftp://other.test"},
    ],
    ids=str,
)
def test_a_provider_that_describes_another_is_not_believed(
    client: Browser, owner: User, idp: OidcProvider, metadata: dict[str, Any]
) -> None:
    idp.metadata = metadata
    refused(client, client.get(LOGIN), 502, "does not answer as it should")


def test_a_redirect_does_not_take_the_secret_elsewhere(client: Browser, owner: User, idp: OidcProvider) -> None:
    """The sink redirects whoever asks for authorization: as the address of tokens that would be a way out."""
    idp.metadata = {"jwks_uri": f"{idp.issuer}/authorize?redirect_uri={idp.issuer}/jwks&state=x"}
    refused(client, come(client), 502, "does not answer as it should")


def test_neither_the_log_nor_a_page_holds_a_secret(
    client: Browser, owner: User, idp: OidcProvider, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    idp.token = {"aud": "another-program"}
    with caplog.at_level(logging.DEBUG, logger="ostatok"):
        come(client)
    assert "signing in by OpenID Connect failed" in caplog.text
    for secret in (CLIENT_SECRET, owner.email, idp.asked["/token"]["code"], idp.asked["/token"]["code_verifier"]):
        assert secret not in caplog.text
    assert CLIENT_SECRET not in repr(settings.OSTATOK_OIDC)


@pytest.mark.parametrize(
    ("language", "words"),
    [("ru", "Вы не вошли"), ("pl", "Nie zalogowano"), ("kk", "Сіз кірген жоқсыз")],
)
def test_the_page_speaks_the_readers_language(
    client: Browser, owner: User, idp: OidcProvider, language: str, words: str
) -> None:
    idp.denies = "access_denied"
    back = way_back(client)
    assert words in client.get(back, headers={"Accept-Language": language}).content.decode()
