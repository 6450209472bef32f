"""Imports: files that a worker posts, followed and stopped. What is to be known at once goes to `POST /entries`."""

import hashlib
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final, Literal

from django.utils.timezone import now
from ninja import P, Query, QueryEx, Router
from ninja.responses import Status
from pydantic import Field

from ostatok.api import addressing, lists, repeating
from ostatok.api.auth import needs, require
from ostatok.api.bulk import bodies
from ostatok.api.bulk.bodies import Form
from ostatok.api.fields import Id, Listed, OwnOrganization, Paging, Told, When, Within
from ostatok.api.problems import Kind, Refused
from ostatok.api.repeating import IdempotencyKey
from ostatok.intake import uploads
from ostatok.intake.models import Import, ImportKind, ImportRefusal, ImportState
from ostatok.intake.uploads import UploadRefused
from ostatok.parties.access import Permission
from ostatok.parties.models import Organization
from ostatok.web import requests
from ostatok.web.requests import FaceRequest

router = Router(tags=["imports"])

_PIECE: Final = 256 * 1024

What = QueryEx[ImportKind, P(description="What the file holds.", example="entries")]
FileName = QueryEx[str, P(max_length=250, description="What the file is called.", example="november.csv")]
Encoding = QueryEx[Literal["utf-8", "cp1251", "cp1250"], P(description="The encoding of the file.")]
_FILE: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {
                "schema": {"type": "string"},
                "example": "account,service,kind,amount,occurred_at,ref\n100001,ad,charge,1,2026-11-21T12:00:00Z,r1\n",
            }
        },
    }
}


class ImportTold(Told):
    """A file on its way into the ledger, and what became of it so far."""

    id: int = Field(examples=[1])
    organization: str = Field(examples=["energo"])
    kind: ImportKind = Field(examples=["entries"])
    file_name: str = Field(examples=["november.csv"])
    encoding: str = Field(examples=["utf-8"])
    size: int = Field(description="In bytes.", examples=[1024])
    state: ImportState = Field(examples=["done"])
    percent: int = Field(description="How much of the file was dealt with.", ge=0, le=100, examples=[100])
    posted: int = Field(examples=[100])
    duplicates: int = Field(examples=[0])
    refused: int = Field(examples=[3])
    notices: int = Field(examples=[5])
    deliveries: int = Field(examples=[5])
    error: str = Field(description="What ended it, where it failed.", examples=[""])
    created_by: str = Field(examples=["anna@energo.test"])
    created_at: When
    started_at: When | None
    finished_at: When | None


class RowTold(Told):
    """A row that was refused."""

    line: int = Field(examples=[7])
    reason: str = Field(examples=["bad_amount"])
    message: str = Field(examples=["amount: 'x' is not a number"])
    values: dict[str, str] = Field(description="Its cells by column; none where it could not be taken apart.")
    text: str = Field(description="The row as it stands, where it could not be taken apart.", examples=[""])


@router.get("", response=Listed[ImportTold])
def list_imports(request: FaceRequest, at: Query[Within]) -> Listed[ImportTold]:
    """Imports within reach, newest first."""
    require(request.actor, Permission.SEE)
    rows = addressing.within(Import.objects.visible_to(request.actor), request.actor, at.organization)
    return lists.page(rows.select_related("organization"), order=("-id",), at=at, tell=_tell)


@router.post("", response={202: ImportTold}, openapi_extra=_FILE)
@needs(Permission.POST_ENTRIES)
def upload_import(
    request: FaceRequest,
    kind: What,
    file_name: FileName = "file.csv",
    encoding: Encoding = "utf-8",
    organization: OwnOrganization = None,
    idempotency_key: IdempotencyKey = None,
) -> Status[ImportTold]:
    """Hand over a CSV file of at most 64 MiB; a worker posts it. To follow it, ask for the import again.

    With an `Idempotency-Key`, the same again hands over nothing and answers the same.
    """
    place = addressing.home(request.actor, organization)
    require(request.actor, Permission.POST_ENTRIES, place)
    body = bodies.of(request, largest=uploads.LIMIT)
    if body.form is not Form.CSV:
        raise Refused(Kind.UNSUPPORTED_TYPE, "Send text/csv.", headers={"Accept-Post": Form.CSV.value})
    with tempfile.TemporaryFile() as file:
        digest = _copy(body.stream, file)
        with repeating.once(request, place, idempotency_key, digest) as call:
            if call.kept:
                return call.replay()
            new = _accept(request, place, Upload(kind=kind, name=file_name, encoding=encoding), file)
            answer = Status(202, _told(new))
            call.keep(f"the import {new.pk}", answer)
    return answer


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """What is said of a file that is handed over."""

    kind: ImportKind
    name: str
    encoding: str


def _copy(stream: IO[bytes], file: IO[bytes]) -> bytes:
    """Copy a body into a file; return its digest."""
    digest = hashlib.sha256()
    while piece := stream.read(_PIECE):
        digest.update(piece)
        file.write(piece)
    return digest.digest()


def _accept(request: FaceRequest, place: Organization, upload: Upload, file: IO[bytes]) -> Import:
    try:
        return uploads.accept(
            request.actor,
            place,
            kind=upload.kind,
            name=upload.name,
            file=file,
            encoding=upload.encoding,
            now=now(),
            origin=requests.origin(request),
        )
    except UploadRefused as error:
        raise Refused(Kind.MALFORMED, str(error)) from None


@router.get("{int:id}", response=ImportTold)
def get_import(request: FaceRequest, id: Id) -> ImportTold:  # noqa: A002 (its name in the address)
    """One import, as far as it is."""
    return _told(_found(request, id))


@router.get("{int:id}/refusals", response=Listed[RowTold])
def list_import_refusals(request: FaceRequest, id: Id, at: Query[Paging]) -> Listed[RowTold]:  # noqa: A002
    """The rows of one import that were refused, and why."""
    one = _found(request, id)
    names = uploads.columns(one.kind).all
    rows = ImportRefusal.objects.visible_to(request.actor).filter(of=one)
    return lists.page(rows, order=("line",), at=at, tell=lambda found: [_row(each, names) for each in found])


@router.post("{int:id}/cancel", response=ImportTold)
def cancel_import(request: FaceRequest, id: Id) -> ImportTold:  # noqa: A002
    """Stop an import before its next batch. What was posted stays; one that is over stays as it is."""
    one = _found(request, id)
    require(request.actor, Permission.POST_ENTRIES, one.organization)
    uploads.cancel(request.actor, one, now=now(), origin=requests.origin(request))
    return _told(_found(request, id))


def _found(request: FaceRequest, pk: int) -> Import:
    require(request.actor, Permission.SEE)
    return addressing.by_id(Import.objects.visible_to(request.actor).select_related("organization"), pk)


def _tell(rows: Sequence[Import]) -> Iterable[ImportTold]:
    return [_told(row) for row in rows]


def _told(row: Import) -> ImportTold:
    return ImportTold(
        id=row.pk,
        organization=row.organization.code,
        kind=ImportKind(row.kind),
        file_name=row.file_name,
        encoding=row.encoding,
        size=row.size,
        state=ImportState(row.state),
        percent=row.percent,
        posted=row.posted,
        duplicates=row.duplicates,
        refused=row.refused,
        notices=row.notices,
        deliveries=row.deliveries,
        error=row.error,
        created_by=row.created_by,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _row(row: ImportRefusal, names: Sequence[str]) -> RowTold:
    values = dict(zip(names, row.values, strict=False))
    return RowTold(line=row.line, reason=row.reason, message=row.message, values=values, text=row.text)
