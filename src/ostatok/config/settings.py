"""Django's settings, from the environment. Importing them starts, creates and connects nothing."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from ostatok.config import database, environment

OSTATOK_HOME: Final = Path(environment.read("OSTATOK_HOME") or "var")
OSTATOK_EMAIL_URL: Final = environment.read("OSTATOK_EMAIL_URL")
OSTATOK_RETRY_SCHEDULE: Final[tuple[timedelta, ...]] = environment.durations("OSTATOK_RETRY_SCHEDULE")

_DATABASE_URL: Final = environment.read("DATABASE_URL")
DATABASES: dict[str, dict[str, Any]] = {
    "default": database.parse(_DATABASE_URL) if _DATABASE_URL else dict(database.UNSET)
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Empty until config.main finds or makes one: Django itself refuses to sign with an empty key.
SECRET_KEY = environment.read("OSTATOK_SECRET_KEY") or ""
DEBUG = False

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "ostatok.parties",
    "ostatok.ledger",
    "ostatok.rules",
    "ostatok.notices",
    "ostatok.delivery",
]
AUTH_USER_MODEL = "parties.User"

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский"), ("pl", "Polski"), ("kk", "Қазақша")]
LOCALE_PATHS = [Path(__file__).resolve().parent.parent / "locale"]
