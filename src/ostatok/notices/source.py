"""A template's source before Liquid reads it: its tags are found and bounded, and names such as `%balance` translated.

Liquid's lexer takes quadratic time on tags that are never closed, so a source passes through here first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ostatok.kernel.errors import OstatokError

SOURCE_LIMIT = 64_000
TAG_LIMIT = 1_000
TAG_LENGTH_LIMIT = 1_000

TAGS = frozenset({"if", "elsif", "else", "endif", "unless", "endunless", "case", "when", "endcase"})
TAGS |= {"for", "endfor", "break", "continue", "assign", "capture", "endcapture", "comment", "endcomment", "#"}

# The names of the LMS add-on (seed 004), which operators' texts are full of.
PERCENT_NAMES = {
    "cid": "client_code",
    "customer": "client_name",
    "balance": "balance",
    "pin": "pin",
    "bankaccount": "bank_account",
    "payment": "last_payment",
    "last_10_in_a_table": "last_10_in_a_table",
}

_OPENING = re.compile(r"\{[{%]")
_TAG_NAME = re.compile(r"\{%-?\s*(#|\w*)")
_NAMES_LONGEST_FIRST = "|".join(sorted(PERCENT_NAMES, key=len, reverse=True))
_PERCENT = re.compile(rf"%(?:(?P<sign>%)|(?P<name>{_NAMES_LONGEST_FIRST})|(?P<unknown>[a-z][a-z0-9_]*))")
_URL_ESCAPE = re.compile(r"[0-9a-f]{2}")


class TemplateError(OstatokError):
    """A template that cannot be read or rendered; `line` counts from 1, or is None where no line is to blame."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(f"line {line}: {message}" if line else message)
        self.message = message
        self.line = line


class TooMuchWork(TemplateError):
    """A template that does more than a letter can need."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a source: one tag or output with its braces, or the text between two of them."""

    text: str
    start: int
    is_tag: bool


def line_of(source: str, index: int) -> int:
    """The line, counted from 1, in which a place of the source stands."""
    return source.count("\n", 0, index) + 1


def pieces(source: str) -> Iterator[Piece]:
    """The source cut into tags and text. `TemplateError` at the first tag that is not closed before the next opens."""
    position = 0
    while opening := _OPENING.search(source, position):
        start = opening.start()
        yield Piece(source[position:start], position, is_tag=False)
        position = _end_of_tag(source, start)
        yield Piece(source[start:position], start, is_tag=True)
    yield Piece(source[position:], position, is_tag=False)


def _end_of_tag(source: str, start: int) -> int:
    closing = "}}" if source[start + 1] == "{" else "%}"
    end = source.find(closing, start + 2, start + TAG_LENGTH_LIMIT)
    following = _OPENING.search(source, start + 2, start + TAG_LENGTH_LIMIT)
    if end < 0 or (following and following.start() < end):
        raise TemplateError(f"'{source[start : start + 2]}' is not closed by '{closing}'", line_of(source, start))
    return end + 2


def translated(source: str) -> str:
    """The source with `%customer` and its like written as Liquid, and `%%` as a percent sign. Lines stay lines."""
    return "".join(piece.text if piece.is_tag else _PERCENT.sub(_in_liquid, piece.text) for piece in pieces(source))


def _in_liquid(match: re.Match[str]) -> str:
    if match["sign"]:
        return "%"
    if match["name"]:
        return f"{{{{ {PERCENT_NAMES[match['name']]} }}}}"
    return match[0]


def unknown_percent_names(source: str) -> Iterator[tuple[str, int]]:
    """Words that look like a `%name` but are none, each with its line. They are sent as they stand."""
    for piece in pieces(source):
        for match in () if piece.is_tag else _PERCENT.finditer(piece.text):
            if match["unknown"] and not _URL_ESCAPE.fullmatch(match["unknown"]):
                yield match["unknown"], line_of(source, piece.start + match.start())


def refused_tags(source: str) -> Iterator[tuple[str, int]]:
    """Names of tags that templates may not use, each with its line."""
    for piece in pieces(source):
        if piece.is_tag and (name := _TAG_NAME.match(piece.text)) and name[1] not in TAGS:
            yield name[1], line_of(source, piece.start)


def demand_size(source: str) -> None:
    """`TemplateError` if the source is longer, or has more tags, than a letter can need."""
    if len(source) > SOURCE_LIMIT:
        raise TemplateError(f"the template is {len(source):,} characters long; at most {SOURCE_LIMIT:,} are allowed")
    tags = sum(piece.is_tag for piece in pieces(source))
    if tags > TAG_LIMIT:
        raise TemplateError(f"the template has {tags:,} tags; at most {TAG_LIMIT:,} are allowed")
