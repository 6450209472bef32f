"""`POST /entries` and `POST /balances`: plain views, for nothing may read the body before they do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from ostatok import pipeline
from ostatok.api import addressing, auth
from ostatok.api.bulk import bodies, posting
from ostatok.api.bulk.bodies import Form
from ostatok.api.bulk.described import Result
from ostatok.api.problems import invalid
from ostatok.intake.balance_file import BalanceReader
from ostatok.intake.entry_file import EntryReader
from ostatok.intake.importing import Reader
from ostatok.parties.access import Actor, Permission
from ostatok.parties.models import Organization
from ostatok.web import entries, requests

#: Posts what was read for an actor in an organization; told where from, and whether to expect duplicates.
Post = Callable[[Actor, Organization, Sequence[Any], str, bool], pipeline.Outcome]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Intake:
    """What is read, and what posts it."""

    reader: Callable[[tzinfo], Reader[Any]]
    post: Post


def _post_entries(
    actor: Actor, place: Organization, new: Sequence[Any], origin: str, expect_duplicates: bool
) -> pipeline.Outcome:
    return entries.post(actor, place, new, origin=origin, expect_duplicates=expect_duplicates)


def _post_balances(
    actor: Actor, place: Organization, stated: Sequence[Any], origin: str, _expect_duplicates: bool
) -> pipeline.Outcome:
    return entries.post_balances(actor, place, stated, origin=origin)


_ENTRIES: Final = _Intake(reader=EntryReader, post=_post_entries)
_BALANCES: Final = _Intake(reader=BalanceReader, post=_post_balances)


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
    told = posting.Told(by_index=body.form is Form.ARRAY)
    reader = intake.reader(ZoneInfo(place.timezone))

    def post(new: Sequence[Any]) -> pipeline.Outcome:
        return intake.post(actor, place, new, requests.origin(request), told.duplicates > 0)

    posting.run(body, reader, post, told)
    result = Result(organization=place.code, **told.as_fields())
    return HttpResponse(result.model_dump_json(), content_type="application/json")


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
