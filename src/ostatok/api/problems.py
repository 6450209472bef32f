"""What goes wrong is told as problem details (RFC 9457): one form for every refusal of the API."""

import json
import logging
from collections.abc import Mapping, Sequence
from enum import Enum
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from ninja import errors as ninja_errors
from pydantic import BaseModel, ConfigDict, Field

from ostatok.api.schemas import REFERENCE
from ostatok.intake.description.problems import DescriptionError, Problem, written
from ostatok.pipeline import ContentionError
from ostatok.rules.preview import TooSlow
from ostatok.rules.waiting import BeingChanged
from ostatok.web.paging import BrokenCursor

MEDIA_TYPE: Final = "application/problem+json"
#: A description may be wrong in a thousand places; so many are told.
_TOLD: Final = 100

_log = logging.getLogger(__name__)


class Kind(Enum):
    """The kinds of problem there are; `type` in an answer is `urn:ostatok:problem:` and the slug."""

    MALFORMED = "malformed", HTTPStatus.BAD_REQUEST, "The request cannot be read"
    BROKEN_CURSOR = "broken-cursor", HTTPStatus.BAD_REQUEST, "The cursor is no place in this list"
    UNAUTHENTICATED = "unauthenticated", HTTPStatus.UNAUTHORIZED, "Say who you are"
    FORBIDDEN = "forbidden", HTTPStatus.FORBIDDEN, "You may not do this"
    #: Told by web.signing_in, before a request comes here.
    SECOND_FACTOR = "second-factor", HTTPStatus.FORBIDDEN, "A second factor is needed"
    CSRF = "csrf", HTTPStatus.FORBIDDEN, "The CSRF token is missing or wrong"
    NOT_FOUND = "not-found", HTTPStatus.NOT_FOUND, "There is no such thing"
    METHOD_NOT_ALLOWED = "method-not-allowed", HTTPStatus.METHOD_NOT_ALLOWED, "This cannot be done here"
    AMBIGUOUS = "ambiguous", HTTPStatus.CONFLICT, "Several organizations have one"
    CONFLICT = "conflict", HTTPStatus.CONFLICT, "This cannot be done as things stand"
    STILL_RUNNING = "still-running", HTTPStatus.CONFLICT, "The same request is being answered"
    MADE_ALREADY = "made-already", HTTPStatus.CONFLICT, "This was made already, and is not told again"
    LENGTH_REQUIRED = "length-required", HTTPStatus.LENGTH_REQUIRED, "Say how long the body is"
    CHANGED = "changed", HTTPStatus.PRECONDITION_FAILED, "It was changed meanwhile"
    TOO_LARGE = "too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large"
    UNSUPPORTED_TYPE = "unsupported-type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body is of a type not read here"
    INVALID = "invalid", HTTPStatus.UNPROCESSABLE_ENTITY, "Some of what was sent is wrong"
    KEY_REUSED = "key-reused", HTTPStatus.UNPROCESSABLE_ENTITY, "The idempotency key is that of another request"
    TOO_MANY_REQUESTS = "too-many-requests", HTTPStatus.TOO_MANY_REQUESTS, "Too many requests"
    BROKEN = "broken", HTTPStatus.INTERNAL_SERVER_ERROR, "Something here is broken"
    BUSY = "busy", HTTPStatus.SERVICE_UNAVAILABLE, "Others are faster just now"

    def __init__(self, slug: str, status: HTTPStatus, title: str) -> None:
        self.slug = slug
        self.status = status
        self.title = title

    @property
    def type(self) -> str:
        """The problem's type: an identifier, not an address."""
        return f"urn:ostatok:problem:{self.slug}"


class ProblemError(BaseModel):
    """One thing that is wrong, and where."""

    model_config = ConfigDict(extra="forbid")

    place: str = Field(
        description="Where: `path.`, `query.` or `body.` and the field, such as `body.services[0].code`; "
        "`body` alone for all of it.",
        examples=["body.timezone"],
    )
    detail: str = Field(description="What is wrong there.", examples=["unknown time zone 'Europe/Warsav'"])


