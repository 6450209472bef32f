"""What is asked of the provider: where it answers, tokens for a code, its keys (Discovery and Core 1.0)."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import requests

from ostatok.kernel.errors import OstatokError
from ostatok.web.signing_in.oidc.provider import Provider

#: Seconds that the provider has for each answer: somebody waits for it at the screen.
TIMEOUT: Final = 5
SCOPE: Final = "openid email profile"
_WELL_KNOWN: Final = "/.well-known/openid-configuration"
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderDown(OstatokError):
    """The provider does not answer, or not as OpenID Connect has it."""


class CodeRefused(ProviderDown):
    """The provider answers, and gives no tokens for the code."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoints:
    """Where the provider answers; `userinfo` may be empty. `basic`: the secret goes in a header, not in the form."""

    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str
    basic: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Tokens:
    """What a code was exchanged for. Neither is kept."""

    id_token: str
    access_token: str


def discover(provider: Provider) -> Endpoints:
    """Where the provider answers. Raises ProviderDown, also if what answers is another one."""
    told = _asked("GET", provider.key + _WELL_KNOWN)
    issuer = told.get("issuer")
    if not isinstance(issuer, str) or issuer.rstrip("/") != provider.key:
        raise ProviderDown("the provider calls itself by another name")
    for name in _ENDPOINTS:
        _require_as_safe(told.get(name), provider)
    userinfo = told.get("userinfo_endpoint") or ""
    if userinfo:
        _require_as_safe(userinfo, provider)
    return Endpoints(
        issuer=issuer,
        authorization=told["authorization_endpoint"],
        token=told["token_endpoint"],
        keys=told["jwks_uri"],
        userinfo=userinfo,
        basic="client_secret_post"
        not in (told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]),
    )


def _require_as_safe(address: object, provider: Provider) -> None:
    """TLS, unless the provider itself is one on this machine, which has none."""
    wanted = urlsplit(provider.issuer).scheme
    if not isinstance(address, str) or urlsplit(address).scheme not in {"https", wanted}:
        raise ProviderDown("the provider names no safe address")


def authorization(
    provider: Provider, endpoints: Endpoints, *, callback: str, state: str, nonce: str, challenge: Mapping[str, str]
) -> str:
    """Where the browser is sent, to come back to `callback` with a code. Nothing of it comes from the browser."""
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": callback,
        "scope": SCOPE,
        "state": state,
        "nonce": nonce,
        **challenge,
    }
    joint = "&" if urlsplit(endpoints.authorization).query else "?"
    return f"{endpoints.authorization}{joint}{urlencode(asked)}"


def redeem(provider: Provider, endpoints: Endpoints, code: str, *, callback: str, verifier: str) -> Tokens:
    """The tokens for a code. Raises CodeRefused and ProviderDown."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": callback, "code_verifier": verifier}
    headers = {}
    if endpoints.basic:
        headers["Authorization"] = _basic(provider)
    else:
        form |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
    told = _asked("POST", endpoints.token, data=form, headers=headers)
    found = told.get("id_token"), told.get("access_token")
    if not all(isinstance(token, str) and token for token in found):
        raise CodeRefused("the provider gave no tokens")
    return Tokens(id_token=told["id_token"], access_token=told["access_token"])


def _basic(provider: Provider) -> str:
    """RFC 6749, 2.3.1: each of the two is encoded as in a form first."""
    pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def keys(endpoints: Endpoints) -> dict[str, Any]:
    """The keys that the provider signs with now (RFC 7517). Raises ProviderDown."""
    return _asked("GET", endpoints.keys)


def userinfo(endpoints: Endpoints, access_token: str) -> dict[str, Any]:
    """What the provider tells of the user beside the token. Raises ProviderDown."""
    return _asked("GET", endpoints.userinfo, headers={"Authorization": f"Bearer {access_token}"})


def _asked(method: str, address: str, **more: Any) -> dict[str, Any]:
    """The object that is answered. Redirects are not followed: the secret goes where discovery said, or nowhere."""
    try:
        answer = requests.request(method, address, timeout=TIMEOUT, allow_redirects=False, **more)
        told = answer.json()
    except requests.RequestException:
        raise ProviderDown("the provider does not answer") from None
    if answer.status_code in {requests.codes.bad_request, requests.codes.unauthorized}:
        raise CodeRefused("the provider refuses what it is asked")
    if answer.status_code != requests.codes.ok or not isinstance(told, dict):
        raise ProviderDown("the provider answers with something else")
    return told
