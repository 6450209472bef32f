"""How a JSON body is read: exactly, and refused where it could mean two things."""

import json
from decimal import Decimal
from typing import Any, Final

from django.http import HttpRequest
from ninja.parser import Parser
from ninja.types import DictStrAny

from ostatok.api.problems import Kind, Refused

JSON: Final = "application/json"


class ExactParser(Parser):
    """Numbers keep their digits; a body of another type is refused."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        _require_json(request)
        found: DictStrAny = loads(request.body)
        return found


def is_json(media_type: str) -> bool:
    """Whether a body of that type is JSON."""
    return media_type == JSON or (media_type.startswith("application/") and media_type.endswith("+json"))


def loads(body: bytes) -> Any:
    """Read JSON text. Raises Refused with the line and the column where it is broken."""
    try:
        value = json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise broken(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except UnicodeDecodeError as error:
        raise broken(f"byte {error.start + 1}: this is not UTF-8") from None
    except (RecursionError, ValueError) as error:
        raise broken(str(error) or "nested too deeply") from None
    if b"\\u" in body:
        _require_characters(value)
    return value


def broken(where: str) -> Refused:
    """A refusal of what is not JSON."""
    return Refused(Kind.MALFORMED, f"The body is not JSON: {where}.")


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _require_characters(value: Any) -> None:
    """Half of a surrogate pair can be escaped in JSON, but is no character that anything could keep."""
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        raise broken("an escape is half of a surrogate pair") from None


def object_of(request: HttpRequest) -> dict[str, Any]:
    """The body, which must be a JSON object. Raises Refused."""
    _require_json(request)
    body = loads(request.body)
    if not isinstance(body, dict):
        raise broken("it must be an object")
    return body


def _require_json(request: HttpRequest) -> None:
    if not is_json(request.content_type or ""):
        raise Refused(Kind.UNSUPPORTED_TYPE, f"Send JSON as {JSON}.", headers={"Accept": JSON})
