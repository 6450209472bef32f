"""Signing in by a provider on another site, in a browser that holds the pages to their policy."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from playwright.sync_api import Browser, Page

from ostatok.parties.access import Role
from ostatok.parties.models import User
from tests import faces
from tests.browser import axe
from tests.browser.conftest import empty
from tests.browser.window import Window
from tests.cli import serving
from tests.cli.serving import Served
from tests.sinks.oidc import CLIENT_ID, CLIENT_SECRET, OidcProvider, oidc_provider
from tests.web.signing_in import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def idp() -> Iterator[OidcProvider]:
    with oidc_provider() as provider:
        yield provider


@pytest.fixture
def served(tables: str, tmp_path: Path, idp: OidcProvider) -> Iterator[Served]:
    """The pages, reached by another name than the provider: to a browser that is another site."""
    with serving.started(
        *("serve", "--no-worker", "--processes", "1"),
        log=tmp_path / "log",
        DATABASE_URL=tables,
        OSTATOK_HOME=str(tmp_path),
        OSTATOK_OIDC_ISSUER=idp.issuer,
        OSTATOK_OIDC_CLIENT_ID=CLIENT_ID,
        OSTATOK_OIDC_CLIENT_SECRET=CLIENT_SECRET,
        OSTATOK_OIDC_NAME="Энерго-ID",
        OSTATOK_EMAIL_URL="smtp://127.0.0.1:1",
    ) as served:
        serving.announced(served, "answers at")
        yield served
        assert served.stop()[0] == 0
        assert CLIENT_SECRET not in (tmp_path / "log").read_text()


@pytest.fixture
def clerk(tables: str) -> Iterator[User]:
    clerk = faces.build().staff["north", Role.CLERK]
    EmailAddress.objects.create(user=clerk, email=clerk.email, verified=True, primary=True)
    Authenticator.objects.filter(user=clerk).delete()
    yield clerk
    empty()


@pytest.fixture
def page(chromium: Browser, served: Served) -> Iterator[Page]:
    context = chromium.new_context(base_url=f"http://localhost:{served.port}", locale="en")
    yield context.new_page()
    context.close()


def test_the_button_leads_there_and_back_and_through_the_second_factor(
    page: Page, clerk: User, idp: OidcProvider
) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    secret = people.app_of(clerk)
    idp.user = {"sub": "s-1", "email": clerk.email, "email_verified": True}

    page.goto("/console/rules/")
    page.get_by_role("link", name="Sign in with Энерго-ID").click()
    page.wait_for_url("**/account/2fa/authenticate/")
    page.locator("#id_code").fill(people.code(secret))
    page.locator("#id_code").press("Enter")

    page.wait_for_url("**/console/rules/")
    page.goto("/account/oidc/")
    assert page.get_by_role("heading", level=1).inner_text() == "You sign in with Энерго-ID"
    assert complaints == []


def test_a_stranger_is_told_in_words(page: Page, clerk: User, idp: OidcProvider) -> None:
    idp.user = {"sub": "s-2", "email": "nobody@elsewhere.test", "email_verified": True}

    page.goto("/account/login/")
    page.get_by_role("link", name="Sign in with Энерго-ID").click()

    page.wait_for_url("**/account/oidc/callback/**")
    assert axe.in_both_themes(Window(page, page.url)) == []
    assert "nobody who works here has this address" in page.locator("main").inner_text()
    page.get_by_role("link", name="To the sign-in").click()
    page.wait_for_url("**/account/login/")
