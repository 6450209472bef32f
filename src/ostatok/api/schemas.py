"""Schemas by name. Enumerations stand where they are used: two of one name would be taken for each other."""

from collections.abc import Iterator
from typing import Any, Final

from ninja.openapi.schema import OpenAPISchema

REFERENCE: Final = "#/components/schemas/{model}"
_BEGIN: Final = REFERENCE.format(model="")


class Inlined(OpenAPISchema):
    """django-ninja's description, in which names of schemas are those of objects only."""

    def _create_schema_from_model(self, *model: Any, **options: Any) -> tuple[dict[str, Any], bool]:
        schema, required = super()._create_schema_from_model(*model, **options)
        self._inline()
        return inlined(schema, self.schemas), required

    def _extract_parameters(self, model: Any) -> list[dict[str, Any]]:
        parameters = super()._extract_parameters(model)
        self._inline()
        return [inlined(parameter, self.schemas) for parameter in parameters]

    def _inline(self) -> None:
        """At once, while the names are those of the model that was just added."""
        self.schemas.update({name: inlined(schema, self.schemas) for name, schema in self.schemas.items()})


def inlined(schema: Any, schemas: dict[str, Any]) -> Any:
    """The same with every enumeration in the place of its name."""
    if isinstance(schema, list):
        return [inlined(each, schemas) for each in schema]
    if not isinstance(schema, dict):
        return schema
    rest = {name: inlined(each, schemas) for name, each in schema.items()}
    named = schemas.get(name_of(schema), {})
    if "enum" not in named:
        return rest
    return {"type": named.get("type", "string"), "enum": named["enum"]} | {k: v for k, v in rest.items() if k != "$ref"}


def name_of(schema: dict[str, Any]) -> str:
    """The name that a schema refers to; empty if it refers to none."""
    reference = schema.get("$ref", "")
    return reference.removeprefix(_BEGIN) if isinstance(reference, str) else ""


def used(document: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """Those of the schemas that the document speaks of, or that those speak of."""
    wanted, found = list(_names(document)), {}
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = schemas[name]
            wanted.extend(_names(schemas[name]))
    return dict(sorted(found.items()))


def _names(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for each in schema:
            yield from _names(each)
    if isinstance(schema, dict):
        if name := name_of(schema):
            yield name
        for each in schema.values():
            yield from _names(each)


def example_of(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """An example made of those of its parts."""
    schema = schemas.get(name_of(schema), {}) | schema
    if "example" in schema:
        return schema["example"]
    for key in ("examples", "enum", "allOf", "anyOf", "oneOf"):
        if schema.get(key):
            first = schema[key][0]
            return first if key in ("examples", "enum") else example_of(first, schemas)
    if "properties" in schema:
        return {name: example_of(each, schemas) for name, each in schema["properties"].items()}
    if schema.get("type") == "array":
        return [example_of(schema["items"], schemas)]
    return schema.get("const", schema.get("default", _PLAIN.get(schema.get("type", ""))))


_PLAIN: Final[dict[str, Any]] = {"string": "", "integer": 0, "number": 0, "boolean": False, "object": {}}
