"""A second factor counts in the session in which it was shown, and in no other of the same user."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client as Browser

from ostatok.delivery.channels.email.sink import Sink
from ostatok.parties.models import AuditRecord, User
from tests import faces
from tests.sinks.oidc import OidcProvider
from tests.web.signing_in import people
from tests.web.signing_in.coming import come, is_in, use

pytestmark = pytest.mark.django_db

ACTIVATE = "/account/2fa/totp/activate/"
SHOW = "/account/2fa/reauthenticate/"
OWN = [
    "/account/2fa/",
    ACTIVATE,
    "/account/2fa/totp/deactivate/",
    "/account/2fa/recovery-codes/",
    "/account/2fa/recovery-codes/generate/",
    "/account/2fa/passkeys/",
    "/account/2fa/passkeys/add/",
    "/account/password/change/",
    "/account/email/",
]


def set_up(browser: Browser) -> str:
    """Set up an app in a browser, as its page asks; the app's secret."""
    page = browser.get(ACTIVATE).content.decode()
    secret = page.partition('<code class="secret">')[2].partition("<")[0]
    assert browser.post(ACTIVATE, {"code": people.code(secret)})["Location"] == "/account/2fa/recovery-codes/"
    return secret


def password_only(owner: User) -> Browser:
    """Somebody who knows the password and signed in before there was a second factor; no device of theirs shows one."""
    browser = Browser()
    people.sign_in(browser, owner.email)
    assert is_in(browser)
    return browser


def opens_the_console(browser: Browser) -> bool:
    return browser.get("/console/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_first_one_ends_the_sessions_that_began_without(client: Browser, owner: User, sink: Sink) -> None:
    thief = password_only(owner)
    people.sign_in(client, owner.email)
    set_up(client)
    assert opens_the_console(client)
    assert not is_in(thief)
    assert thief.get("/console/")["Location"].startswith("/account/login/")
    assert thief.get("/api/v1/clients").status_code == 401
    assert AuditRecord.objects.filter(action="user.sessions_ended", actor=owner.email).count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_more_ends_no_session(owner: User, sink: Sink) -> None:
    Authenticator.objects.create(user=owner, type=Authenticator.Type.WEBAUTHN, data={})
    here, there = faces.signed_in(owner), faces.signed_in(owner)
    assert is_in(there)
    people.confirm(here)
    set_up(here)
    assert opens_the_console(here)
    assert opens_the_console(there)


def test_a_session_that_showed_none_gets_nothing_by_the_one_its_user_has(owner: User) -> None:
    thief = password_only(owner)
    people.app_of(owner)
    assert thief.get("/console/clients/?q=a")["Location"] == f"{SHOW}?next=/console/clients/%3Fq%3Da"
    answer = thief.get("/api/v1/clients")
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:ostatok:problem:second-factor")
    assert SHOW in answer.json()["detail"]


@pytest.mark.parametrize("path", OWN)
def test_nor_does_it_change_how_one_signs_in(owner: User, path: str) -> None:
    thief = password_only(owner)
    people.app_of(owner)
    assert thief.get(path)["Location"].startswith(SHOW)
    assert thief.post(path, {"email": "thief@nowhere.test"})["Location"].startswith(SHOW)
    assert Authenticator.objects.count() == 1


def test_it_is_led_to_no_password_there(owner: User) -> None:
    thief = password_only(owner)
    people.app_of(owner)
    page = thief.get(thief.get("/console/")["Location"]).content.decode()
    assert "With the password" not in page
    assert thief.get("/account/reauthenticate/")["Location"].startswith(SHOW)


def test_who_shows_it_goes_on(owner: User) -> None:
    browser = password_only(owner)
    secret = people.app_of(owner)
    there = browser.get("/console/rules/")["Location"]
    assert "have not shown your second factor" in browser.get(there).content.decode()
    assert (
        browser.post(there, {"code": people.code(secret), "next": "/console/rules/"})["Location"] == "/console/rules/"
    )
    assert opens_the_console(browser)
    assert browser.get("/account/2fa/").status_code == 200


def test_who_has_passkeys_only_is_led_to_show_one(owner: User) -> None:
    browser = password_only(owner)
    Authenticator.objects.create(user=owner, type=Authenticator.Type.WEBAUTHN, data={})
    assert browser.get("/console/")["Location"] == "/account/2fa/passkeys/reauthenticate/?next=/console/"


def test_what_was_shown_by_somebody_else_in_that_browser_does_not_count(client: Browser, owner: User) -> None:
    people.app_of(owner)
    client.force_login(owner)
    session = client.session
    session[faces.SHOWN_BY], session[faces.SHOWN] = str(owner.pk + 1), [{"method": "mfa", "type": "totp", "at": 1}]
    session.save()
    assert not opens_the_console(client)


def test_what_was_shown_counts_while_there_is_one(owner: User) -> None:
    browser = faces.signed_in(owner)
    assert browser.get("/console/")["Location"] == "/account/2fa/"


def test_one_shown_to_a_trusted_provider_counts_where_there_is_one_too(
    client: Browser, owner: User, idp: OidcProvider, settings: Any
) -> None:
    secret = people.app_of(owner)
    use(settings, idp, trusts_mfa=True)
    idp.token = {"amr": ["mfa"]}
    come(client)
    assert opens_the_console(client)
    use(settings, idp)
    there = client.get("/console/")["Location"]
    assert there == f"{SHOW}?next=/console/"
    client.post(there, {"code": people.code(secret)})
    assert opens_the_console(client)


def test_in_the_demo_it_is_not_asked_for(client: Browser, owner: User, settings: Any) -> None:
    settings.OSTATOK_DEMO = True
    browser = password_only(owner)
    people.app_of(owner)
    assert opens_the_console(browser)
