"""Sessions: kept in the database, listed to their user, ended at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from ostatok.parties import wall
from ostatok.parties.access import Actor, System
from ostatok.parties.models import User
from ostatok.web.signing_in import browsers, records

Handler = Callable[[HttpRequest], HttpResponseBase]

#: How exactly the list tells when a session was last used: each page would pay for more with a write.
SEEN_EVERY: Final = timedelta(minutes=1)


class Seen:
    """Middleware: keeps for each session whose it is, from where and by what it is used, and when it last was."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if isinstance(request.user, User) and request.session.session_key:
            _see(request, request.session.session_key)
        return self._get_response(request)


def _see(request: HttpRequest, key: str) -> None:
    seen = UserSession.objects.filter(session_key=key).values_list("last_seen_at", flat=True).first()
    if seen is None or timezone.now() - seen > SEEN_EVERY:
        UserSession.objects.create_from_request(request)


def of(user: User) -> list[UserSession]:
    """The sessions a user has now, newest first."""
    with wall.lowered():  # those that have run out are forgotten on the way, a colleague's too
        found: list[UserSession] = UserSession.objects.purge_and_list(user)
    return sorted(found, key=lambda session: session.last_seen_at, reverse=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A session as a page tells of it."""

    id: int
    key: str
    browser: str
    ip: str
    started: datetime
    seen: datetime


def listed(user: User) -> list[Listed]:
    """The sessions of a user for its own eyes, or for those of whoever may end them."""
    return [
        Listed(
            id=session.pk,
            key=session.session_key,
            browser=browsers.named(session.user_agent),
            ip=session.ip,
            started=session.created_at,
            seen=session.last_seen_at,
        )
        for session in of(user)
    ]


def end_all(
    user: User,
    *,
    but: str | None = None,
    actor: Actor | None = None,
    origin: str = "",
    now: datetime | None = None,
) -> int:
    """End the sessions of a user, at once; `but` is the key of the one that stays. Returns how many there were.

    `actor` is who ends them, by default the system.
    """
    rows = UserSession.objects.filter(user=user)
    return end(rows.exclude(session_key=but) if but else rows, user, actor=actor or System(), origin=origin, now=now)


def end(rows: QuerySet[UserSession], user: User, *, actor: Actor, origin: str = "", now: datetime | None = None) -> int:
    """End these sessions of a user: whoever holds one is nobody from the next request on."""
    with wall.lowered(), transaction.atomic():  # a colleague's sessions are seen, and changed only here
        keys: Sequence[str] = list(rows.values_list("session_key", flat=True))
        if keys:
            Session.objects.filter(session_key__in=keys).delete()
            UserSession.objects.filter(session_key__in=keys).delete()
            records.write(actor, user, "user.sessions_ended", origin=origin, at=now or timezone.now(), count=len(keys))
    return len(keys)
