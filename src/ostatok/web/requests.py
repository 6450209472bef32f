"""What the middleware adds to a request, for the type checker and for whoever reads a view."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from ostatok.parties.access import Actor
from ostatok.parties.models import User


class FaceRequest(HttpRequest):
    """A request after the middleware. Where a page was let in there is an actor; before that it may be None: nobody,
    or someone who has no business on this face.
    """

    actor: Actor
    user: User | AnonymousUser
    htmx: HtmxDetails


def origin(request: HttpRequest) -> str:
    """Where a request comes from, for the audit and the limits: the address of the network.

    Behind the proxy of OSTATOK_HTTPS it is the one that the proxy saw; what stands before it, anybody may have written.
    """
    last = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() if settings.OSTATOK_HTTPS else ""
    return (last or str(request.META.get("REMOTE_ADDR", "")))[:64]
