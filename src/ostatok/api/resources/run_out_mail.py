"""The run-out list by mail: who gets it, and when."""

from collections.abc import Iterable, Sequence
from datetime import time
from typing import Literal

from django.utils.timezone import now
from ninja import Query, Router
from pydantic import Field

from ostatok.api import addressing, lists
from ostatok.api.auth import require
from ostatok.api.fields import Asked, Listed, Organization, OwnOrganization, Told, Within
from ostatok.api.problems import Kind, ProblemError, Refused
from ostatok.api.resources.users import Email
from ostatok.notices import subscriptions
from ostatok.notices.models import RunOutSubscription
from ostatok.notices.subscriptions import SubscriptionRefused
from ostatok.parties.access import Permission
from ostatok.parties.models import Organization as Place
from ostatok.parties.models import User
from ostatok.web import requests
from ostatok.web.requests import FaceRequest

router = Router(tags=["overview"])

Days = Literal["working", "every"]
Whose = Literal["all", "mine"]


class MailTold(Told):
    """Who gets the list of an organization and those below it, when and whose clients are in it."""

    organization: str = Field(examples=["energo"])
    user: str = Field(examples=["olga@energo.test"])
    at: str = Field(description="By the clocks of the organization.", examples=["08:00"])
    days: Days = Field(examples=["working"])
    whose: Whose = Field(description="All clients, or those the user looks after.", examples=["all"])


class WantedMail(Asked):
    """When the list is to come."""

    at: str = Field(
        description="By the clocks of the organization, to the minute.",
        examples=["08:00"],
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
    )
    days: Days = Field(default="working", examples=["working"])
    whose: Whose = Field(default="all", examples=["all"])


@router.get("", response=Listed[MailTold])
def list_run_out_mail(request: FaceRequest, at: Query[Within]) -> Listed[MailTold]:
    """Who gets the run-out list by mail: oneself, and whoever works where one may change users."""
    require(request.actor, Permission.SEE)
    rows = addressing.within(subscriptions.visible_to(request.actor), request.actor, at.organization)
    return lists.page(rows.select_related("organization", "user"), order=("id",), at=at, tell=_tell)


@router.put("{path:email}", response=MailTold)
def put_run_out_mail(
    request: FaceRequest, email: Email, new: WantedMail, organization: OwnOrganization = None
) -> MailTold:
    """Send the run-out list to a user every morning. It takes `change_users`, but for oneself."""
    require(request.actor, Permission.SEE)
    place = addressing.home(request.actor, organization)
    user = _user(request, email, place)
    try:
        kept = subscriptions.subscribe(
            request.actor,
            user,
            place,
            at=time.fromisoformat(new.at),
            working_days=new.days == "working",
            mine=new.whose == "mine",
            site=request.build_absolute_uri("/"),
            origin=requests.origin(request),
            now=now(),
        )
    except SubscriptionRefused as error:
        raise Refused(Kind.INVALID, errors=[ProblemError(place="path.email", detail=str(error))]) from None
    return next(iter(_tell([kept])))


@router.delete("{path:email}", response=MailTold)
def delete_run_out_mail(request: FaceRequest, email: Email, organization: Organization = None) -> MailTold:
    """Send it no more; the answer is what was. It takes `change_users`, but for oneself."""
    require(request.actor, Permission.SEE)
    rows = subscriptions.visible_to(request.actor).select_related("organization", "user")
    kept: RunOutSubscription = addressing.one(rows, organization, user__email=email)
    was = next(iter(_tell([kept])))
    subscriptions.unsubscribe(request.actor, kept, origin=requests.origin(request), now=now())
    return was


def _user(request: FaceRequest, email: str, place: Place) -> User:
    """A user whose list is the actor's to order. Raises Refused."""
    found = User.objects.visible_to(request.actor).filter(email=email).first()
    if found is None:
        raise Refused(Kind.NOT_FOUND)
    if not subscriptions.may_change(request.actor, found, place):
        require(request.actor, Permission.CHANGE_USERS, place)
    return found


def _tell(rows: Sequence[RunOutSubscription]) -> Iterable[MailTold]:
    for row in rows:
        yield MailTold(
            organization=row.organization.code,
            user=row.user.email,
            at=f"{row.at:%H:%M}",
            days="working" if row.working_days else "every",
            whose="mine" if row.mine else "all",
        )
