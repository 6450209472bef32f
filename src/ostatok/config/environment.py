"""The variables of the environment that Ostatok reads: one table, which docs/operate.md repeats."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ostatok.kernel.errors import OstatokError

DEFAULT_RETRY_SCHEDULE: Final = "0s,5s,5min,30min,2h,5h,10h,14h,20h,24h"


class BadVariable(OstatokError):
    """A variable of the environment cannot be understood. Its value is never repeated: it may be a secret."""


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One variable: what it is for, and what holds when it is absent (None: nothing)."""

    name: str
    help: str
    default: str | None = None
    secret: bool = False


VARIABLES: Final = (
    Variable(
        name="OSTATOK_HOME",
        default="var",
        help="Data directory, relative to the current one: the embedded database, its lock files, the generated key.",
    ),
    Variable(
        name="DATABASE_URL",
        secret=True,
        help="A PostgreSQL 18 server, as postgresql://user:password@host:port/database. Absent: the embedded one.",
    ),
    Variable(
        name="PG_BIN",
        help="Directory with the programs of PostgreSQL 18 that the embedded database shall use instead of its own.",
    ),
    Variable(
        name="OSTATOK_SECRET_KEY",
        secret=True,
        help="Key for signing and for secrets. Needed with DATABASE_URL; otherwise made once and kept in "
        "OSTATOK_HOME/secret_key.",
    ),
    Variable(
        name="OSTATOK_SECRET_KEY_FALLBACKS",
        secret=True,
        help="Keys of before, separated by commas: what they signed or encrypted is still read, until "
        "`ostatok rotate-secrets` says that they may go.",
    ),
    Variable(
        name="OSTATOK_EMAIL_URL",
        secret=True,
        default="smtp://localhost:25",
        help="Where e-mail is handed over: smtp://user:password@host:port; also smtps:// and smtp+starttls://.",
    ),
    Variable(
        name="OSTATOK_RETRY_SCHEDULE",
        default=DEFAULT_RETRY_SCHEDULE,
        help="Waits before each attempt to send, separated by commas: 0s,5s,5min,2h,1d, each 30d at most. "
        "After the last one: dead.",
    ),
    Variable(
        name="OSTATOK_HOSTS",
        default="localhost,127.0.0.1,[::1]",
        help="Names under which the pages are reached, separated by commas; requests for others are refused.",
    ),
    Variable(
        name="OSTATOK_HTTPS",
        help="1 where a proxy before Ostatok ends TLS: cookies travel over TLS only; X-Forwarded-Proto and the last "
        "address in X-Forwarded-For, which the proxy must set, are believed.",
    ),
    Variable(
        name="OSTATOK_METRICS_TOKEN",
        secret=True,
        help="What `/metrics` wants to see as a bearer token. Absent: the page is closed.",
    ),
    Variable(
        name="OSTATOK_OIDC_ISSUER",
        help="The provider of OpenID Connect that staff may sign in by: its https address, as it calls itself. "
        "With it go the next three.",
    ),
    Variable(
        name="OSTATOK_OIDC_CLIENT_ID",
        help="What the provider calls Ostatok.",
    ),
    Variable(
        name="OSTATOK_OIDC_CLIENT_SECRET",
        secret=True,
        help="The secret by which the provider knows Ostatok.",
    ),
    Variable(
        name="OSTATOK_OIDC_NAME",
        help="What the provider is called on the pages: `Sign in with …`.",
    ),
    Variable(
        name="OSTATOK_OIDC_DOMAINS",
        help="Domains of the addresses that may come by the provider, separated by commas. Absent: any known address.",
    ),
    Variable(
        name="OSTATOK_OIDC_TRUSTS_MFA",
        help="1 where the provider demands a second factor: who showed one there is not asked for one here.",
    ),
    Variable(
        name="OSTATOK_DEBUG",
        help="1 shows what went wrong to whoever looks, and the page of the design system. For developers only.",
    ),
    Variable(
        name="OSTATOK_DEMO",
        help="Set by `ostatok demo` for the pages it serves: no second factor, and each page says so.",
    ),
)

_BY_NAME: Final = {variable.name: variable for variable in VARIABLES}
_YES: Final = frozenset({"1", "true", "yes", "on"})
_UNITS: Final = {"": 1, "s": 1, "min": 60, "h": 3600, "d": 86400}
# More is a slip of the pen, and far more would overflow a date.
_LONGEST: Final = timedelta(days=30)
_DURATION: Final = re.compile(r"(\d{1,9})\s*(s|min|h|d|)")


def read(name: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return a variable of the table, or its default. An empty value counts as absent."""
    return environ.get(name) or _BY_NAME[name].default


def flag(name: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether a variable of the table says 1, true, yes or on."""
    return (read(name, environ) or "").strip().lower() in _YES


def words(name: str, environ: Mapping[str, str] = os.environ) -> list[str]:
    """Return a variable that lists words separated by commas."""
    return [word.strip() for word in (read(name, environ) or "").split(",") if word.strip()]


def durations(name: str, environ: Mapping[str, str] = os.environ) -> tuple[timedelta, ...]:
    """Return a variable that lists durations, such as `5s,30min,2h`. Raises BadVariable."""
    parts = [part.strip() for part in (read(name, environ) or "").split(",")]
    return tuple(_duration(name, part) for part in parts)


def _duration(name: str, text: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    if not match:
        raise BadVariable(f"{name} must list durations separated by commas, such as 5s,30min,2h")
    seconds = int(match[1]) * _UNITS[match[2]]
    if seconds > _LONGEST.total_seconds():
        raise BadVariable(f"{name} must not hold a duration of more than {_LONGEST.days}d")
    return timedelta(seconds=seconds)