class ProblemDetails(BaseModel):
    """A refusal, as RFC 9457 describes them."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="Which kind of problem; these are listed in the documentation.")
    title: str = Field(description="The kind of problem in words, the same for each of its kind.")
    status: int = Field(description="The HTTP status, once more.", ge=400, le=599)
    detail: str = Field(description="What is wrong this time.")
    instance: str = Field(description="The path that was asked for.", examples=["/api/v1/clients/c1"])
    errors: list[ProblemError] = Field(description="Each thing that is wrong, where the problem has parts.")
    choices: list[str] | None = Field(
        default=None, description="Where a name is ambiguous: the organizations that could be meant."
    )
    permission: str | None = Field(default=None, description="Where one is missing: the permission it takes.")


class Refused(Exception):
    """A request that is answered with a problem."""

    def __init__(
        self,
        kind: Kind,
        detail: str = "",
        *,
        errors: Sequence[ProblemError] = (),
        headers: Mapping[str, str] | None = None,
        choices: Sequence[str] | None = None,
        permission: str | None = None,
    ) -> None:
        super().__init__(detail or kind.title)
        self.kind = kind
        self.detail = detail or f"{kind.title}."
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = {"choices": list(choices) if choices else None, "permission": permission}


def invalid(place: str, detail: str) -> Refused:
    """A refusal for one wrong field."""
    return Refused(Kind.INVALID, errors=[ProblemError(place=place, detail=detail)])


def forbidden(permission: str) -> Refused:
    """A refusal that names the permission it takes."""
    return Refused(Kind.FORBIDDEN, f"It takes the permission {permission}.", permission=permission)


def answer(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The response that tells the problem."""
    body = {
        "type": refused.kind.type,
        "title": refused.kind.title,
        "status": refused.kind.status.value,
        "detail": refused.detail,
        "instance": request.path,
        "errors": [one.model_dump() for one in refused.errors],
        **{name: value for name, value in refused.extra.items() if value is not None},
    }
    return HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status=refused.kind.status,
        content_type=MEDIA_TYPE,
        headers=refused.headers,
    )


def of(error: BaseException) -> Refused | None:
    """The refusal that an error stands for; None for what nobody foresaw."""
    match error:
        case Refused():
            return error
        case ninja_errors.ValidationError():
            return Refused(Kind.INVALID, errors=[_wrong(each) for each in error.errors])
        case DescriptionError():
            return described(error)
        case ninja_errors.HttpError():
            return _of_ninja(error)
    return next((refused for kind, refused in _PLAIN if isinstance(error, kind)), None)


def described(error: DescriptionError) -> Refused:
    """A description that cannot be made true; places are those in the one item that was sent."""
    told = [
        ProblemError(place=".".join(filter(None, ("body", written(_within(each))))), detail=each.message)
        for each in error.problems[:_TOLD]
    ]
    return Refused(Kind.INVALID, errors=told)


def unforeseen(request: HttpRequest, error: Exception) -> HttpResponse:
    """The answer to an error that is ours. Its text stays here: it may hold what nobody else should read."""
    _log.error("an API request failed", exc_info=error, extra={"path": request.path, "method": request.method})
    return answer(request, Refused(Kind.BROKEN, "Nothing of this request was done, or not all of it."))


_PLAIN: Final[tuple[tuple[type[Exception], Refused], ...]] = (
    (Http404, Refused(Kind.NOT_FOUND)),
    (PermissionDenied, Refused(Kind.FORBIDDEN)),
    (BrokenCursor, Refused(Kind.BROKEN_CURSOR, "Take the cursor from `next` of a page of this very list.")),
    (RequestDataTooBig, Refused(Kind.TOO_LARGE, "A request of this kind has at most 1 MiB.")),
    (UnreadablePostError, Refused(Kind.MALFORMED, "The body ended too early.")),
    (SuspiciousOperation, Refused(Kind.MALFORMED)),
    (
        TooSlow,
        Refused(
            Kind.CONFLICT, "It speaks to so many that no request waits for a look at them all: the console counts them."
        ),
    ),
    (BeingChanged, Refused(Kind.CONFLICT, str(BeingChanged.__doc__))),
    (ContentionError, Refused(Kind.BUSY, "Send the same once more.", headers={"Retry-After": "1"})),
)


def _of_ninja(error: ninja_errors.HttpError) -> Refused:
    if isinstance(error.__cause__, Refused):
        return error.__cause__
    if isinstance(error, ninja_errors.AuthenticationError):
        return unauthenticated()
    return Refused(Kind.MALFORMED, str(error))


def unauthenticated() -> Refused:
    """A refusal for nobody: no key, or one that is unknown, expired or revoked; no session, or one without a role."""
    return Refused(
        Kind.UNAUTHENTICATED,
        "Send an API key that is valid: `Authorization: Bearer ost_…`.",
        headers={"WWW-Authenticate": 'Bearer realm="ostatok"'},
    )


def _wrong(error: Mapping[str, Any]) -> ProblemError:
    source, *place = error["loc"]
    # What ninja calls the one parameter that a body is read into is nothing that was sent.
    shown = place[1:] if source == "body" else place
    message = str(error["msg"]).removeprefix("Value error, ")
    return ProblemError(place=".".join(filter(None, (str(source), written(tuple(shown))))), detail=message)


def _within(problem: Problem) -> tuple[str | int, ...]:
    """The place within the one item of a description's section."""
    return problem.path[2:]


def described_as(kind: Kind) -> dict[str, Any]:
    """What OpenAPI says of the answer with such a problem."""
    example: dict[str, Any] = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status.value,
        "detail": f"{kind.title}.",
        "instance": "/api/v1/clients/c1",
        "errors": [],
    }
    reference = REFERENCE.format(model=ProblemDetails.__name__)
    content = {MEDIA_TYPE: {"schema": {"$ref": reference}, "example": example}}
    return {"description": f"{kind.title}.", "content": content}
