"""What was set before anybody had shown to hold the mailbox opens nothing once its owner has come."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client as Browser
from django.utils import timezone

from ostatok.delivery.channels.email.sink import Sink
from ostatok.parties import invitations
from ostatok.parties.access import Role, System
from ostatok.parties.models import AuditRecord, Membership, Organization, User
from tests.sinks.oidc import OidcProvider
from tests.web.signing_in import people
from tests.web.signing_in.coming import come, is_in

pytestmark = pytest.mark.django_db

ANNA = "anna@romashka.test"
SAID = {"name": "Анна", "language": "en", "password1": people.NEW_PASSWORD, "password2": people.NEW_PASSWORD}


@pytest.fixture
def energo(db: None) -> Organization:
    return Organization.objects.create(code="energo", name="Энергосбыт", email="ops@energo.test")


def link_by_hand(to: Organization) -> str:
    """A link that was shown to whoever invited."""
    _invitation, token = invitations.invite(
        System(), to, email=ANNA, role=Role.CLERK, origin="test", now=timezone.now()
    )
    return f"/account/invitation/{token}/"


def somebody_else_sets_a_password(to: Organization) -> Browser:
    """Whoever invited uses the link themselves; the mail to confirm the address goes to its owner."""
    browser = Browser()
    assert browser.post(link_by_hand(to), SAID)["Location"] == "/account/confirm-email/"
    return browser


def test_a_password_set_by_a_link_passed_on_is_dropped_when_its_owner_comes_by_the_provider(
    client: Browser, energo: Organization, idp: OidcProvider, sink: Sink
) -> None:
    somebody_else_sets_a_password(energo)
    user = User.objects.get(email=ANNA)
    people.app_of(user)
    come(client)
    assert not people.has_app(user)
    assert is_in(client)
    assert EmailAddress.objects.get(user=user).verified
    user.refresh_from_db()
    assert not user.has_usable_password()
    other = Browser()
    people.sign_in(other, ANNA, people.NEW_PASSWORD)
    assert not is_in(other)
    assert AuditRecord.objects.get(action="user.unproven_dropped").organization == energo
    assert "is not valid any more" in client.get("/account/2fa/").content.decode()


def test_sessions_that_began_without_a_mail_server_end_then(
    client: Browser, energo: Organization, idp: OidcProvider, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "ostatok.web.signing_in.mail.Backend"
    settings.OSTATOK_EMAIL_URL = ""
    other = Browser()
    other.post(link_by_hand(energo), SAID)
    assert other.get("/account/2fa/").status_code == 200
    come(client)
    assert (is_in(client), other.get("/account/2fa/").status_code) == (True, 302)


def test_who_had_confirmed_the_address_keeps_the_password(
    client: Browser, owner: User, idp: OidcProvider, sink: Sink
) -> None:
    come(client)
    owner.refresh_from_db()
    assert owner.check_password(people.PASSWORD)
    assert not AuditRecord.objects.filter(action="user.unproven_dropped").exists()


def test_the_mail_that_confirms_keeps_a_password_only_in_the_browser_that_typed_it(
    client: Browser, energo: Organization, sink: Sink
) -> None:
    browser = somebody_else_sets_a_password(energo)
    page = client.post(people.link_in(sink.wait_for(1)[0]), follow=True).content.decode()
    assert "is not valid any more" in page
    assert not User.objects.get(email=ANNA).has_usable_password()
    people.sign_in(browser, ANNA, people.NEW_PASSWORD)
    assert not is_in(browser)


def test_in_the_same_browser_the_mail_that_confirms_keeps_the_password(energo: Organization, sink: Sink) -> None:
    browser = somebody_else_sets_a_password(energo)
    browser.post(people.link_in(sink.wait_for(1)[0]))
    people.sign_in(browser, ANNA, people.NEW_PASSWORD)
    assert is_in(browser)


def test_a_password_reset_by_mail_stays_and_a_second_factor_set_before_does_not(
    client: Browser, energo: Organization, sink: Sink
) -> None:
    somebody_else_sets_a_password(energo)
    user = User.objects.get(email=ANNA)
    people.app_of(user)
    client.post("/account/password/reset/", {"email": ANNA})
    there = client.get(people.link_in(sink.wait_for(2)[1]), follow=True).request["PATH_INFO"]
    client.post(there, {"password1": people.PASSWORD, "password2": people.PASSWORD})
    user.refresh_from_db()
    assert user.check_password(people.PASSWORD)
    assert not people.has_app(user)
    assert EmailAddress.objects.get(user=user).verified


def test_who_has_no_password_any_more_asks_for_a_new_one_by_mail(
    client: Browser, energo: Organization, idp: OidcProvider, sink: Sink
) -> None:
    somebody_else_sets_a_password(energo)
    come(client)
    before = len(sink.wait_for(2))
    Browser().post("/account/password/reset/", {"email": ANNA})
    assert "/password/reset/key/" in people.link_in(sink.wait_for(before + 1)[-1])


def test_a_link_passed_on_sets_no_password_for_who_was_given_a_role_meanwhile(
    client: Browser, energo: Organization, sink: Sink
) -> None:
    there = link_by_hand(energo)
    user = User.objects.create_user(ANNA)
    EmailAddress.objects.create(user=user, email=ANNA, verified=True, primary=True)
    Membership.objects.create(user=user, organization=energo, role=Role.OWNER)
    page = client.post(there, SAID)
    assert (page.status_code, is_in(client)) == (200, False)
    assert "sets no password" in page.content.decode()
    user.refresh_from_db()
    assert not user.has_usable_password()


def test_a_link_passed_on_takes_no_confirmation_back(client: Browser, energo: Organization, sink: Sink) -> None:
    user = User.objects.create_user(ANNA)
    EmailAddress.objects.create(user=user, email=ANNA, verified=True, primary=True)
    client.post(link_by_hand(energo), SAID)
    assert EmailAddress.objects.get(user=user).verified
