"""How a colleague signs in: sessions, ending them, and helping whoever lost the second factor."""

from typing import Final

from django.utils.timezone import now
from ninja import Router
from pydantic import Field

from ostatok.api.auth import require
from ostatok.api.fields import Told, When
from ostatok.api.problems import Kind, Refused
from ostatok.api.resources.users import Email
from ostatok.parties import access
from ostatok.parties.access import Permission, Role
from ostatok.parties.models import Membership, User
from ostatok.web import requests
from ostatok.web.requests import FaceRequest
from ostatok.web.signing_in import second_factor, sessions
from ostatok.web.signing_in.oidc import links

router = Router(tags=["people"])

STRONGER: Final = "The user holds a role that you could not give."


class SessionTold(Told):
    """A browser that is signed in."""

    browser: str = Field(examples=["Firefox, Windows"])
    ip: str = Field(examples=["192.0.2.1"])
    started_at: When
    seen_at: When = Field(description="When it was last used, to about a minute.")


class SignInTold(Told):
    """How a user signs in."""

    second_factor: bool = Field(description="Whether there is one.", examples=[True])
    may_be_reset: bool = Field(description="Whether you may take it away.", examples=[True])
    provider: bool = Field(description="Whether the user comes in through the provider too.", examples=[False])
    sessions: list[SessionTold] = Field(description="The one used last first.")


class SessionsEnded(Told):
    """What became of a user's sessions."""

    ended: int = Field(ge=0, examples=[2])


class Disconnected(Told):
    """What became of a user's connection to the provider."""

    disconnected: bool = Field(description="Whether there was one.", examples=[True])


class FactorReset(Told):
    """What became of a user's second factor."""

    reset: bool = Field(description="Whether there was one.", examples=[True])


@router.get("{path:email}/sign-in", response=SignInTold)
def get_sign_in(request: FaceRequest, email: Email) -> SignInTold:
    """How a user signs in: sessions, and whether there is a second factor."""
    user = _colleague(request, email)
    return SignInTold(
        second_factor=second_factor.had_by(user),
        may_be_reset=second_factor.may_be_reset_by(request.actor, user),
        provider=links.of(user) is not None,
        sessions=[
            SessionTold(browser=each.browser, ip=each.ip, started_at=each.started, seen_at=each.seen)
            for each in sessions.listed(user)
        ],
    )


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
        raise Refused(Kind.FORBIDDEN, STRONGER)
    done = second_factor.reset(user, actor=request.actor, origin=requests.origin(request), now=now())
    return FactorReset(reset=done)


@router.post("{path:email}/disconnect", response=Disconnected)
def disconnect_user(request: FaceRequest, email: Email) -> Disconnected:
    """Cut the connection of a user to the provider. Who comes next with that address is connected anew."""
    user = _colleague(request, email)
    if not second_factor.may_be_reset_by(request.actor, user):
        raise Refused(Kind.FORBIDDEN, STRONGER)
    done = links.cut(user, actor=request.actor, origin=requests.origin(request), now=now())
    return Disconnected(disconnected=done)


def _colleague(request: FaceRequest, email: str) -> User:
    """A user in whose organization users may be changed, and who may do no more there. Raises Refused."""
    require(request.actor, Permission.SEE)
    if not User.objects.visible_to(request.actor).filter(email=email).exists():
        raise Refused(Kind.NOT_FOUND)
    require(request.actor, Permission.CHANGE_USERS)
    found = User.objects.visible_to(request.actor, Permission.CHANGE_USERS).filter(email=email).first()
    if found is None:
        raise Refused(Kind.FORBIDDEN, "It takes the permission change_users where the user works.")
    held = Membership.objects.visible_to(request.actor, Permission.CHANGE_USERS).filter(user=found)
    for role, at in held.values_list("role", "organization__path"):
        if not access.may_grant(request.actor, Role(role), at):
            raise Refused(Kind.FORBIDDEN, STRONGER)
    return found
