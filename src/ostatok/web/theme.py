"""Light or dark, as the reader likes it; kept in a cookie, so that the page comes in its colours at once."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

COOKIE: Final = "ostatok_theme"
THEMES: Final = ("system", "light", "dark")
_YEAR: Final = 365 * 24 * 3600


def of(request: HttpRequest) -> str:
    """`light`, `dark`, or nothing where the system decides."""
    chosen = request.COOKIES.get(COOKIE, "")
    return chosen if chosen in THEMES[1:] else ""


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Remember the theme and go back to where the reader was."""
    chosen, back = request.POST.get("theme", ""), request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    response = redirect(back if safe else "/")
    if chosen in THEMES:
        response.set_cookie(COOKIE, chosen, max_age=_YEAR, samesite="Lax", secure=request.is_secure())
    return response
