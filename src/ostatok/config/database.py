"""From a DATABASE_URL to what Django wants to know."""

from typing import Any, Final
from urllib.parse import quote, urlsplit

from django.conf import settings
from psycopg import ProgrammingError, conninfo

from ostatok.config.environment import BadVariable

_NAMES: Final = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}

_PREPARE_AFTER: Final = 2

#: What stands in the settings until a database is chosen. A host that cannot exist keeps libpq from
#: quietly falling back to some server on this machine, and says what is amiss in the error.
UNSET: Final[dict[str, Any]] = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": "ostatok",
    "HOST": "/nonexistent/DATABASE_URL-is-not-set",
}


def parse(url: str) -> dict[str, Any]:
    """Return Django's description of the database at `url`: anything libpq understands. Raises BadVariable."""
    try:
        parameters = conninfo.conninfo_to_dict(url)
    except ProgrammingError:
        # The driver's own message may quote the password.
        raise BadVariable("DATABASE_URL is not an address of PostgreSQL: postgresql://user@host:port/name") from None
    known = {_NAMES[key]: str(value) for key, value in parameters.items() if key in _NAMES}
    options = {key: value for key, value in parameters.items() if key not in _NAMES}
    if not known.get("NAME"):
        raise BadVariable("DATABASE_URL does not name a database: postgresql://user@host:port/name")
    return {"ENGINE": UNSET["ENGINE"], **known, "OPTIONS": options}


def keeping_plans(description: dict[str, Any]) -> dict[str, Any]:
    """The same, with sessions that keep the plans of statements which the pipeline runs again."""
    return description | {"OPTIONS": description["OPTIONS"] | {"prepare_threshold": _PREPARE_AFTER}}


def use(url: str) -> None:
    """Point Django at the database of `url`. Only before the first connection is made."""
    default = settings.DATABASES["default"]
    default.pop("HOST", None)
    default.update(keeping_plans(parse(url)))


def chosen() -> bool:
    """Return whether the settings name a database."""
    return bool(settings.DATABASES["default"].get("HOST") != UNSET["HOST"])


def with_name(url: str, name: str) -> str:
    """Return the address of another database on the same server."""
    return urlsplit(url)._replace(path=f"/{quote(name)}").geturl()
