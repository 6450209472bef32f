"""Secrets that Ostatok makes itself, tells once and keeps no more than a digest of."""

import hashlib
import hmac
import secrets
from typing import Final

_BYTES: Final = 32


def make() -> str:
    """A secret of 256 random bits, in letters that a header, a URL and a double click take as one word."""
    return secrets.token_urlsafe(_BYTES)


def digest(secret: str) -> str:
    """SHA-256 in hex. A slow hash would protect what people think up; nobody tries out 2²⁵⁶ secrets, however fast."""
    return hashlib.sha256(secret.encode()).hexdigest()


def fits(secret: str, kept: str) -> bool:
    """Whether this is the secret of which the digest was kept; the time it takes tells nothing."""
    return hmac.compare_digest(digest(secret), kept)
