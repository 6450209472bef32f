"""The provider of OpenID Connect, from the environment: all of it, or none."""

import os
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from ostatok.config import environment
from ostatok.config.environment import BadVariable
from ostatok.web.signing_in.oidc.provider import LONGEST_ISSUER, Provider

#: What belongs together.
NEEDED: Final = ("OSTATOK_OIDC_ISSUER", "OSTATOK_OIDC_CLIENT_ID", "OSTATOK_OIDC_CLIENT_SECRET", "OSTATOK_OIDC_NAME")
_MORE: Final = ("OSTATOK_OIDC_DOMAINS", "OSTATOK_OIDC_TRUSTS_MFA")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def provider(environ: Mapping[str, str] = os.environ) -> Provider | None:
    """The provider, None where nothing names one. Raises BadVariable, which says what is missing or wrong."""
    given = {name: (environment.read(name, environ) or "").strip() for name in (*NEEDED, *_MORE)}
    if not any(given.values()):
        return None
    missing = [name for name in NEEDED if not given[name]]
    if missing:
        raise BadVariable(f"signing in by OpenID Connect also needs {', '.join(missing)}")
    return Provider(
        issuer=_issuer(given["OSTATOK_OIDC_ISSUER"]),
        client_id=given["OSTATOK_OIDC_CLIENT_ID"],
        client_secret=given["OSTATOK_OIDC_CLIENT_SECRET"],
        name=given["OSTATOK_OIDC_NAME"],
        domains=tuple(domain.lower() for domain in environment.words("OSTATOK_OIDC_DOMAINS", environ)),
        trusts_mfa=environment.flag("OSTATOK_OIDC_TRUSTS_MFA", environ),
    )


def _issuer(text: str) -> str:
    """TLS tells who answers: without it only a provider on this machine is believed."""
    parts = urlsplit(text)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not safe or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
        raise BadVariable("OSTATOK_OIDC_ISSUER must be an https address, as the provider calls itself")
    if len(text) > LONGEST_ISSUER:
        raise BadVariable(f"OSTATOK_OIDC_ISSUER must not be longer than {LONGEST_ISSUER} characters")
    return text
