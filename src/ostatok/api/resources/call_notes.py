"""Call notes: who was called about running out, and who promised what."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated

from django.utils.timezone import now
from ninja import Query, Router
from ninja.responses import Status
from pydantic import Field, StringConstraints

from ostatok.api import addressing, lists, repeating
from ostatok.api.auth import needs, require
from ostatok.api.fields import Asked, Code, Listed, Organization, Paging, PathCode, Told, When
from ostatok.api.problems import Kind, ProblemError, Refused
from ostatok.api.repeating import IdempotencyKey
from ostatok.ledger.models import Account
from ostatok.parties import call_notes
from ostatok.parties.access import Permission
from ostatok.parties.call_notes import CallNoteRefused
from ostatok.parties.models import CallNote, Client, User
from ostatok.web import requests
from ostatok.web.requests import FaceRequest

router = Router(tags=["clients"])


class NoteTold(Told):
    """What came of speaking with a client."""

    id: int = Field(examples=[1])
    client: str = Field(examples=["c1"])
    account: str | None = Field(examples=["100001"])
    kind: CallNote.Kind = Field(examples=["promised"])
    text: str = Field(examples=["Оплатят в понедельник"])
    promised_until: date | None = Field(examples=["2026-11-23"])
    by: str | None = Field(description="Who wrote it; null for a program.", examples=["anna@energo.test"])
    at: When


class NewNote(Asked):
    """A note to be written."""

    kind: CallNote.Kind = Field(examples=["promised"])
    text: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")] = Field(
        default="", examples=["Оплатят в понедельник"]
    )
    promised_until: date | None = Field(
        default=None,
        description="Of a promise, which needs it: today or later by the clocks of the client's organization.",
        examples=["2026-11-23"],
    )
    account: Code | None = Field(default=None, description="Of which account of the client.", examples=["100001"])


@router.get("{path:code}/notes", response=Listed[NoteTold])
def list_call_notes(
    request: FaceRequest, code: PathCode, at: Query[Paging], organization: Organization = None
) -> Listed[NoteTold]:
    """Notes about one client, newest first."""
    client = _client(request, code, organization)
    rows = CallNote.objects.visible_to(request.actor).filter(client=client)
    return lists.page(rows.select_related("client", "account"), order=("-at", "-id"), at=at, tell=_tell)


@router.post("{path:code}/notes", response={201: NoteTold})
@needs(Permission.CHANGE_CLIENTS)
def write_call_note(
    request: FaceRequest,
    code: PathCode,
    new: NewNote,
    organization: Organization = None,
    idempotency_key: IdempotencyKey = None,
) -> Status[NoteTold]:
    """Write down that a client was called or promised something. Each call writes another note.

    With an `Idempotency-Key`, the same again writes none and answers the same.
    """
    client = _client(request, code, organization)
    require(request.actor, Permission.CHANGE_CLIENTS, client.organization)
    with repeating.once(request, client.organization, idempotency_key) as call:
        if call.kept:
            return call.replay()
        note = _write(request, client, new)
        answer = Status(201, next(iter(_tell([note]))))
        call.keep(f"the note {note.pk}", answer)
    return answer


def _write(request: FaceRequest, client: Client, new: NewNote) -> CallNote:
    try:
        return call_notes.write(
            request.actor,
            client,
            kind=new.kind,
            text=new.text,
            promised_until=new.promised_until,
            account_id=_account_id(client, new.account),
            origin=requests.origin(request),
            now=now(),
        )
    except CallNoteRefused as error:
        raise Refused(Kind.INVALID, errors=[ProblemError(place="body", detail=str(error))]) from None


def _client(request: FaceRequest, code: str, organization: str | None) -> Client:
    require(request.actor, Permission.SEE)
    return addressing.one(Client.objects.visible_to(request.actor), organization, code=code)


def _account_id(client: Client, number: str | None) -> int | None:
    if number is None:
        return None
    found = Account.objects.filter(client=client, number=number).values_list("pk", flat=True).first()
    if found is None:
        wrong = ProblemError(place="body.account", detail=f"the client has no account {number!r}")
        raise Refused(Kind.INVALID, errors=[wrong])
    return found


def _tell(rows: Sequence[CallNote]) -> Iterable[NoteTold]:
    """Who wrote them is told where the reader may know them."""
    writers = dict(User.objects.filter(pk__in={row.by_id for row in rows}).values_list("pk", "email"))
    for row in rows:
        yield NoteTold(
            id=row.pk,
            client=row.client.code,
            account=row.account.number if row.account else None,
            kind=CallNote.Kind(row.kind),
            text=row.text,
            promised_until=row.promised_until,
            by=writers.get(row.by_id or 0),
            at=row.at,
        )
