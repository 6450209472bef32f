"""The API's description of itself: whole, true, with an example of everything."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from pydantic import BaseModel

from ostatok.api import items, openapi
from ostatok.api.fields import Asked, Paging, Told
from ostatok.api.urls import urlpatterns
from ostatok.intake.description import reading
from tests.api.program import Program, told

DOCUMENT: Any = json.loads(json.dumps(openapi.document()))
OPERATIONS = [pytest.param(path, method, id=f"{method} {path}") for path, method, _ in openapi.operations(DOCUMENT)]


def valid(schema: dict[str, Any], value: Any) -> list[str]:
    """What of the value is not as the schema says."""
    whole = {**schema, "components": DOCUMENT["components"]}
    return [error.message for error in jsonschema_rs.validator_for(whole).iter_errors(value)]


@pytest.mark.django_db
def test_everyone_may_read_it() -> None:
    assert told(Program().get("openapi.json")) == DOCUMENT


def test_it_names_how_to_sign_in() -> None:
    schemes = DOCUMENT["components"]["securitySchemes"]
    assert schemes["Bearer"] == {"type": "http", "scheme": "bearer"}
    assert schemes["Session"]["in"] == "cookie"


def test_every_route_is_described() -> None:
    routes = {
        str(pattern.pattern).replace("<path:", "{").replace("<int:", "{").replace("<", "{").replace(">", "}")
        for pattern in urlpatterns
        if pattern.name not in ("openapi", "nothing", "api-root")
    }
    assert {path.removeprefix(openapi.PREFIX) for path in DOCUMENT["paths"]} == routes


def models(of: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """All models made of one."""
    for model in of.__subclasses__():
        yield model
        yield from models(model)


def test_schemas_have_names_of_their_own() -> None:
    """Two of one name would be described as one. What is asked in a query has no name there."""
    named = [model for model in models(Told) if "[" not in model.__name__]
    asked = [model for model in models(Asked) if not issubclass(model, Paging)]
    names = Counter(model.__name__ for model in [*named, *asked])
    assert [name for name, count in names.items() if count > 1] == []


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for _, _, operation in openapi.operations(DOCUMENT)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_an_operation_says_what_it_does_and_what_may_come_of_it(path: str, method: str) -> None:
    operation = DOCUMENT["paths"][path][method]
    assert operation["summary"]
    assert operation["tags"]
    assert operation["security"] == [{"Bearer": []}, {"Session": []}]
    assert {"401", "403", "404", "422", "429"} <= operation["responses"].keys()
    for status, response in operation["responses"].items():
        [(media_type, content)] = response["content"].items()
        assert media_type == ("application/json" if int(status) < 300 else "application/problem+json")
        assert not valid(content["schema"], content["example"]), (status, content["example"])


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_the_example_of_a_body_is_one(path: str, method: str) -> None:
    body = DOCUMENT["paths"][path][method].get("requestBody")
    for content in body["content"].values() if body else ():
        assert not valid(content["schema"], content["example"]), content["example"]


@pytest.mark.parametrize("section", list(items.EXAMPLES))
def test_what_the_description_says_of_an_item_a_description_takes(section: str) -> None:
    identity = {
        "users": {"email": "anna@x.test"},
        "accounts": {"organization": "energo", "number": "1"},
        "rules": {"organization": "energo", "name": "x"},
        "templates": {"organization": "energo", "kind": "balance_band", "language": "ru"},
        "organizations": {"code": "energo"},
    }.get(section, {"organization": "energo", "code": "x"})
    text = json.dumps({section: [{**identity, **items.EXAMPLES[section]}]}, ensure_ascii=False)
    assert len(getattr(reading.read(text), section)) == 1
