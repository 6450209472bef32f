"""What every page knows: its theme, whether this is the demo, who asks."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from ostatok.web import theme


def page(request: HttpRequest) -> dict[str, Any]:
    """The context of every template."""
    return {
        "theme": theme.of(request),
        #: Each under its own name: Django's tag would translate "English".
        "languages": settings.LANGUAGES,
        "demo": settings.OSTATOK_DEMO,
        #: What the provider of OpenID Connect is called, empty where there is none.
        "oidc": settings.OSTATOK_OIDC.name if settings.OSTATOK_OIDC else "",
        "actor": getattr(request, "actor", None),
    }
