"""The API's description of itself: what django-ninja knows, the bulk intake, every refusal, and an example of each."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from pydantic.json_schema import models_json_schema

from ostatok.api import etags, items, problems, schemas
from ostatok.api.bulk import described as bulk
from ostatok.api.problems import Kind, ProblemDetails
from ostatok.api.resources import api
from ostatok.api.schemas import Inlined

PREFIX: Final = "/api/v1/"

_ABOUT: Final = """What is left of every balance, who was told of it and why, and everything the console can do.

Sign in with an API key: `Authorization: Bearer ost_…`. A key belongs to one organization, reaches that and all below
it, and may do what its permissions name. What is out of reach is not refused, it is not there: 404.

Lists are read page by page: send `next` of a page as `cursor`. Every write may be sent twice: the second time changes
nothing. Amounts are digits in a string, in the unit beside them. Refusals are problem details (RFC 9457).
"""

_ALWAYS: Final = (Kind.UNAUTHENTICATED, Kind.FORBIDDEN, Kind.INVALID, Kind.TOO_MANY_REQUESTS, Kind.BROKEN)
_OF_READS: Final = (Kind.MALFORMED, Kind.NOT_FOUND, Kind.AMBIGUOUS)
_OF_WRITES: Final = (*_OF_READS, Kind.TOO_LARGE, Kind.UNSUPPORTED_TYPE, Kind.BUSY)
_OF: Final = {"get": _OF_READS, "put": _OF_WRITES, "post": _OF_WRITES, "delete": (*_OF_READS, Kind.BUSY)}


def show(_request: HttpRequest) -> HttpResponse:
    """`GET /api/v1/openapi.json`, for everyone."""
    return HttpResponse(_text(), content_type="application/json")


@cache
def _text() -> str:
    return json.dumps(document(), ensure_ascii=False, default=str)


@cache
def document() -> dict[str, Any]:
    """The whole description, as JSON has it."""
    found: dict[str, Any] = dict(Inlined(api, PREFIX))
    found["info"] |= {"description": _ABOUT, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}
    found["paths"] |= bulk.paths(PREFIX)
    etags.describe(found)
    named = found["components"]["schemas"] | items.schemas() | _own_schemas()
    for _, method, operation in operations(found):
        _say_in_short(operation)
        operation["responses"] = _responses(method, operation["responses"])
        for part in (operation.get("requestBody", {}), *operation["responses"].values()):
            _add_example(part, named)
    found["components"]["schemas"] = schemas.used(found["paths"], named)
    found["servers"] = [{"url": "/", "description": "This installation."}]
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation with its path and its method."""
    for path, methods in document["paths"].items():
        for method in _OF:
            if method in methods:
                yield path, method, methods[method]


def _own_schemas() -> dict[str, Any]:
    models = [(ProblemDetails, "serialization"), (bulk.Result, "serialization")]
    _, found = models_json_schema(models, ref_template=schemas.REFERENCE)  # type: ignore[arg-type]
    named: dict[str, Any] = found["$defs"]
    return {name: schemas.inlined(schema, named) for name, schema in named.items()}


def _say_in_short(operation: dict[str, Any]) -> None:
    """The first sentence of what is said of an operation is its summary."""
    words = " ".join(operation.get("description", "").split())
    summary, dot, rest = words.partition(". ")
    operation["summary"] = summary.removesuffix(".")
    operation["description"] = rest if dot else words


def _responses(method: str, own: dict[Any, Any]) -> dict[str, Any]:
    told = {str(status): response for status, response in own.items()}
    for kind in (*_ALWAYS, *_OF[method]):
        told.setdefault(str(kind.status.value), problems.described_as(kind))
    return dict(sorted(told.items()))


def _add_example(part: dict[str, Any], named: dict[str, Any]) -> None:
    """To a body or a response, unless it has one."""
    for content in part.get("content", {}).values():
        if "example" not in content:
            content["example"] = schemas.example_of(content["schema"], named)
