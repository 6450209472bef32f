"""How a colleague signs in: ending sessions, and helping whoever lost the second factor."""

from django.utils.timezone import now
from ninja import Router
from pydantic import Field

from ostatok.api.auth import require
from ostatok.api.fields import Told
from ostatok.api.problems import Kind, Refused
from ostatok.api.resources.users import Email
from ostatok.parties.access import Permission
from ostatok.parties.models import User
from ostatok.web import requests
from ostatok.web.requests import FaceRequest
from ostatok.web.signing_in import second_factor, sessions

router = Router(tags=["people"])


class SessionsEnded(Told):
    """What became of a user's sessions."""

    ended: int = Field(ge=0, examples=[2])


class FactorReset(Told):
    """What became of a user's second factor."""

    reset: bool = Field(description="Whether there was one.", examples=[True])


@router.post("{path:email}/end-sessions", response=SessionsEnded)
def end_sessions(request: FaceRequest, email: Email) -> SessionsEnded:
    """End all sessions of a user at once."""
    user = _colleague(request, email)
    ended = sessions.end_all(user, actor=request.actor, origin=requests.origin(request), now=now())
    return SessionsEnded(ended=ended)


@router.post("{path:email}/reset-second-factor", response=FactorReset)
def reset_second_factor(request: FaceRequest, email: Email) -> FactorReset:
    """Take the second factor from a user who lost it, and end all sessions. A mail tells the user."""
    user = _colleague(request, email)
    if not second_factor.may_be_reset_by(request.actor, user):
        raise Refused(Kind.FORBIDDEN, "The user holds a role that you could not give.")
    done = second_factor.reset(user, actor=request.actor, origin=requests.origin(request), now=now())
    return FactorReset(reset=done)


def _colleague(request: FaceRequest, email: str) -> User:
    """A user in whose organization users may be changed. Raises Refused."""
    require(request.actor, Permission.SEE)
    if not User.objects.visible_to(request.actor).filter(email=email).exists():
        raise Refused(Kind.NOT_FOUND)
    require(request.actor, Permission.CHANGE_USERS)
    found = User.objects.visible_to(request.actor, Permission.CHANGE_USERS).filter(email=email).first()
    if found is None:
        raise Refused(Kind.FORBIDDEN, "It takes the permission change_users where the user works.")
    return found
