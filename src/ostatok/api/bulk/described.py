"""What the bulk intake answers, and what OpenAPI says of it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import Field

from ostatok.api import items, problems
from ostatok.api.bulk.bodies import Form
from ostatok.api.fields import Told
from ostatok.api.problems import Kind
from ostatok.api.schemas import REFERENCE
from ostatok.intake import balance_file, entry_file
from ostatok.intake.table import Columns
from ostatok.ledger.entries import Reason

#: So many refusals are told; the rest is counted.
TOLD: Final = 1000


class RefusalTold(Told):
    """One entry or balance that was not posted."""

    index: int | None = Field(description="Its place in a JSON array, from 0; null in lines.", examples=[2])
    line: int | None = Field(description="Its line in NDJSON or CSV, from 1; null in a JSON array.", examples=[None])
    ref: str = Field(examples=["2026-11-21-0003"])
    reason: Reason = Field(examples=["unknown_account"])
    message: str = Field(examples=["there is no account '100009' in this organization"])


class Result(Told):
    """What was posted. Send the same again and all of it is `duplicates`."""

    organization: str = Field(description="Whose accounts were meant.", examples=["energo"])
    posted: int = Field(ge=0, examples=[2])
    duplicates: int = Field(description="There already, with the same content.", ge=0, examples=[0])
    refused: int = Field(ge=0, examples=[1])
    refusals: list[RefusalTold] = Field(description=f"The first {TOLD:,} of them.")
    refusals_left_out: int = Field(description="So many more were refused and are not told here.", ge=0, examples=[0])
    notices: int = Field(description="Notices raised by it.", ge=0, examples=[1])
    deliveries: int = Field(description="Messages that wait to be sent because of it.", ge=0, examples=[1])


_ENTRIES: Final[list[dict[str, str]]] = [
    {
        "account": "100001",
        "service": "ad",
        "kind": "top_up",
        "amount": "100",
        "occurred_at": "2026-11-21T09:00:00+03:00",
        "ref": "2026-11-21-0001",
    },
    {
        "account": "100001",
        "service": "ad",
        "kind": "charge",
        "amount": "85.5",
        "occurred_at": "2026-11-21T12:00:00+03:00",
        "ref": "2026-11-21-0002",
    },
]
_BALANCES: Final[list[dict[str, str]]] = [
    {"account": "100001", "service": "ad", "balance": "14.5", "as_of": "2026-11-21T12:00:00+03:00"},
]

_KINDS: Final = ("top_up", "charge", "adjustment", "refund", "reversal", "opening")
_ABOUT: Final[Mapping[str, dict[str, Any]]] = {
    "account": {"description": "The number of an account.", "maxLength": 64},
    "service": {"description": "The code of a service that the account has.", "maxLength": 64},
    "kind": {"description": "What it is; the kind gives the sign.", "enum": list(_KINDS)},
    "amount": {"description": "Positive, in the service's unit or in `unit`; only adjustments may be negative."},
    "balance": {"description": "What is left, in the service's unit."},
    "occurred_at": {"description": "ISO 8601; without a zone it is the organization's time."},
    "as_of": {"description": "For which moment, in ISO 8601; without a zone it is the organization's time."},
    "ref": {"description": "The source's own reference: the same twice is posted once.", "maxLength": 200},
    "reverses": {"description": "Of a reversal: the ref of what it takes back."},
    "unit": {"description": "Where it is not the service's."},
    "last_top_up_at": {"description": "When that top-up was, in ISO 8601."},
}
_ERRORS: Final = (Kind.MALFORMED, Kind.LENGTH_REQUIRED)


def paths(prefix: str) -> dict[str, Any]:
    """The bulk intake's part of the description."""
    return {
        f"{prefix}entries": {"post": _operation("post_entries", "entries", entry_file.COLUMNS, _ENTRIES)},
        f"{prefix}balances": {"post": _operation("post_balances", "balances", balance_file.COLUMNS, _BALANCES)},
    }


def _operation(name: str, what: str, columns: Columns, example: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    return {
        "operationId": name,
        "description": _WORDS[what],
        "tags": ["entries"],
        "parameters": [_ORGANIZATION],
        "requestBody": {"required": True, "content": _content(columns, example)},
        "responses": {
            200: {"description": "Read to its end.", "content": {"application/json": {"schema": _reference(Result)}}},
            **{kind.status.value: problems.described_as(kind) for kind in _ERRORS},
        },
        "security": [{"Bearer": []}, {"Session": []}],
    }


_ORGANIZATION: Final = {
    "in": "query",
    "name": "organization",
    "description": "Whose accounts, by code; a key's own where it is left out.",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 64},
}
_ONE_BY_ONE: Final = (
    " One that is bad is refused with its place and its reason and does not stop the good ones. A JSON array may have"
    " 10 MiB and is read whole; NDJSON and CSV may have 1 GiB and are posted while they come, 10,000 at a time: what"
    " was posted before a connection broke stays, and sending all of it again posts the rest."
)
_WORDS: Final = {
    "entries": f"Post charges, top-ups and other entries.{_ONE_BY_ONE}",
    "balances": f"Take over balances from another billing. What differs becomes an entry.{_ONE_BY_ONE}",
}


def _content(columns: Columns, example: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    one = _object(columns)
    lines = "\n".join(items.compact(each) for each in example)
    names = [name for name in columns.all if name in example[0]]
    table = "\n".join([",".join(names), *(",".join(each[name] for name in names) for each in example)])
    return {
        Form.ARRAY.value: {"schema": {"type": "array", "items": one}, "example": list(example)},
        Form.LINES.value: {"schema": {"type": "string"}, "example": f"{lines}\n"},
        Form.CSV.value: {"schema": {"type": "string"}, "example": f"{table}\n"},
    }


def _object(columns: Columns) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(columns.required),
        "properties": {name: _property(name) for name in columns.all},
    }


def _property(name: str) -> dict[str, Any]:
    text: dict[str, Any] = {"type": "string"}
    if name in _NUMBERS:
        text = {"anyOf": [{"type": "string"}, {"type": "number"}]}
    return {**text, **_ABOUT.get(name, {})}


_NUMBERS: Final = frozenset({"amount", "balance", "credit_limit", "last_top_up"})


def _reference(model: type[Told]) -> dict[str, str]:
    return {"$ref": REFERENCE.format(model=model.__name__)}
