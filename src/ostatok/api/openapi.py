"""The API's description of itself: what django-ninja knows, the bulk intake, every refusal, and an example of each."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from ninja.responses import Response
from pydantic.json_schema import models_json_schema

from ostatok.api import items
from ostatok.api.bulk import described as bulk
from ostatok.api.main import api
from ostatok.api.problems import MEDIA_TYPE, Kind, ProblemDetails

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
    return Response(document())


@cache
def document() -> dict[str, Any]:
    """The whole description, as JSON has it."""
    found: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=PREFIX))
    found["info"] |= {"description": _ABOUT, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}
    found["paths"] |= bulk.paths(PREFIX)
    schemas = found["components"]["schemas"]
    schemas |= items.schemas() | _own_schemas()
    for _, method, operation in operations(found):
        _say_in_short(operation)
        operation["responses"] = _responses(method, operation["responses"], schemas)
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
    _, found = models_json_schema(models, ref_template=items.REFERENCE)  # type: ignore[arg-type]
    named: dict[str, Any] = found["$defs"]
    return named


def _say_in_short(operation: dict[str, Any]) -> None:
    """The first sentence of what is said of an operation is its summary."""
    words = " ".join(operation.get("description", "").split())
    summary, dot, rest = words.partition(". ")
    operation["summary"] = summary.removesuffix(".")
    operation["description"] = rest if dot else words


def _responses(method: str, own: dict[Any, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    told = {str(status): _with_example(response, schemas) for status, response in own.items()}
    for kind in (*_ALWAYS, *_OF[method]):
        told.setdefault(str(kind.status.value), _problem(kind))
    return dict(sorted(told.items()))


def _problem(kind: Kind) -> dict[str, Any]:
    example: dict[str, Any] = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status.value,
        "detail": f"{kind.title}.",
        "instance": f"{PREFIX}clients/c1",
        "errors": [],
    }
    reference = items.REFERENCE.format(model=ProblemDetails.__name__)
    content = {MEDIA_TYPE: {"schema": {"$ref": reference}, "example": example}}
    return {"description": f"{kind.title}.", "content": content}


def _with_example(response: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    for content in response.get("content", {}).values():
        if "example" not in content:
            content["example"] = example_of(content["schema"], schemas)
    return response


def example_of(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """An example made of those of its parts."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[-1]] | {k: v for k, v in schema.items() if k != "$ref"}
    if "example" in schema:
        return schema["example"]
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    if "const" in schema:
        return schema["const"]
    for key in ("allOf", "anyOf", "oneOf"):
        if key in schema:
            return example_of(schema[key][0], schemas)
    if "properties" in schema:
        return {name: example_of(each, schemas) for name, each in schema["properties"].items()}
    if schema.get("type") == "array":
        return [example_of(schema["items"], schemas)]
    return schema.get("default", _PLAIN.get(schema.get("type", "")))


_PLAIN: Final[dict[str, Any]] = {"string": "", "integer": 0, "number": 0, "boolean": False, "object": {}}
