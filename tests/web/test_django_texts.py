"""What Django says of a field is said in every language."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone
from django.utils import timezone, translation

from ostatok.parties.models import User
from tests.web.leftovers import LANGUAGES


def _twice() -> object:
    with timezone.override(ZoneInfo("Europe/Warsaw")):
        return from_current_timezone(datetime(2026, 10, 25, 2, 30))  # noqa: DTZ001 (as a form reads it)


def _password(written: str) -> Callable[[], object]:
    return lambda: password_validation.validate_password(written, User(email="anna.smith@op.test", name="Anna Smith"))


WRONG: list[Callable[[], object]] = [
    lambda: forms.EmailField().clean("x"),
    lambda: forms.CharField().clean("a\0"),
    lambda: forms.CharField(max_length=1).clean("ab"),
    lambda: forms.CharField(max_length=3).clean("abcde"),
    lambda: forms.CharField().clean(""),
    lambda: forms.IntegerField().clean("x"),
    lambda: forms.IntegerField(min_value=2, max_value=1).clean("1"),
    lambda: forms.IntegerField(max_value=1).clean("2"),
    lambda: forms.DateField().clean("x"),
    lambda: forms.DateTimeField().clean("x"),
    lambda: forms.TimeField().clean("x"),
    lambda: forms.URLField(assume_scheme="https").clean("x"),
    lambda: forms.ChoiceField(choices=[("a", "a")]).clean("b"),
    lambda: forms.MultipleChoiceField(choices=[("a", "a")]).clean(["b"]),
    lambda: forms.ModelChoiceField(User.objects.none()).clean("x"),
    lambda: forms.FileField().clean(None),
    _twice,
    _password("z7!kq"),
    _password("password1234"),
    _password("anna.smith@op.test"),
]


def told(wrong: Callable[[], object], language: str) -> list[str]:
    with translation.override(language), pytest.raises(ValidationError) as caught:
        wrong()
    with translation.override(language):
        return [str(message) for message in caught.value.messages]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_with_a_field_is_said_in_every_language(wrong: Callable[[], object], language: str) -> None:
    assert set(told(wrong, language)).isdisjoint(told(wrong, "en"))
