"""`ETag` of an item that is read, and `If-Match` of what writes it (RFC 9110): none undoes unknowingly what others did.

The tag is that of what the item's GET tells; whoever writes tells it anew, in the transaction that changes it and under
its locks.
"""

import hashlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, Final, TypeVar

from django.http import HttpRequest, HttpResponseBase
from django.utils.http import parse_etags
from pydantic import BaseModel

from ostatok.api.problems import Kind, Refused, described_as

View = TypeVar("View", bound=Callable[..., BaseModel])

_ANY: Final = ["*"]
#: What tells one item of a section.
_VIEWS: Final[dict[str, Callable[..., BaseModel]]] = {}
_IF_MATCH: Final[Mapping[str, Any]] = {
    "in": "header",
    "name": "If-Match",
    "description": "Only if it is still as it was told: the `ETag` of a GET; `*`: only if it is there.",
    "required": False,
    "schema": {"type": "string"},
}
_ETAG: Final[Mapping[str, Any]] = {
    "description": "Stands for what is told here: `If-Match` of what writes it.",
    "schema": {"type": "string"},
}


def of_one(section: str) -> Callable[[View], View]:
    """Mark the operation that tells one item of a section: its answer gets an ETag."""

    def mark(view: View) -> View:
        @wraps(view)
        def tagged(request: HttpRequest, **values: Any) -> BaseModel:
            told = view(request, **values)
            request.etag = _tag(told)  # type: ignore[attr-defined]
            return told

        _VIEWS[section] = view
        return tagged  # type: ignore[return-value]

    return mark


def put_on(response: HttpResponseBase, request: HttpRequest) -> None:
    """Give an answer the tag of what it tells, if that has one."""
    if etag := getattr(request, "etag", None):
        response.headers["ETag"] = etag


@contextmanager
def as_told(request: HttpRequest, section: str, item: Mapping[str, Any]) -> Iterator[None]:
    """For the transaction that writes the item. Raises Refused where it is not as `If-Match` says."""
    wanted = request.headers.get("If-Match")
    if wanted is not None:
        tags, current = parse_etags(wanted), _current(request, section, item)
        if current is None or (tags != _ANY and current not in tags):
            raise Refused(Kind.CHANGED, "It is not, or no more, what the tag in If-Match stands for: read it anew.")
    yield


def describe(document: Mapping[str, Any]) -> None:
    """Put the tags into what OpenAPI says of the operations that know them."""
    telling = {view.__name__ for view in _VIEWS.values()}
    for methods in document["paths"].values():
        if methods.get("get", {}).get("operationId") in telling:
            methods["get"]["responses"][200]["headers"] = {"ETag": dict(_ETAG)}
            for writing in (methods["put"], methods["delete"]):
                writing["parameters"].append(dict(_IF_MATCH))
                writing["responses"][Kind.CHANGED.status.value] = described_as(Kind.CHANGED)


def _current(request: HttpRequest, section: str, item: Mapping[str, Any]) -> str | None:
    """The tag of the item as it is; None where it is not there. Raises Refused where it may not be seen."""
    view = _VIEWS[section]
    named = {name: item[name] for name in inspect.signature(view).parameters if name in item}
    try:
        return _tag(view(request, **named))
    except Refused as refused:
        if refused.kind is Kind.NOT_FOUND:
            return None
        raise


def _tag(told: BaseModel) -> str:
    return f'"{hashlib.sha256(told.model_dump_json().encode()).hexdigest()[:32]}"'
