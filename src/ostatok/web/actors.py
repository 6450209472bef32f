"""Who asks: each request gets its actor, and the wall stands while it is answered."""

from collections.abc import Callable, Iterator
from typing import Final

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.timezone import now

from ostatok.parties import api_keys, wall
from ostatok.parties.access import Actor, Customer, Member
from ostatok.parties.models import User
from ostatok.web.requests import FaceRequest

Handler = Callable[[FaceRequest], HttpResponseBase]

CABINET: Final = "/cabinet/"
API: Final = "/api/"
#: Signing in happens before there is an actor; these pages look at users and sessions only.
UNWALLED: Final = ("/account/", "/static/")


class Actors:
    """Middleware: sets `request.actor`, None for nobody, and answers behind the wall raised for it.

    In the cabinet the actor is the customer a user is, elsewhere the member of staff; a program is its key.
    """

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: FaceRequest) -> HttpResponseBase:
        actor = of(request)
        request.actor = actor  # type: ignore[assignment]  # no page lets in who has none
        if actor is None or request.path.startswith(UNWALLED):
            return self._get_response(request)
        with wall.raised_for(actor):
            response = self._get_response(request)
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            response.streaming_content = _behind_the_wall(actor, iter(response))
        return response


def of(request: HttpRequest) -> Actor | None:
    """The actor of a request, or None: nobody, or someone who has no business on this face."""
    if request.path.startswith(API) and (bearer := _bearer(request)) is not None:
        return api_keys.actor_of(bearer, now())
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return None
    actor = user.as_customer() if request.path.startswith(CABINET) else user.as_actor()
    nothing_to_see = (isinstance(actor, Customer) and not actor.clients) or (
        isinstance(actor, Member) and not actor.roles
    )
    return None if nothing_to_see else actor


def _bearer(request: HttpRequest) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _behind_the_wall(actor: Actor, content: Iterator[bytes]) -> Iterator[bytes]:
    """A streamed answer is made after the middleware has left."""
    with wall.raised_for(actor):
        yield from content
