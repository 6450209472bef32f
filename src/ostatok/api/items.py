"""The bodies of writes, described from the very models that a description is read with."""

import json
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema

from ostatok.api.parsing import JSON
from ostatok.api.schemas import REFERENCE, inlined
from ostatok.intake.description import rule_schema, schema
from ostatok.intake.description.values import Amount

_MODELS: Final[Mapping[str, type[BaseModel]]] = MappingProxyType(
    {
        "organizations": schema.OrganizationItem,
        "services": schema.ServiceItem,
        "groups": schema.GroupItem,
        "contacts": schema.ContactItem,
        "users": schema.UserItem,
        "clients": schema.ClientItem,
        "accounts": schema.AccountItem,
        "rules": rule_schema.RuleItem,
        "templates": rule_schema.TemplateItem,
    }
)

#: What the address of an item says already.
_IDENTITY: Final = frozenset({"organization", "code", "number", "email", "name", "kind", "channel", "language"})

EXAMPLES: Final[Mapping[str, dict[str, Any]]] = MappingProxyType(
    {
        "organizations": {"name": "ООО «Энергосбыт»", "timezone": "Europe/Moscow", "language": "ru"},
        "services": {"name": "АД", "full_name": "Автоматический обзвон должников", "unit": "min", "rearm_from": "10"},
        "groups": {"name": "Важные клиенты"},
        "contacts": {"name": "Дежурный", "points": [{"kind": "email", "address": "duty@energo.test"}]},
        "users": {"name": "Анна", "language": "ru", "roles": [{"organization": "energo", "role": "clerk"}]},
        "clients": {
            "name": "ООО «Ромашка»",
            "tax_id": "7812345678",
            "email": "c1@client.test",
            "language": "ru",
            "groups": ["vip"],
            "manager": "anna@energo.test",
        },
        "accounts": {"client": "c1", "services": [{"code": "ad", "credit_limit": "0"}]},
        "rules": {
            "trigger": {"kind": "balance_below", "amount": "50", "unit": "min"},
            "audience": {"service": ["ad"]},
            "recipients": [{"to": "client", "channel": "email"}],
            "state": "active",
        },
        "templates": {
            "subject": "{{ service_name }}: {{ left }}",
            "text": "{{ client_name }}, {{ left }}.",
        },
    }
)

_ANY_AMOUNT: Final[JsonSchemaValue] = {
    "description": "In the unit of its service or rule, or naming a unit of its own: `90 s`.",
    "anyOf": [{"type": "string"}, {"type": "number"}],
}
_EDGE: Final[JsonSchemaValue] = {"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "null"}]}
#: What pydantic only knows as classes is written so.
_WRITTEN: Final[Mapping[type, JsonSchemaValue]] = MappingProxyType(
    {
        Amount: _ANY_AMOUNT,
        timedelta: {"type": "string", "description": "Such as `30m`, `24h`, `7d`."},
        rule_schema.Band: {
            "type": "array",
            "description": "Two edges in per cent, the upper one first; the last band has no lower edge.",
            "items": _EDGE,
            "minItems": 2,
            "maxItems": 2,
        },
    }
)


class _AsWritten(GenerateJsonSchema):
    """Fields as they stand in a request: no defaults, for what is not mentioned stays as it is."""

    def json_or_python_schema(self, schema: Any) -> JsonSchemaValue:
        python = schema["python_schema"]
        if python["type"] == "is-instance" and python["cls"] in _WRITTEN:
            return dict(_WRITTEN[python["cls"]])
        return super().json_or_python_schema(schema)

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def body(section: str) -> dict[str, Any]:
    """What OpenAPI says of the body of a PUT."""
    reference = REFERENCE.format(model=_MODELS[section].__name__)
    content = {"schema": {"$ref": reference}, "example": EXAMPLES[section]}
    return {"requestBody": {"required": True, "content": {JSON: content}}}


def schemas() -> dict[str, JsonSchemaValue]:
    """The schemas of all items and what stands in them, by name."""
    wanted = [(model, "validation") for model in _MODELS.values()]
    _, found = models_json_schema(wanted, schema_generator=_AsWritten, ref_template=REFERENCE)  # type: ignore[arg-type]
    named: dict[str, JsonSchemaValue] = found["$defs"]
    for model in _MODELS.values():
        _without_identity(named[model.__name__])
    return {name: inlined(each, named) for name, each in named.items() if "enum" not in each}


def _without_identity(item: JsonSchemaValue) -> None:
    """The address names the item, and DELETE removes it."""
    item["required"] = [name for name in item.get("required", ()) if name not in _IDENTITY]
    if not item["required"]:
        del item["required"]
    state = item["properties"]["state"]
    if "enum" in state:
        state["enum"] = [value for value in state["enum"] if value != "deleted"]
    else:
        del item["properties"]["state"]


def compact(value: Any) -> str:
    """JSON on one line, as people read it."""
    return json.dumps(value, ensure_ascii=False)
