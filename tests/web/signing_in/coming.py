"""How people come by the provider: there, and back to us."""

from typing import Any
from urllib.parse import urlsplit

import requests
from django.test import Client as Browser

from ostatok.web.signing_in.oidc.provider import Provider
from tests.sinks.oidc import CLIENT_ID, CLIENT_SECRET, OidcProvider

LOGIN = "/account/oidc/login/"
CALLBACK = "/account/oidc/callback/"
CONNECTION = "/account/oidc/"


def use(settings: Any, idp: OidcProvider, **more: Any) -> None:
    """Let the installation have this provider."""
    known = {"issuer": idp.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "name": "Энерго-ID"}
    settings.OSTATOK_OIDC = Provider(**{**known, **more})


def come(browser: Browser, **query: str) -> Any:
    """Go to the provider and come back, as a browser does; what is answered to that."""
    return browser.get(way_back(browser, **query))


def way_back(browser: Browser, **query: str) -> str:
    """Where the provider sends a browser that went there."""
    there = browser.get(LOGIN, query)["Location"]
    back = requests.get(there, allow_redirects=False, timeout=5).headers["Location"]
    parts = urlsplit(back)
    assert parts.path == CALLBACK
    return f"{parts.path}?{parts.query}"


def is_in(browser: Browser) -> bool:
    return "_auth_user_id" in browser.session
