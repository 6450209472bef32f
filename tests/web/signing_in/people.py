"""What people do to sign in: they type passwords, read mails, and look at codes."""

import re
import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.test import Client as Browser

from ostatok.delivery.channels.email.sink import Mail
from ostatok.parties.models import User
from tests.delivery import mails

PASSWORD = "остаток-есть-всегда"
NEW_PASSWORD = "совсем-другое-слово-2026"


def sign_in(browser: Browser, email: str, password: str = PASSWORD, **more: str) -> Any:
    return browser.post("/account/login/", {"login": email, "password": password, **more})


def link_in(mail: Mail) -> str:
    """The path of the one link of a mail's text that leads further."""
    found = re.search(r"https?://[^/\s]+(/account/\S+)", mails.part(mail, "plain"))
    assert found is not None, mails.part(mail, "plain")
    return found[1]


def code(secret: str, later: int = 0) -> str:
    """What the app shows now, or that many periods later; a clock that is one period off is put up with."""
    counter = int(time.time()) // 30 + later
    return str(auth.format_hotp_value(auth.hotp_value(secret, counter)))


def app_of(user: User) -> str:
    """Give a user an app with codes; returns its secret."""
    secret: str = auth.generate_totp_secret()
    auth.TOTP.activate(user, secret)
    return secret


def confirm(browser: Browser, password: str = PASSWORD) -> None:
    """Show once more who it is, as a change of signing in asks."""
    answer = browser.post("/account/reauthenticate/", {"password": password})
    assert answer.status_code == 302, answer.content.decode()


def has_app(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())
