"""From the text of a file to a valid description, or to all that is wrong with it in its writer's words."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ostatok.intake.description import source
from ostatok.intake.description.problems import DescriptionError, Problem, did_you_mean, located
from ostatok.intake.description.rule_schema import LATER_CHANNELS, LATER_KINDS
from ostatok.intake.description.schema import Description
from ostatok.intake.description.source import Path, SourceError
from ostatok.intake.description.strictness import Strict

_LATER: Final = "comes with a later version"


def read(text: str) -> Description:
    """Read a description. Raises DescriptionError with every problem, its place and its line."""
    try:
        data = source.read(text)
    except SourceError as error:
        raise DescriptionError([Problem((), error.message, error.line)]) from None
    try:
        return Description.model_validate(data)
    except ValidationError as error:
        raise DescriptionError(with_lines(_problems(error, data), text)) from None


def with_lines(problems: Iterable[Problem], text: str) -> list[Problem]:
    """Problems with the lines of `text` on which they stand."""
    found = list(problems)
    return located(found, source.lines(text, frozenset(problem.path for problem in found)))


def _problems(error: ValidationError, data: Any) -> Iterable[Problem]:
    """One problem for each place: what no member of a union takes is told by the first of them."""
    found: dict[Path, Problem] = {}
    for details in error.errors(include_url=False):
        problem = _problem(details, data)
        found.setdefault(problem.path, problem)
    return found.values()


def _problem(details: ErrorDetails, data: Any) -> Problem:
    path = tuple(_without_tags(details["loc"], data))
    context = details.get("ctx", {})
    if details["type"] == "within":
        path = (*path, context["at"])
    if details["type"] in {"union_tag_invalid", "union_tag_not_found"}:
        path = (*path, "kind")
    return Problem(path, _message(details, context))


def _without_tags(loc: Iterable[str | int], data: Any) -> Iterator[str | int]:
    """Leave out of a place what pydantic alone knows: which member of a union it tried."""
    parts = list(loc)
    for index, part in enumerate(parts):
        if _is_member(part, data):
            continue
        if isinstance(data, Mapping):
            if part not in data and index < len(parts) - 1:
                continue
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        elif isinstance(part, int) or not isinstance(data, str | None):
            continue
        yield part


def _is_member(part: str | int, data: Any) -> bool:
    """Whether this is a type, such as `str-enum[Language]`, and no key that someone wrote."""
    return isinstance(part, str) and "[" in part and not (isinstance(data, Mapping) and part in data)


def _message(details: ErrorDetails, context: Mapping[str, Any]) -> str:
    translate = _MESSAGES.get(details["type"])
    if translate:
        return translate(details, context)
    return details["msg"].removeprefix("Value error, ")


def _unknown_key(details: ErrorDetails, _context: Mapping[str, Any]) -> str:
    *place, key = details["loc"]
    known, later = _keys([part for part in place if isinstance(part, str)])
    if key in later:
        return _LATER
    what = "field" if place else "section"
    return f"unknown {what}{did_you_mean(str(key), known) or ': known are ' + ', '.join(known)}"


def _keys(place: Iterable[str]) -> tuple[list[str], frozenset[str]]:
    """The keys that may stand at a place, and those that a later version will know there."""
    models: list[type[BaseModel]] = [Description]
    for part in place:
        inner = [found for model in models for found in _models_at(model, part)]
        models = inner or [model for model in models if _is_kind(model, part)] or models
    known = [field.alias or name for model in models for name, field in model.model_fields.items()]
    later = [model.later for model in models if issubclass(model, Strict)]
    return list(dict.fromkeys(known)), frozenset().union(*later)


def _is_kind(model: type[BaseModel], kind: str) -> bool:
    """Whether pydantic calls that member of a union by this name."""
    field = model.model_fields.get("kind")
    return field is not None and kind in get_args(field.annotation)


def _models_at(model: type[BaseModel], key: str) -> Iterator[type[BaseModel]]:
    for name, field in model.model_fields.items():
        if key in (name, field.alias):
            yield from _models_in(field.annotation)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _not_a_mapping(details: ErrorDetails, _context: Mapping[str, Any]) -> str:
    return f"must be a mapping of {'fields' if details['loc'] else 'sections'}"


def _choice(details: ErrorDetails, context: Mapping[str, Any]) -> str:
    choices = str(context["expected"]).replace(" or ", ", ").replace("'", "").split(", ")
    given = details["input"]
    if not isinstance(given, str):
        return f"must be one of {', '.join(choices)}"
    if given in LATER_CHANNELS:
        return f"{given} {_LATER}"
    return f"{given!r} is not one of {', '.join(choices)}{did_you_mean(given, choices)}"


def _kind(_details: ErrorDetails, context: Mapping[str, Any]) -> str:
    given = str(context["tag"])
    known = str(context["expected_tags"]).replace("'", "").split(", ")
    if given in LATER_KINDS:
        return f"{given} {_LATER}; this one knows {', '.join(known)}"
    return f"unknown kind {given!r}{did_you_mean(given, known) or ': known are ' + ', '.join(known)}"


def _says(text: str) -> Callable[[ErrorDetails, Mapping[str, Any]], str]:
    return lambda _details, context: text.format(**context)


_MESSAGES: Final[Mapping[str, Callable[[ErrorDetails, Mapping[str, Any]], str]]] = MappingProxyType(
    {
        "extra_forbidden": _unknown_key,
        "missing": _says("is missing"),
        "enum": _choice,
        "literal_error": _choice,
        "union_tag_invalid": _kind,
        "union_tag_not_found": _says("is missing"),
        "string_type": _says("must be text"),
        "tuple_type": _says("must be a list"),
        "model_type": _not_a_mapping,
        "model_attributes_type": _not_a_mapping,
        "is_instance_of": _says("must be a single value"),
        "bool_parsing": _says("must be true or false"),
        "bool_type": _says("must be true or false"),
        "int_parsing": _says("must be a whole number"),
        "int_type": _says("must be a whole number"),
        "greater_than_equal": _says("must be {ge} or more"),
        "less_than_equal": _says("must be {le} or less"),
        "string_too_short": _says("must not be empty"),
        "string_too_long": _says("must have at most {max_length} characters"),
    }
)
