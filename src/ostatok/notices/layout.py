"""The frame around a letter: one HTML document for all kinds, languages and organizations.

A letter's own source is either free HTML, which goes into the frame as it is, or sections (`<!-- headline -->` on a
line of its own, then what stands there), which make the balance letter; a source with its own `<html` is left alone.
Frame, letter and sections are joined as source, once, so nothing is included when a message is rendered.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from ostatok.kernel import text
from ostatok.notices import words

SECTIONS = ("preheader", "headline", "lead", "paragraph", "button")

_SECTION = re.compile(r"^<!-- (\w+) -->$", re.MULTILINE)
_PLACE = re.compile(r"\[\[(\w+)\]\]")


@lru_cache(maxsize=1024)
def framed(html: str, language: str) -> str:
    """The whole document's source; empty for an empty one."""
    if not html.strip() or "<html" in html.lower():
        return html
    language = text.known_language(language)
    sections = _sections(html)
    return frame(
        language=language,
        automatic=words.LABELS[language]["automatic"],
        preheader=sections.get("preheader", ""),
        content=_letter(sections) if sections else html,
    )


def frame(*, language: str, automatic: str, content: str, preheader: str = "") -> str:
    """The frame's source with these sources in it; `automatic` says why its reader receives it."""
    places = {"language": language, "automatic": automatic, "preheader": preheader, "content": content}
    return _filled(read("frame.html"), places)


def _letter(sections: Mapping[str, str]) -> str:
    button = _filled(read("button.html"), sections) if sections["button"] else ""
    return _filled(read("letter.html"), {**sections, "button": button})


def read(name: str) -> str:
    """A file of `templates/email/`, without the indentation that only its authors need."""
    written = resources.files("ostatok.notices").joinpath("templates", "email", *name.split("/")).read_text("utf-8")
    return "\n".join(line.strip() for line in written.splitlines()) + "\n"


def _sections(html: str) -> dict[str, str]:
    parts = _SECTION.split(html)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {name: found.get(name, "").strip() for name in SECTIONS} if found else {}


def _filled(source: str, places: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: places[place[1]], source)
