"""Templates: an organization's own wording for one trigger, channel and language."""

from collections.abc import Iterable, Sequence
from typing import Literal

from django.db.models import OuterRef, QuerySet, Subquery
from ninja import P, PathEx, Query, Router
from ninja.responses import Status
from pydantic import Field

from ostatok.api import addressing, etags, items, lists, writing
from ostatok.api.auth import require
from ostatok.api.fields import DryRun, Listed, Organization, OwnOrganization, Paging, Told, When, Within
from ostatok.notices import wordings
from ostatok.notices.models import Template
from ostatok.parties.access import Doors, Permission
from ostatok.parties.models import Language
from ostatok.rules.models import TriggerKind
from ostatok.web.requests import FaceRequest

router = Router(tags=["templates"])

Kind = PathEx[TriggerKind, P(description="For which trigger.", example="balance_band")]
Channel = PathEx[Literal["email"], P(description="For which channel.", example="email")]
Spoken = PathEx[Language, P(description="In which language.", example="ru")]


class TemplateTold(Told):
    """The wording in force, as a description has it."""

    organization: str = Field(examples=["energo"])
    kind: TriggerKind = Field(examples=["balance_band"])
    channel: str = Field(examples=["email"])
    language: Language = Field(examples=["ru"])
    subject: str = Field(description="Empty: that of the organization above, or the product's own.")
    text: str = Field(examples=["{{ client_name }}, {{ left }}."])
    html: str = Field(examples=[""])


class VersionTold(TemplateTold):
    """One wording that is or was in force."""

    version: int = Field(ge=1, examples=[1])
    deleted: bool = Field(description="From then on, the wording above was in force.", examples=[False])
    created_at: When


class WordingTold(TemplateTold):
    """The wording that letters are written in, with all of its parts."""

    source: wordings.Source = Field(
        description="Whose it is: the organization's own, that of one above it, or the product's own.",
        examples=["inherited"],
    )


@router.get("", response=Listed[TemplateTold])
def list_templates(request: FaceRequest, at: Query[Within]) -> Listed[TemplateTold]:
    """Wordings in force within reach. Where there is none, the product's own speaks."""
    require(request.actor, Permission.SEE)
    rows = addressing.within(Template.objects.visible_to(request.actor), request.actor, at.organization)
    return lists.page(_in_force(rows).select_related("organization"), order=("pk",), at=at, tell=_tell)


@router.get("{kind}/{channel}/{language}", response=TemplateTold)
@etags.of_one("templates")
def get_template(
    request: FaceRequest, kind: Kind, channel: Channel, language: Spoken, organization: Organization = None
) -> TemplateTold:
    """One wording in force."""
    return next(iter(_tell([_found(request, kind, channel, language, organization)])))


@router.get("{kind}/{channel}/{language}/in-force", response=WordingTold)
def get_wording_in_force(
    request: FaceRequest, kind: Kind, channel: Channel, language: Spoken, organization: OwnOrganization = None
) -> WordingTold:
    """What an organization's letters are written in now, whoever worded it."""
    require(request.actor, Permission.SEE)
    place = addressing.home(request.actor, organization)
    found = wordings.in_force(place, kind, channel, language, wordings.newest(place))
    message = found.message()
    return WordingTold(
        organization=place.code,
        kind=kind,
        channel=channel,
        language=language,
        subject=message.subject,
        text=message.text,
        html=message.html,
        source=found.source,
    )


@router.get("{kind}/{channel}/{language}/versions", response=Listed[VersionTold])
def list_template_versions(
    request: FaceRequest,
    kind: Kind,
    channel: Channel,
    language: Spoken,
    at: Query[Paging],
    organization: OwnOrganization = None,
) -> Listed[VersionTold]:
    """Every wording that is or was in force, newest first."""
    require(request.actor, Permission.SEE)
    place = addressing.home(request.actor, organization)
    rows = Template.objects.visible_to(request.actor).filter(
        organization=place, kind=kind, channel=channel, language=language
    )
    return lists.page(rows.select_related("organization"), order=("-version",), at=at, tell=_tell_versions)


@router.put("{kind}/{channel}/{language}", response=writing.PUT, openapi_extra=items.body("templates"))
def put_template(
    request: FaceRequest,
    kind: Kind,
    channel: Channel,
    language: Spoken,
    organization: OwnOrganization = None,
    dry_run: DryRun = False,
) -> Status[writing.Change]:
    """Word a message. It is checked before it is taken; the old wording stays among the versions."""
    place = addressing.home(request.actor, organization)
    identity = _identity(place.code, kind, channel, language)
    return writing.put(request, "templates", identity, place=place, dry_run=dry_run)


@router.delete("{kind}/{channel}/{language}", response=writing.DELETED)
def delete_template(
    request: FaceRequest,
    kind: Kind,
    channel: Channel,
    language: Spoken,
    organization: Organization = None,
    dry_run: DryRun = False,
) -> writing.Change:
    """Let the wording of the organization above, or the product's own, be in force again."""
    place = _found(request, kind, channel, language, organization).organization
    identity = _identity(place.code, kind, channel, language)
    return writing.delete(request, "templates", identity, place=place, dry_run=dry_run)


def _found(
    request: FaceRequest, kind: TriggerKind, channel: str, language: Language, organization: str | None
) -> Template:
    require(request.actor, Permission.SEE)
    rows = _in_force(Template.objects.visible_to(request.actor))
    return addressing.one(rows, organization, kind=kind, channel=channel, language=language)


def _in_force(rows: "Doors[Template] | QuerySet[Template]") -> QuerySet[Template]:
    """The newest version of each, but for those whose newest says that there is none."""
    same = {name: OuterRef(name) for name in ("organization", "kind", "channel", "language")}
    newest = Template.objects.filter(**same).order_by("-version").values("pk")[:1]
    return rows.filter(pk=Subquery(newest), deleted=False)


def _identity(organization: str, kind: TriggerKind, channel: str, language: Language) -> dict[str, str]:
    return {"organization": organization, "kind": kind.value, "channel": channel, "language": language.value}


def _tell(rows: Sequence[Template]) -> Iterable[TemplateTold]:
    for row in rows:
        yield TemplateTold(
            organization=row.organization.code,
            kind=TriggerKind(row.kind),
            channel=row.channel,
            language=Language(row.language),
            subject=row.subject,
            text=row.text,
            html=row.html,
        )


def _tell_versions(rows: Sequence[Template]) -> Iterable[VersionTold]:
    for row, told in zip(rows, _tell(rows), strict=True):
        yield VersionTold(**told.model_dump(), version=row.version, deleted=row.deleted, created_at=row.created_at)
