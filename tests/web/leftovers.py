"""Whether a text was said again in another language: what was a value stands in it, and nothing else of the English."""

import re

from django.utils import translation

from ostatok.web import complaints

LANGUAGES = ("ru", "pl", "kk")
#: What is written so in every language.
_SAME = {"yaml", "html", "pin", "http", "https", "true", "false", "europe", "warsaw", "plural", "truncate", "comment"}
_SAME |= {"case", "else", "elsif", "not", "in", "contains", "reversed", "offset", "limit", "iso"}
#: Words of Polish that are also English.
_POLISH = {"argument", "to", "mail", "moment", "operator"}
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\{.*\}|\[.*\]")
_LISTED = re.compile(r"(?:known are|one of|knows|use|write|tag) ((?:[\w-]+, )*[\w-]+)")
_WORD = re.compile(r"[^\W\d_]{2,}")
_THOUSANDS = re.compile(r"(?<=\d)[,\xa0](?=\d{3})")


def check(message: str, language: str, *, keeps: str = "") -> None:
    """Say it again; `keeps` are words that stay besides what stands in quotes and lists."""
    with translation.override(language):
        said = complaints.said(message)
    assert said != message
    assert "%(" not in said
    left = _words(said) & _words(message) if language == "pl" else _words(said)
    assert left <= _kept(message, keeps, language), said
    assert _figures(message) <= _figures(said)


def _kept(message: str, keeps: str, language: str) -> set[str]:
    values = [*_QUOTED.findall(message), *_LISTED.findall(message), keeps]
    return _words(" ".join(values)) | _SAME | (_POLISH if language == "pl" else set())


def _words(text: str) -> set[str]:
    """The words of Latin letters alone: in Russian and Kazakh none but values are."""
    return {word for word in _WORD.findall(text.lower()) if word.isascii()}


def _figures(text: str) -> set[str]:
    return set(re.findall(r"\d+", _THOUSANDS.sub("", text)))
