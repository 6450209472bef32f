"""The link to the provider: shown to its user, and cut."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.test import Client as Browser

from ostatok.delivery.channels.email.sink import Sink
from ostatok.parties.models import AuditRecord, User
from ostatok.web.signing_in.oidc import links
from tests.delivery import mails
from tests.sinks.oidc import OidcProvider
from tests.web.signing_in import people
from tests.web.signing_in.coming import CONNECTION, come, is_in

pytestmark = pytest.mark.django_db


def test_it_is_shown_to_its_user(client: Browser, owner: User, idp: OidcProvider) -> None:
    people.sign_in(client, owner.email)
    assert "Энерго-ID is not connected" in client.get(CONNECTION).content.decode()
    client.post("/account/logout/")
    come(client)
    page = client.get(CONNECTION).content.decode()
    assert "You sign in with Энерго-ID" in page
    assert "s-1" not in page


def test_the_pages_of_an_account_lead_to_it_where_it_is_anybodys_business(
    client: Browser, owner: User, idp: OidcProvider
) -> None:
    client.force_login(owner)
    assert f'href="{CONNECTION}"' in client.get("/account/person/").content.decode()
    owner.memberships.get().delete()
    client.force_login(owner)
    assert f'href="{CONNECTION}"' not in client.get("/account/person/").content.decode()
    assert client.get(CONNECTION).status_code == 404


def test_cutting_it_ends_the_other_sessions_and_is_told(
    client: Browser, owner: User, idp: OidcProvider, sink: Sink
) -> None:
    other = Browser()
    come(other)
    other.get(CONNECTION)
    come(client)
    client.get(CONNECTION)
    assert client.post(CONNECTION)["Location"] == CONNECTION
    assert not SocialAccount.objects.exists()
    assert is_in(client)
    assert other.get(CONNECTION)["Location"].startswith("/account/login/")
    assert AuditRecord.objects.filter(action="user.oidc_disconnected", actor=owner.email).count() == 1
    told = mails.part(sink.wait_for(2)[1], "plain")
    assert f"Whom Энерго-ID knows as {owner.email}" in told


def test_cutting_it_asks_once_more_who_it_is(client: Browser, owner: User, idp: OidcProvider) -> None:
    links.keep(owner, provider=idp.issuer, subject="s-1")
    client.force_login(owner)
    assert client.post(CONNECTION)["Location"].startswith("/account/reauthenticate/")
    assert SocialAccount.objects.exists()


def test_cutting_what_is_not_there_tells_nobody(client: Browser, owner: User, idp: OidcProvider) -> None:
    people.sign_in(client, owner.email)
    assert client.post(CONNECTION)["Location"] == CONNECTION
    assert not AuditRecord.objects.filter(action="user.oidc_disconnected").exists()


def test_after_that_another_subject_may_have_the_address(
    client: Browser, owner: User, idp: OidcProvider, sink: Sink
) -> None:
    links.keep(owner, provider=idp.issuer, subject="as it was before")
    assert come(client).status_code == 403
    SocialAccount.objects.all().delete()
    come(client)
    assert is_in(client)


def test_a_user_is_one_subject_of_a_provider_at_most(owner: User, idp: OidcProvider) -> None:
    assert links.keep(owner, provider=idp.issuer, subject="s-1")
    assert not links.keep(owner, provider=idp.issuer, subject="s-1")
    assert not links.keep(owner, provider=idp.issuer, subject="s-2")
    with pytest.raises(IntegrityError), transaction.atomic():
        SocialAccount.objects.create(user=owner, provider=idp.issuer, uid="s-3")
    assert SocialAccount.objects.get().uid == "s-1"


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/",
        "/account/social/signup/",
        "/account/3rdparty/",
        "/account/oidc/oidc/login/",
        "/account/social/login/error/",
    ],
)
def test_other_pages_of_social_accounts_are_not_there(client: Browser, idp: OidcProvider, path: str) -> None:
    assert client.get(path).status_code == 404
