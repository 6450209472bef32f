"""Writes: one item of a description, made true for whoever sends it. The same twice changes nothing the second time."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final, Literal, cast

from django.http import HttpRequest
from ninja.responses import Status
from pydantic import Field

from ostatok.api import auth, etags, parsing
from ostatok.api.fields import Told
from ostatok.api.problems import Kind, Refused, invalid
from ostatok.intake.description.report import Report
from ostatok.intake.description.run import PERMISSIONS
from ostatok.parties.models import Organization
from ostatok.web import changes, requests
from ostatok.web.requests import FaceRequest

Outcome = Literal["created", "changed", "unchanged", "deleted"]
_OUTCOMES: Final[tuple[Outcome, ...]] = ("created", "changed", "deleted", "unchanged")


class RuleStarted(Told):
    """A rule that was switched on or edited, and those it found below."""

    rule: str = Field(examples=["Остаток минут"])
    marked_silently: int = Field(description="Passed over: they were below already.", ge=0, examples=[12])
    notified: int = Field(description="Notified now, as was asked for.", ge=0, examples=[0])


class Change(Told):
    """What a write did."""

    outcome: Outcome = Field(examples=["created"])
    dry_run: bool = Field(description="Whether it was taken back.", examples=[False])
    rules: list[RuleStarted] = Field(description="How rules started, where the write switched one on or edited it.")
    warnings: list[str] = Field(description="What is allowed, and yet does nothing.", examples=[[]])


#: What a PUT and a DELETE answer.
PUT: Final = {200: Change, 201: Change}
DELETED: Final = {200: Change}


def put(
    request: HttpRequest, section: str, identity: Mapping[str, str], *, place: Organization | None, dry_run: bool
) -> Status[Change]:
    """Make the item in the body true; `place` is the organization it belongs to, or is, if there is one."""
    item = item_of(request, identity)
    return status(make(request, section, item, place=place, dry_run=dry_run))


def status(change: Change) -> Status[Change]:
    """What a PUT answers: 201 where something is new."""
    return Status(201 if change.outcome == "created" else 200, change)


def delete(
    request: HttpRequest, section: str, identity: Mapping[str, str], *, place: Organization | None, dry_run: bool
) -> Change:
    """Remove one item."""
    return make(request, section, {**identity, "state": "deleted"}, place=place, dry_run=dry_run)


def make(
    request: HttpRequest, section: str, item: Mapping[str, Any], *, place: Organization | None, dry_run: bool
) -> Change:
    """Make one item of a section true, if it is as `If-Match` says. Raises Refused, DescriptionError."""
    actor = cast(FaceRequest, request).actor
    auth.require(actor, PERMISSIONS[section], place)
    as_told = partial(etags.as_told, request, section, item)
    report = changes.apply(actor, {section: [item]}, origin=requests.origin(request), dry_run=dry_run, provided=as_told)
    return _told(report, section)


def _told(report: Report, section: str) -> Change:
    counts = report.counts[section]
    return Change(
        outcome=next(outcome for outcome in _OUTCOMES if counts.get(outcome)),
        dry_run=report.dry_run,
        rules=[RuleStarted(**started) for started in report.as_json()["rules"]],
        warnings=[warning.message for warning in report.warnings],
    )


def item_of(request: HttpRequest, identity: Mapping[str, str]) -> dict[str, Any]:
    """The body, which may repeat what the address says, but not contradict it. Raises Refused."""
    body = parsing.object_of(request)
    for name, value in identity.items():
        if body.get(name, value) != value:
            raise invalid(f"body.{name}", f"the address says {value!r}")
    if body.get("state") == "deleted":
        raise Refused(Kind.INVALID, "To remove it, send DELETE.")
    return {**body, **identity}
