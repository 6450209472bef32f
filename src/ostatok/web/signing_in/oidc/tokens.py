"""ID tokens: what the provider says of a user, believed after every check of OpenID Connect Core 1.0, 3.1.3.7."""

import hmac
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import jwt

from ostatok.kernel.errors import OstatokError
from ostatok.web.signing_in.oidc.provider import LONGEST_SUBJECT, Provider

#: Signed with a key that only the provider has: neither unsigned nor with the secret that both know.
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
#: How far the provider's clock may be off.
LEEWAY: Final = timedelta(seconds=60)
_REQUIRED: Final = ["iss", "sub", "aud", "exp", "iat", "nonce"]

#: Methods (RFC 8176) that are something one has or is. Not here: passwords, PINs, questions, texts and calls to a
#: telephone, which others read and take over, and keys kept in software.
_SECOND_FACTORS: Final = frozenset({"mfa", "otp", "hwk", "sc", "fpt", "face", "iris", "retina"})
#: Classes that demand more than one factor: of OpenID (EAP ACR), REFEDS, PAPE and Microsoft.
_MULTI_FACTOR: Final = frozenset(
    {
        "phr",
        "phrh",
        "https://refeds.org/profile/mfa",
        "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
        "possessionorinherence",
    }
)


class BadToken(OstatokError):
    """The provider's token is not to be believed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claims:
    """Who the provider says has come. `email` is empty where it says none; `second_factor`: one was shown there."""

    subject: str
    email: str
    email_verified: bool
    second_factor: bool


def verified(
    token: str, keys: Mapping[str, Any], *, provider: Provider, issuer: str, nonce: str, now: datetime
) -> Mapping[str, Any]:
    """What the token says. Raises BadToken unless it is this provider's, for us, for this sign-in, and in force."""
    try:
        key = _key(token, keys)
        options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "require": _REQUIRED}
        said: dict[str, Any] = jwt.decode(
            token, key.key, algorithms=ALGORITHMS, audience=provider.client_id, issuer=issuer, options=options
        )
    except (jwt.PyJWTError, TypeError, ValueError) as error:
        raise BadToken(f"the token is refused: {type(error).__name__}") from None
    _require_in_force(said, now)
    _require_for_us(said, provider)
    if not isinstance(said["nonce"], str) or not hmac.compare_digest(said["nonce"].encode(), nonce.encode()):
        raise BadToken("the token is of another sign-in")
    return said


def _key(token: str, keys: Mapping[str, Any]) -> jwt.PyJWK:
    """The key that the token names; the only one, where it names none."""
    wanted = jwt.get_unverified_header(token).get("kid")
    known = [key for key in jwt.PyJWKSet.from_dict(dict(keys)).keys if key.public_key_use in {None, "sig"}]
    found = [key for key in known if key.key_id == wanted] if wanted else known
    if len(found) != 1:
        raise BadToken("the token is signed with an unknown key")
    return found[0]


def _require_in_force(said: Mapping[str, Any], now: datetime) -> None:
    moment, leeway = now.timestamp(), LEEWAY.total_seconds()
    times = [said[name] for name in ("exp", "iat", "nbf") if name in said]
    if not all(isinstance(time, int | float) and math.isfinite(time) for time in times):
        raise BadToken("the token's times are none")
    if said["exp"] <= moment - leeway:
        raise BadToken("the token has run out")
    if max(said["iat"], said.get("nbf", 0)) > moment + leeway:
        raise BadToken("the token is of the future")


def _require_for_us(said: Mapping[str, Any], provider: Provider) -> None:
    """With several audiences the token says for which of them it was made."""
    audiences = said["aud"] if isinstance(said["aud"], list) else [said["aud"]]
    party = said.get("azp")
    if (len(audiences) > 1 or party is not None) and party != provider.client_id:
        raise BadToken("the token was made for another program")
    if not isinstance(said["sub"], str) or not 0 < len(said["sub"]) <= LONGEST_SUBJECT:
        raise BadToken("the token is about nobody")


def claims(said: Mapping[str, Any], about: Mapping[str, Any]) -> Claims:
    """What counts of a verified token. `about` tells of the address: the token, or what was told beside it.

    Raises BadToken where that is about somebody else.
    """
    if about.get("sub") != said["sub"]:
        raise BadToken("the provider tells of somebody else")
    email = about.get("email")
    return Claims(
        subject=said["sub"],
        email=email if isinstance(email, str) else "",
        email_verified=about.get("email_verified") is True,
        second_factor=_shows_second_factor(said),
    )


def _shows_second_factor(said: Mapping[str, Any]) -> bool:
    methods, level = said.get("amr"), said.get("acr")
    shown = {method for method in methods if isinstance(method, str)} if isinstance(methods, list) else set()
    return bool(shown & _SECOND_FACTORS) or (isinstance(level, str) and level in _MULTI_FACTOR)
