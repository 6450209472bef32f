"""Every text of the pages is there in every language, and says the same things."""

import re
from collections import Counter
from collections.abc import Mapping

import pytest

from tests.translations import messages

_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}|</?[a-z]+")


@pytest.fixture(scope="module")
def source() -> Mapping[tuple[str | None, str], messages.Words]:
    return {(text.context, messages.forms(text.words)[0]): text.words for text in messages.found()}


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_every_text_of_the_source_is_translated(language: str, source: Mapping[tuple[str | None, str], object]) -> None:
    kept = messages.catalog(language)
    missing = [
        words
        for context, words in source
        if (message := kept.get(words, context)) is None or not messages.complete(message.string) or message.fuzzy
    ]
    assert not missing


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_no_translation_is_of_a_text_that_is_gone(
    language: str, source: Mapping[tuple[str | None, str], object]
) -> None:
    kept = {(message.context, messages.forms(message.id)[0]) for message in messages.catalog(language) if message.id}
    assert kept == source.keys()


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_translations_keep_the_places_for_values_and_the_markup(language: str) -> None:
    for message in messages.catalog(language):
        if not message.id:
            continue
        for form in messages.forms(message.string):
            assert any(_places(form) == _places(words) for words in messages.forms(message.id)), (message.id, form)


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_what_django_reads_was_made_of_what_translators_write(language: str) -> None:
    made = messages.path(language).with_suffix(".mo").read_bytes()
    assert made == messages.compiled(messages.catalog(language))


def _places(text: str) -> Counter[str]:
    return Counter(_PLACEHOLDER.findall(text))
