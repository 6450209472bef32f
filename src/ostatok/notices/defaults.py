"""The product's own wording, for organizations that have not written theirs."""

import dataclasses
from functools import cache, lru_cache

from ostatok.kernel import text
from ostatok.kernel.errors import OstatokError
from ostatok.notices import layout
from ostatok.notices.rendering import MessageTemplate

KINDS = ("balance_band", "balance_below", "balance_above", "balance_exhausted", "forecast_below")
CHANNELS = ("email",)


class NoDefaultTemplateError(OstatokError):
    """There is no wording for this kind of trigger on this channel."""


@cache
def message(kind: str, channel: str, language: str) -> MessageTemplate:
    """The default for a trigger's kind, a channel and a recipient's language (English if we do not speak it).

    `NoDefaultTemplateError` for a kind or channel that has none.
    """
    if kind not in KINDS or channel not in CHANNELS:
        raise NoDefaultTemplateError(f"no default template for {kind} on {channel}")
    language = text.known_language(language)
    return MessageTemplate(
        language=language,
        subject=layout.read(f"{language}/{kind}.subject.txt"),
        text=layout.read(f"{language}/{kind}.txt"),
        html=layout.read(f"{language}/{kind}.html"),
    )


@lru_cache(maxsize=1024)
def completed(own: MessageTemplate, kind: str, channel: str) -> MessageTemplate:
    """An organization's template with the subject and text that it did not write; a text alone stays without HTML."""
    if kind not in KINDS or channel not in CHANNELS:
        return own
    default = message(kind, channel, own.language)
    return dataclasses.replace(own, subject=own.subject or default.subject, text=own.text or default.text)
