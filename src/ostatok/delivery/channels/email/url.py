"""Where e-mail is handed over, as written in OSTATOK_EMAIL_URL."""

import base64
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from urllib.parse import parse_qs, unquote, urlsplit

from ostatok.kernel.errors import OstatokError

CONNECTIONS = 20
TIMEOUT = timedelta(seconds=30)


class BadEmailUrl(OstatokError):
    """OSTATOK_EMAIL_URL cannot be understood. It is never repeated, since it may hold a password."""


class Security(Enum):
    """How the connection is secured, by scheme."""

    IF_OFFERED = "smtp"
    STARTTLS = "smtp+starttls"
    TLS = "smtps"


_BETWEEN = {"timeout": (0.1, 3600.0), "connections": (1.0, 1000.0)}
_PORTS = {Security.IF_OFFERED: 25, Security.STARTTLS: 587, Security.TLS: 465}


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """An SMTP server and how it is spoken to. `timeout` holds for each answer, connecting included."""

    security: Security
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: timedelta = TIMEOUT
    connections: int = CONNECTIONS

    def redact(self, text: str) -> str:
        """The text without the password in any form in which it was sent."""
        if not self.password:
            return text
        for secret in (self.password, _base64(self.password), _base64(f"\0{self.user}\0{self.password}")):
            text = text.replace(secret, "***")
        return text


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def parse(url: str) -> Server:
    """Read `smtp://user:password@host:port?timeout=30&connections=20`. Raises BadEmailUrl.

    Schemes: `smtp` (TLS where the server offers it, its certificate not checked), `smtp+starttls` (TLS required),
    `smtps` (TLS from the start). Reserved characters in user and password are percent-encoded.
    """
    try:
        parts = urlsplit(url)
        security, port = Security(parts.scheme), parts.port
        options = (
            {name: float(values[-1]) for name, values in parse_qs(parts.query, strict_parsing=True).items()}
            if parts.query
            else {}
        )
    except ValueError:
        raise BadEmailUrl(_USAGE) from None
    if not parts.hostname or not all(_possible(*option) for option in options.items()):
        raise BadEmailUrl(_USAGE)
    return Server(
        security=security,
        host=parts.hostname,
        port=port or _PORTS[security],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        timeout=timedelta(seconds=options.get("timeout", TIMEOUT.total_seconds())),
        connections=int(options.get("connections", CONNECTIONS)),
    )


def _possible(option: str, value: float) -> bool:
    least, most = _BETWEEN.get(option, (1.0, 0.0))
    return least <= value <= most


_USAGE = (
    "OSTATOK_EMAIL_URL must read smtp://user:password@host:port, where smtp may also be smtps or smtp+starttls;"
    " ?timeout=SECONDS and ?connections=NUMBER may follow"
)
