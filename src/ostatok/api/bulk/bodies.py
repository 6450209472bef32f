"""The body of a request as a stream: of a type that is read here, not too long, and not cut off."""

import io
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Protocol

from django.http import HttpRequest
from django.http.request import UnreadablePostError

from ostatok.api.parsing import is_json
from ostatok.api.problems import Kind, Refused

#: A JSON array is read whole before any of it is posted; lines are posted while they come.
LARGEST_ARRAY: Final = 10 * 1024**2
LARGEST_STREAM: Final = 1024**3
_PIECE: Final = 256 * 1024


class Form(Enum):
    """How entries are written in a body."""

    ARRAY = "application/json"
    LINES = "application/x-ndjson"
    CSV = "text/csv"


_FORMS: Final = {
    **{form.value: form for form in Form},
    "application/ndjson": Form.LINES,
    "application/jsonl": Form.LINES,
    "application/json-lines": Form.LINES,
    "application/x-jsonlines": Form.LINES,
}


class Source(Protocol):
    """Whatever a body is read from."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """A body to be read: its form, the encoding of its text, its bytes."""

    form: Form
    encoding: str
    stream: io.BufferedReader


def of(request: HttpRequest, *, largest: int | None = None) -> Body:
    """The body of a request. Raises Refused: of another type, too large, without a length."""
    form = _form(request)
    length = _length(request)
    largest = largest or (LARGEST_ARRAY if form is Form.ARRAY else LARGEST_STREAM)
    if length is not None and length > largest:
        raise too_large(largest)
    source: Any = request if length is not None else request.META["wsgi.input"]
    raw = Counted(source, length=length, largest=largest)
    charset = (request.content_params or {}).get("charset", "utf-8")
    return Body(form=form, encoding=charset, stream=io.BufferedReader(raw, _PIECE))


def too_large(largest: int) -> Refused:
    """A refusal that says how much is read."""
    return Refused(Kind.TOO_LARGE, f"A body of this type has at most {largest // 1024**2} MiB: send it in parts.")


def _form(request: HttpRequest) -> Form:
    media_type = request.content_type or ""
    form = _FORMS.get(media_type) or (Form.ARRAY if is_json(media_type) else None)
    if form is None or request.headers.get("Content-Encoding", "identity") != "identity":
        known = ", ".join(each.value for each in Form)
        raise Refused(Kind.UNSUPPORTED_TYPE, f"Send {known}, not compressed.", headers={"Accept-Post": known})
    return form


def _length(request: HttpRequest) -> int | None:
    """How long the body is; None where it comes in chunks, which the server puts together and ends."""
    if "chunked" in request.headers.get("Transfer-Encoding", ""):
        if request.META.get("wsgi.input_terminated"):
            return None
        raise Refused(Kind.LENGTH_REQUIRED, "This server does not read chunks: send Content-Length.")
    return int(request.META.get("CONTENT_LENGTH") or 0)


class Counted(io.RawIOBase):
    """Bytes as they come. A body that ends before its length is an error: its last line may be half a number."""

    def __init__(self, source: Source, *, length: int | None, largest: int) -> None:
        super().__init__()
        self._source = source
        self._length = length
        self._largest = largest
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        piece = self._source.read(min(len(buffer), _PIECE))
        if not piece and self._length is not None and self._count < self._length:
            raise UnreadablePostError(f"{self._count} bytes of {self._length} came")
        self._count += len(piece)
        if self._count > self._largest:
            raise too_large(self._largest)
        buffer[: len(piece)] = piece
        return len(piece)
