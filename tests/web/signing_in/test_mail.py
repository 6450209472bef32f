"""Mails of signing in: every letter in every language, whatever names hold."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from ostatok.parties.models import Client, Language, Organization
from ostatok.web.signing_in import mail
from ostatok.web.signing_in.mail import Sender

TEMPLATES: Final = Path(mail.__file__).parent.parent / "templates"
FRAMES: Final = {"letter.html"}
LETTERS: Final = sorted(
    str(path.relative_to(TEMPLATES).with_suffix(""))
    for path in TEMPLATES.glob("*/email/*.html")
    if path.name not in FRAMES
)
NASTY: Final = 'ООО «{{ content }}» {% if %} <script>alert("x")</script>\r\nBcc: all@x.test'


def written(letter: str, language: str, sender: Sender | None = None, **told: Any) -> EmailMultiAlternatives:
    context = {
        "organization": Organization(name="Энергосбыт"),
        "client": Client(name="Ромашка"),
        "role": "",
        "until": "29 November 2026",
        "link": "https://ostatok.test/account/invitation/abc/",
        "timestamp": datetime(2026, 11, 22, 9, tzinfo=UTC),
        "ip": "192.0.2.1",
        "browser": "Firefox, Linux",
        "base_url": "https://ostatok.test/",
        "from_email": "old@x.test",
        "to_email": "new@x.test",
        "deleted_email": "other@x.test",
        "oidc": "Энерго-ID",
        **told,
    }
    sender = sender or Sender(name="Энергосбыт", address="ops@energo.test", timezone="Europe/Moscow")
    return mail.compose(letter, to="anna@x.test", language=language, sender=sender, context=context)


def html(one: EmailMultiAlternatives) -> str:
    return str(one.alternatives[0][0])


def test_there_is_a_letter_for_everything_that_is_told() -> None:
    assert "account/email/invitation" in LETTERS
    assert len(LETTERS) == 17


@pytest.mark.parametrize("language", Language.values)
@pytest.mark.parametrize("letter", LETTERS)
def test_every_letter_can_be_written_in_every_language(letter: str, language: str) -> None:
    one = written(letter, language)
    assert one.subject
    assert "\n" not in one.subject
    assert "ostatok.test" in one.body
    assert f'<html lang="{language}"' in html(one)
    assert "{{" not in one.body + html(one)
    assert "Энергосбыт" in html(one)


@pytest.mark.parametrize("letter", LETTERS)
def test_a_name_does_no_harm_whatever_it_holds(letter: str) -> None:
    hostile = Sender(name=NASTY, address="ops@energo.test", phone=NASTY)
    one = written(letter, "en", hostile, organization=Organization(name=NASTY), client=Client(name=NASTY), role=NASTY)
    assert "<script>" not in html(one)
    message = one.message()
    assert message["Bcc"] is None
    assert message["To"] == "anna@x.test"
    assert "ops@energo.test" in str(message["From"])


def test_when_and_where_something_was_done_is_told_on_the_clock_of_the_organization() -> None:
    one = written("account/email/password_changed", "en", link="")
    assert "22 November 2026, 12:00 (Europe/Moscow)" in one.body.replace("\N{NO-BREAK SPACE}", " ")
    assert "192.0.2.1" in one.body
    assert "https://ostatok.test/account/password/reset/" in one.body


def test_who_belongs_to_nobody_hears_from_the_installation() -> None:
    one = written("account/email/password_changed", "en", Sender(), link="")
    assert one.from_email == f"Ostatok <{settings.DEFAULT_FROM_EMAIL}>"


def test_an_address_is_written_as_smtp_carries_it() -> None:
    one = written("account/email/password_changed", "en", Sender(name="X", address="ops@энерго.test"), link="")
    assert one.from_email == "X <ops@xn--c1adxgi9e.test>"


@pytest.mark.django_db
def test_an_address_that_an_organization_lacks_comes_from_above() -> None:
    parent = Organization.objects.create(code="p", name="Энергосбыт", email="ops@energo.test")
    child = Organization.objects.create(code="c", name="Филиал", parent=parent)
    child.refresh_from_db()
    assert mail.sender_of(child) == Sender(name="Филиал", address="ops@energo.test")
