"""The provider that an installation lets its staff come from, as its environment describes it."""

from dataclasses import dataclass, field
from typing import Final

from django.conf import settings

#: What the tables of links hold of an issuer and of a subject.
LONGEST_ISSUER: Final = 200
LONGEST_SUBJECT: Final = 191


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """Who vouches for staff. `domains` limits the addresses it may vouch for; empty: any that is known here.

    `trusts_mfa`: a second factor shown there counts here, where the token says so.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    domains: tuple[str, ...] = ()
    trusts_mfa: bool = False

    @property
    def key(self) -> str:
        """What links to it are filed under: another issuer's subjects are other people."""
        return self.issuer.rstrip("/")


def configured() -> Provider | None:
    """The provider of this installation, None where nobody signs in by one."""
    return settings.OSTATOK_OIDC
