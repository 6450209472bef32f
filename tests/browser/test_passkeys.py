"""A passkey, with a device that the browser makes up: added, then all that is needed to sign in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import Browser, Page

from ostatok.parties.models import User
from tests import faces
from tests.browser.conftest import empty
from tests.cli import serving
from tests.cli.serving import Served

pytestmark = pytest.mark.django_db

#: A device that asks for a finger and always gets it.
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def localhost(tables: str, tmp_path: Path) -> Iterator[Served]:
    """The pages as a developer serves them, who needs no TLS for passkeys."""
    with serving.started(
        *("serve", "--no-worker", "--processes", "1"),
        log=tmp_path / "log",
        DATABASE_URL=tables,
        OSTATOK_HOME=str(tmp_path),
        OSTATOK_DEBUG="1",
    ) as served:
        serving.announced(served, "answers at")
        yield served
        assert served.stop()[0] == 0


@pytest.fixture
def anna(tables: str) -> Iterator[User]:
    world = faces.build()
    EmailAddress.objects.create(user=world.customer, email=world.customer.email, verified=True, primary=True)
    yield world.customer
    empty()


@pytest.fixture
def page(chromium: Browser, localhost: Served) -> Iterator[Page]:
    """A window with such a device. A passkey belongs to a name, so the pages are reached by one."""
    context = chromium.new_context(base_url=f"http://localhost:{localhost.port}", locale="en")
    window = context.new_page()
    session = context.new_cdp_session(window)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield window
    context.close()


def sign_in(page: Page, user: User) -> None:
    page.goto("/account/login/")
    page.locator("#id_login").fill(user.email)
    page.locator("#id_password").fill(faces.PASSWORD)
    page.locator("#id_password").press("Enter")


def sign_out(page: Page) -> None:
    page.goto("/account/logout/")
    page.locator("main form button").click()
    page.wait_for_url("**/account/login/")


def test_a_passkey_signs_in_alone_or_after_the_password(page: Page, anna: User) -> None:
    sign_in(page, anna)
    page.wait_for_url("**/cabinet/")

    page.goto("/account/2fa/passkeys/add/")
    page.locator("#id_passwordless").check()
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/account/2fa/recovery-codes/")
    assert len(page.locator("#recovery-codes").inner_text().split()) == 10

    sign_out(page)
    page.locator("#passkey_login").click()
    page.wait_for_url("**/cabinet/")

    sign_out(page)
    sign_in(page, anna)
    page.wait_for_url("**/account/2fa/authenticate/")
    page.locator("#mfa_webauthn_authenticate").click()
    page.wait_for_url("**/cabinet/")
