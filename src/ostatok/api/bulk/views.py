"""`POST /entries` and `POST /balances`: plain views, for nothing may read the body before they do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.timezone import now

from ostatok import pipeline
from ostatok.api import addressing, auth
from ostatok.api.bulk import bodies, posting
from ostatok.api.bulk.bodies import Body, Form
from ostatok.api.bulk.described import Result
from ostatok.api.problems import invalid
from ostatok.intake.balance_file import BalanceReader
from ostatok.intake.entry_file import EntryReader
from ostatok.intake.importing import Reader
from ostatok.parties import audit, wall
from ostatok.parties.access import Actor, Permission
from ostatok.parties.models import Organization
from ostatok.web import requests


@dataclass(frozen=True, kw_only=True, slots=True)
class _Intake:
    """What is read, and what posts it."""

    name: str
    reader: Callable[[tzinfo], Reader[Any]]
    post: Callable[[Organization, Sequence[Any], bool], pipeline.Outcome]


def _post_entries(place: Organization, new: Sequence[Any], expect_duplicates: bool) -> pipeline.Outcome:
    return pipeline.post(organization_id=place.pk, new=new, now=now(), expect_duplicates=expect_duplicates)


def _post_balances(place: Organization, stated: Sequence[Any], _expect_duplicates: bool) -> pipeline.Outcome:
    return pipeline.post_balances(organization_id=place.pk, stated=stated, now=now())


_ENTRIES: Final = _Intake(name="entries", reader=EntryReader, post=_post_entries)
_BALANCES: Final = _Intake(name="balances", reader=BalanceReader, post=_post_balances)


def post_entries(request: HttpRequest) -> HttpResponse:
    """Post entries."""
    return _take_in(request, _ENTRIES)


def post_balances(request: HttpRequest) -> HttpResponse:
    """Take over balances."""
    return _take_in(request, _BALANCES)


def _take_in(request: HttpRequest, intake: _Intake) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    actor = auth.let_in(request)
    place = _place(request, actor)
    body = bodies.of(request)
    # The organization came through the door, and postings reach no other; what rules look at lies behind the wall.
    with wall.lowered():
        told = posting.Told(by_index=body.form is Form.ARRAY)
        try:
            _run(body, intake, place, told)
        finally:
            # What was posted before a connection broke stays posted, and is somebody's act all the same.
            if body.form is not Form.ARRAY and told.posted:
                _audit(request, actor, intake, place, told)
    result = Result(organization=place.code, **told.as_fields())
    return HttpResponse(result.model_dump_json(), content_type="application/json")


def _run(body: Body, intake: _Intake, place: Organization, told: posting.Told) -> None:
    reader = intake.reader(ZoneInfo(place.timezone))

    def post(new: Sequence[Any]) -> pipeline.Outcome:
        return intake.post(place, new, told.duplicates > 0)

    posting.run(body, reader, post, told)


def _place(request: HttpRequest, actor: Actor) -> Organization:
    unknown = sorted(request.GET.keys() - {"organization"})
    if unknown:
        raise invalid(f"query.{unknown[0][:64]}", "is not known here")
    code = request.GET.get("organization")
    if code is not None and not (0 < len(code) <= 64 and code.isprintable()):
        raise invalid("query.organization", "is no code")
    place = addressing.home(actor, code)
    auth.require(actor, Permission.POST_ENTRIES, place)
    return place


def _audit(request: HttpRequest, actor: Actor, intake: _Intake, place: Organization, told: posting.Told) -> None:
    counts = {"posted": (None, told.posted), "refused": (None, told.refused)}
    audit.record(actor, f"{intake.name}.posted", f"API: {intake.name}", place, counts, requests.origin(request), now())
