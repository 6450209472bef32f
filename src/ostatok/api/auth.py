"""Who may use the API: a program with its key, or a member of staff with a session."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from ostatok.api import rates
from ostatok.api.problems import Kind, Refused, forbidden, unauthenticated
from ostatok.parties import access
from ostatok.parties.access import Actor, Customer, Key, Permission
from ostatok.parties.models import Organization

View = TypeVar("View", bound=Callable[..., Any])

_NEEDS: Final = "needs"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Bearer(HttpBearer):
    """`Authorization: Bearer ost_…`; the middleware has looked the key up."""

    def __call__(self, request: HttpRequest) -> Actor | None:
        actor = actor_of(request)
        if not isinstance(actor, Key):
            return None
        _hold_back(f"key {actor.key_id}")
        return actor

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:  # noqa: ARG002 (ninja's signature)
        return actor_of(request)


class Session(APIKeyCookie):
    """The session of a signed-in member of staff; what changes something takes the CSRF token too.

    Whoever sends `Authorization` means that: nothing is done on the strength of a session then.
    """

    param_name = "sessionid"

    def __call__(self, request: HttpRequest) -> Actor | None:
        actor = actor_of(request)
        if actor is None or isinstance(actor, Key | Customer) or "Authorization" in request.headers:
            return None
        _hold_back(f"user {actor.name}")
        if request.method not in _SAFE and _lacks_token(request):
            raise Refused(Kind.CSRF, "With a session, send the token of the cookie `csrftoken` as `X-CSRFToken`.")
        return actor

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:  # noqa: ARG002 (ninja's signature)
        return actor_of(request)


def _lacks_token(request: HttpRequest) -> bool:
    """Whether the CSRF token is missing or wrong. Raises Refused where it was looked for in a form that is none."""
    try:
        return check_csrf(request) is not None
    except MultiPartParserError:
        raise Refused(Kind.UNSUPPORTED_TYPE) from None


BOTH: Final = (Bearer(), Session())


def let_in(request: HttpRequest) -> Actor:
    """Who asks, for views that are not ninja's. Raises Refused."""
    for way in BOTH:
        if actor := way(request):
            return actor
    raise unauthenticated()


def actor_of(request: HttpRequest) -> Actor | None:
    """Whom the middleware found."""
    actor: Actor | None = getattr(request, "actor", None)
    return actor


def needs(*permissions: Permission) -> Callable[[View], View]:
    """Mark an operation: who has none of these anywhere is refused before anything else is looked at.

    Where the actor has them the operation itself asks, once it knows of which organization it is about.
    """

    def mark(view: View) -> View:
        setattr(view, _NEEDS, permissions)
        return view

    return mark


def require_any(request: HttpRequest, view: object) -> None:
    """Raise Refused where the actor of a request has none of the permissions that an operation is marked with."""
    permissions: Sequence[Permission] = getattr(view, _NEEDS, ())
    actor = actor_of(request)
    if actor is not None and permissions and all(access.reach(actor, one) == () for one in permissions):
        raise forbidden(permissions[0])


def require(actor: Actor, permission: Permission, organization: Organization | None = None) -> None:
    """Raise Refused, naming the permission, where the actor may not do this there; or, without `there`, anywhere."""
    if organization is None:
        allowed = access.reach(actor, permission) != ()
    else:
        allowed = access.permits(actor, permission, organization.path)
    if not allowed:
        raise forbidden(permission)


def _hold_back(who: str) -> None:
    wait = rates.REQUESTS.take(who, at=time.monotonic())
    if wait:
        raise Refused(
            Kind.TOO_MANY_REQUESTS,
            f"More than {rates.REQUESTS.rate} requests a second, or {rates.REQUESTS.burst} at once.",
            headers={"Retry-After": str(wait)},
        )
