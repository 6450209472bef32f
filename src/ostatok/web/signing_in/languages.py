"""The language a browser is spoken to in, kept in its cookie."""

from django.conf import settings
from django.http import HttpResponse


def keep(response: HttpResponse, language: str) -> None:
    """Speak this language to the browser from its next request on."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        samesite="Lax",
        secure=settings.LANGUAGE_COOKIE_SECURE,
    )
