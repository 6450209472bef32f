"""The texts of the pages: found in the source, kept in catalogues, one for each language.

`make messages` brings the catalogues up to date: what is new has no translation yet, what is gone is left out.
"""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

SOURCE: Final = Path(__file__).parents[2] / "src/ostatok"
LOCALE: Final = SOURCE / "locale"
LANGUAGES: Final = ("kk", "pl", "ru")
_HEADER: Final = "# The texts of Ostatok's pages; `make messages` brings this file up to date."
_KEYWORDS: Final[dict[str, Any]] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
#: `(singular, plural)` where a number decides, or one text.
Words = str | tuple[str, ...] | list[str]


@dataclass(frozen=True, kw_only=True)
class Found:
    """One text and where it stands."""

    words: Words
    context: str | None
    place: str


def found() -> Iterator[Found]:
    """Every text of the source, in the order of files and lines."""
    for path in sorted(SOURCE.rglob("*.py")):
        yield from _in(path, path.read_text(encoding="utf-8"))
    for path in sorted((*SOURCE.rglob("templates/**/*.html"), *SOURCE.rglob("templates/**/*.txt"))):
        text = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        yield from _in(path, "\n".join(line.lstrip() for line in text.splitlines()))


def catalog(language: str) -> Catalog:
    """The catalogue of a language as it is kept."""
    with path(language).open("rb") as file:
        return read_po(file, locale=language)


def path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES/django.po"


def compiled(kept: Catalog) -> bytes:
    """What Django reads."""
    file = io.BytesIO()
    write_mo(file, kept)
    return file.getvalue()


def _in(path: Path, source: str) -> Iterator[Found]:
    place = str(path.relative_to(SOURCE))
    for _line, words, _comments, context in extract("python", io.BytesIO(source.encode()), keywords=_KEYWORDS):
        yield Found(words=words, context=context, place=place)


def _renew(language: str, texts: Iterable[Found]) -> Catalog:
    """Translations are kept by their texts; a text that changed is a new one."""
    old = catalog(language) if path(language).exists() else Catalog(locale=language)
    new = Catalog(locale=language, project="Ostatok", charset="utf-8", fuzzy=False, header_comment=_HEADER)
    for text in texts:
        flags = {"python-format"} if re.search(r"%\(\w+\)", str(text.words)) else set[str]()
        new.add(text.words, locations=[(text.place, 0)], context=text.context, flags=flags)
    for message in new:
        kept = old.get(message.id, message.context) if message.id else None
        if kept is not None and kept.string:
            message.string = kept.string
    return new


def main() -> None:
    """Bring all catalogues up to date and say what lacks a translation."""
    texts = list(found())
    for language in LANGUAGES:
        new = _renew(language, texts)
        path(language).parent.mkdir(parents=True, exist_ok=True)
        with path(language).open("wb") as file:
            write_po(file, new, width=120, include_lineno=False, sort_by_file=True)
        kept = catalog(language)
        path(language).with_suffix(".mo").write_bytes(compiled(kept))
        missing = sum(not complete(message.string) for message in kept if message.id)
        print(f"{language}: {len(kept)} texts, {missing} without a translation")


def forms(words: Words | None) -> tuple[str, ...]:
    """All forms of a text: one, or singular and plurals."""
    return (words,) if isinstance(words, str) else tuple(words or ())


def complete(translation: Words | None) -> bool:
    """Whether all forms are there."""
    return bool(translation) and all(forms(translation))


if __name__ == "__main__":
    main()
