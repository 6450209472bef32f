"""`Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a POST that makes something is sent again safely.

Secrets are not kept: where the answer held one, a repetition is told what was made, and no more.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Final

from django.db import transaction
from django.utils.timezone import now
from ninja import HeaderEx, P
from ninja.responses import Status
from pydantic import BaseModel, StringConstraints

from ostatok.api.problems import Kind, Refused
from ostatok.parties.access import Key
from ostatok.parties.models import Organization
from ostatok.web import repeats
from ostatok.web.models import KeptAnswer
from ostatok.web.repeats import KeyReused, StillRunning
from ostatok.web.requests import FaceRequest

#: Visible characters, with or without the quotation marks of a structured field.
IdempotencyKey = HeaderEx[
    Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[!-~]+$")] | None,
    P(
        alias="Idempotency-Key",
        description="Of your choice, new for each request. Sent again with it within 24 hours, the same does nothing.",
        example="8e03978e-40d5-43dd-bc93-6894a57f9324",
    ),
]
_RUNNING: Final = "The same request is being answered: wait, and send it again."
_REUSED: Final = "Another request was sent with this Idempotency-Key: choose a new one for each."


@dataclass(slots=True)
class Call:
    """A request under its key, if it has one: what was kept of it, and what is to be kept."""

    request: repeats.Request | None
    kept: KeptAnswer | None = None

    def keep(self, made: str, answer: "Status[Any] | None" = None) -> None:
        """Keep what was made, and the answer where it may be told again; within the transaction of the work."""
        if self.request is not None:
            told = None if answer is None else _plain(answer)
            status = 201 if answer is None else answer.status_code
            self.kept = repeats.keep(self.request, made=made, status=status, answer=told, now=now())

    def add(self, answer: "Status[Any]") -> None:
        """Keep an answer that was known only after the work had committed."""
        if self.kept is not None:
            self.kept.answer, self.kept.status = _plain(answer), answer.status_code
            with transaction.atomic():
                self.kept.save(update_fields=["answer", "status"])

    def replay(self) -> "Status[Any]":
        """The answer that was kept. Raises Refused where it was not."""
        assert self.kept is not None  # noqa: S101 (asked by the caller)
        if self.kept.answer is None:
            told = f"This request was done already and made {self.kept.made}; the answer to it is not kept."
            raise Refused(Kind.MADE_ALREADY, told)
        return Status(self.kept.status, self.kept.answer)


@contextmanager
def once(request: FaceRequest, place: Organization, key: str | None, content: bytes | None = None) -> Iterator[Call]:
    """A transaction for what a request makes in an organization. Where it was made before, `kept` says so.

    `content` stands for the body where that was read already. Raises Refused: still running, or another request.
    """
    if key is None:
        with transaction.atomic():
            yield Call(None)
        return
    named = repeats.Request(
        organization=place,
        caller=_caller(request),
        key=key.removeprefix('"').removesuffix('"') or key,
        content=_content(request, request.body if content is None else content),
    )
    try:
        with repeats.once(named, now=now()) as kept:
            yield Call(named, kept)
    except StillRunning:
        raise Refused(Kind.STILL_RUNNING, _RUNNING, headers={"Retry-After": "1"}) from None
    except KeyReused:
        raise Refused(Kind.KEY_REUSED, _REUSED) from None


def _caller(request: FaceRequest) -> str:
    if isinstance(request.actor, Key):
        return f"key {request.actor.key_id}"
    return f"user {request.user.pk}"


def _content(request: FaceRequest, body: bytes) -> bytes:
    """Address and body; a body may be long, so only its digest is held."""
    return b"\n".join([request.get_full_path().encode(), hashlib.sha256(body).digest()])


def _plain(answer: "Status[Any]") -> Any:
    value = answer.value
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value
