"""The text of a description, read into lists, mappings and text.

What stands in the file is taken as written: YAML's own guesses (`0771` an octal number, `no` a false, `12:30` a count
of seconds) would spoil tax ids, codes and phones, so every value is text or null here; the schema says what it means.
The file is read event by event: a description of 100,000 clients takes seconds and little memory.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from ostatok.kernel.errors import OstatokError

#: A place in the file: keys of mappings and indexes of lists, from the top.
Path = tuple[str | int, ...]

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_PLAIN_TAGS: Final = frozenset({None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})
_DEEPEST: Final = 50


class SourceError(OstatokError):
    """The text is not YAML that a description can be written in."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(f"line {line}: {message}")
        self.message = message
        self.line = line


@dataclass(frozen=True, slots=True)
class _Anchor:
    value: Any
    size: int


class _Builder:
    """Builds one document from YAML events."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
        self._anchors: dict[str, _Anchor] = {}
        self._size = 0
        # Every value takes a character of the text; far more of them can only come from anchors within anchors.
        self._largest = 4 * len(text) + 10_000

    def document(self) -> Any:
        value: Any = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                value = self._value(next(self._events), 0)
                break
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise SourceError("a description is one document: take out the second `---`", _line(event))
        return value

    def _value(self, event: Any, depth: int) -> Any:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if event.tag not in _PLAIN_TAGS:
            raise SourceError(f"the tag {event.tag} is not allowed: write the plain value", _line(event))
        if depth > _DEEPEST:
            raise SourceError("nested too deeply", _line(event))
        before = self._size
        self._grow(1, event)
        value = self._build(event, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchor(value, self._size - before)
        return value

    def _build(self, event: Any, depth: int) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            return None if event.implicit[0] and event.value in _NULLS else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(depth)
        return self._mapping(depth)

    def _sequence(self, depth: int) -> list[Any]:
        items = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, depth + 1))
        return items

    def _mapping(self, depth: int) -> dict[str, Any]:
        items: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise SourceError("a key must be plain text", _line(event))
            if event.value in items:
                raise SourceError(f"the key {event.value!r} stands here twice", _line(event))
            items[event.value] = self._value(next(self._events), depth + 1)
        return items

    def _alias(self, event: yaml.AliasEvent) -> Any:
        anchor = self._anchors.get(str(event.anchor))
        if anchor is None:
            raise SourceError(f"*{event.anchor} refers to nothing above it", _line(event))
        self._grow(anchor.size, event)
        return anchor.value

    def _grow(self, by: int, event: Any) -> None:
        self._size += by
        if self._size > self._largest:
            raise SourceError("its anchors make the file far larger than it is written", _line(event))


def read(text: str) -> Any:
    """Read the text: mappings, lists, text and None. Raises SourceError, which names the line."""
    try:
        return _Builder(text).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise SourceError(error.problem or "this is not YAML", mark.line + 1 if mark else 1) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, int(error.position)) + 1
        raise SourceError(f"a character that cannot stand in YAML: {error.reason}", line) from None


def lines(text: str, wanted: frozenset[Path]) -> Mapping[Path, int]:
    """Return the lines, from 1, on which the wanted places stand.

    A place the file does not have is told by the nearest one around it. The text must have been read before.
    """
    prefixes = {path[:length] for path in wanted for length in range(len(path) + 1)}
    found = dict(_places(text, prefixes))
    return {path: next(found[path[:n]] for n in range(len(path), -1, -1) if path[:n] in found) for path in wanted}


def _places(text: str, wanted: set[Path]) -> Iterator[tuple[Path, int]]:
    events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
    yield (), 1
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            yield from _walk(next(events), events, (), wanted)


def _walk(event: Any, events: Iterator[Any], path: Path, wanted: set[Path]) -> Iterator[tuple[Path, int]]:
    if path in wanted:
        yield path, _line(event)
    if isinstance(event, yaml.SequenceStartEvent):
        index = 0
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            yield from _walk(item, events, (*path, index), wanted)
            index += 1
    elif isinstance(event, yaml.MappingStartEvent):
        while not isinstance(key := next(events), yaml.MappingEndEvent):
            yield from _walk(next(events), events, (*path, key.value), wanted)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
