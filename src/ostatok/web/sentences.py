"""Sentences that were made in English, with values in them: taken apart, and said again in another language."""

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from django.utils.translation import gettext as _

from ostatok.kernel.errors import OstatokError
from ostatok.web import reading

_PLACE: Final = re.compile(r"%\\\((\w+)\\\)s")

#: How the value in a place is said; None where such a value cannot stand in that sentence.
Say = Callable[[str], str | None]


class Phrasebook:
    """Sentences with places for values, which it knows again in a text. The first that fits is taken.

    `values` say by the name of a place what stands there in place of what was written. In the places `within` stands
    another text of the book; in those of `perhaps` it may.
    """

    def __init__(
        self,
        sentences: Iterable[str],
        values: Mapping[str, Say],
        *,
        within: Iterable[str] = (),
        perhaps: Iterable[str] = (),
    ) -> None:
        self._sentences = tuple((sentence, _pattern(sentence)) for sentence in sentences)
        self._values = {**values, **dict.fromkeys(within, self.known), **dict.fromkeys(perhaps, self.said)}

    def said(self, text: str) -> str:
        """The text in the reader's language; what is no sentence of the book stays."""
        return text if reading.language() == "en" else self.known(text) or text

    def known(self, text: str) -> str | None:
        """A text of the book in the reader's language; None if it is not in it."""
        for sentence, pattern in self._sentences:
            found = pattern.fullmatch(text)
            values = self._in_words(found.groupdict()) if found else None
            if values is not None:
                return _(sentence) % values if values else _(sentence)
        return None

    def _in_words(self, written: Mapping[str, str]) -> dict[str, str] | None:
        said = {name: self._values.get(name, str)(value) for name, value in written.items()}
        values = {name: value for name, value in said.items() if value is not None}
        return values if len(values) == len(written) else None


def unquoted(written: str) -> str:
    """What was written, without the quotes and escapes that programs put around it."""
    try:
        value = ast.literal_eval(written)
    except (SyntaxError, TypeError, ValueError, MemoryError, RecursionError):
        return written
    return value if isinstance(value, str) else written


def unit(code: str) -> str:
    """What a unit is called in short; what is none stays."""
    try:
        return reading.unit(code)
    except OstatokError:
        return code


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(_PLACE.sub(r"(?P<\1>.*?)", re.escape(sentence)), re.DOTALL)
