"""Signing in by OpenID Connect: who comes in, as whom, and what else is asked of them."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client as Browser

from ostatok.delivery.channels.email.sink import Sink
from ostatok.parties.models import AuditRecord, Client, ClientUser, Organization, User
from tests.delivery import mails
from tests.sinks.oidc import OidcProvider, new_key, oidc_provider
from tests.web.signing_in.coming import CALLBACK, CONNECTION, LOGIN, come, is_in, use

pytestmark = pytest.mark.django_db


def test_the_page_of_signing_in_offers_it_by_its_name(client: Browser, idp: OidcProvider) -> None:
    page = client.get("/account/login/", {"next": "/console/rules/?a=1"}).content.decode()
    assert "Sign in with Энерго-ID" in page
    assert f'href="{LOGIN}?next=%2Fconsole%2Frules%2F%3Fa%3D1"' in page


def test_without_a_provider_nothing_of_it_is_there(client: Browser, owner: User) -> None:
    assert LOGIN not in client.get("/account/login/").content.decode()
    client.force_login(owner)
    assert [client.get(path).status_code for path in (LOGIN, CALLBACK, CONNECTION)] == [404, 404, 404]


def test_a_member_of_staff_comes_in_and_goes_on_where_they_were_going(
    client: Browser, owner: User, idp: OidcProvider, sink: Sink
) -> None:
    assert come(client, next="/console/rules/")["Location"] == "/console/rules/"
    assert client.session["_auth_user_id"] == str(owner.pk)
    link = SocialAccount.objects.get(user=owner)
    assert (link.provider, link.uid, link.extra_data) == (idp.issuer, "s-1", {})


def test_what_is_asked_of_the_provider_is_a_code_with_state_nonce_and_challenge(
    client: Browser, owner: User, idp: OidcProvider, sink: Sink
) -> None:
    come(client)
    asked, redeemed = idp.asked["/authorize"], idp.asked["/token"]
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert set(asked["scope"].split()) == {"openid", "email", "profile"}
    assert len(asked["state"]) > 40
    assert len(asked["nonce"]) > 40
    assert "client_secret" not in asked
    assert "code_verifier" not in asked
    assert redeemed["code_verifier"] not in str(asked)


def test_nothing_that_the_browser_adds_reaches_the_provider(client: Browser, idp: OidcProvider) -> None:
    there = client.get(LOGIN, {"scope": "admin", "auth_params": "nonce=x&prompt=none", "process": "connect"})[
        "Location"
    ]
    assert set(parse_qs(urlsplit(there).query)) == {
        *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce"),
        *("code_challenge", "code_challenge_method"),
    }


def test_the_secret_goes_in_a_header_where_the_provider_wants_it_there(
    client: Browser, owner: User, idp: OidcProvider, sink: Sink
) -> None:
    idp.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_basic"]}
    come(client)
    assert "client_secret" not in idp.asked["/token"]
    assert is_in(client)


def test_it_does_not_lead_to_another_site(client: Browser, owner: User, idp: OidcProvider, sink: Sink) -> None:
    assert come(client, next="https://elsewhere.test/")["Location"] == "/"


def test_what_another_site_opens_is_led_to_the_sign_in(client: Browser, idp: OidcProvider) -> None:
    assert client.get(LOGIN, headers={"Sec-Fetch-Site": "cross-site"})["Location"] == "/account/login/"
    assert client.get(LOGIN, headers={"Sec-Fetch-Site": "same-origin"})["Location"].startswith(idp.issuer)


def test_who_is_signed_in_is_not_sent_away(client: Browser, owner: User, idp: OidcProvider) -> None:
    client.force_login(owner)
    assert client.get(LOGIN)["Location"] == "/"
    assert client.get(CALLBACK)["Location"] == "/"


def test_nobody_signs_up_by_it(client: Browser, db: None, idp: OidcProvider) -> None:
    answer = come(client)
    assert (answer.status_code, is_in(client)) == (403, False)
    assert "nobody who works here has this address" in answer.content.decode()
    assert not User.objects.exists()
    assert AuditRecord.objects.get().subject == "an unknown address"


def test_a_customer_of_the_cabinet_does_not_come_in_by_it(client: Browser, anna: User, idp: OidcProvider) -> None:
    energo = Organization.objects.create(code="energo", name="Энергосбыт")
    ClientUser.objects.create(user=anna, client=Client.objects.create(organization=energo, code="r", name="Ромашка"))
    assert come(client).status_code == 403
    assert not is_in(client)
    assert AuditRecord.objects.get(action="user.sign_in_failed").changes["reason"] == [None, "unknown"]


def test_who_works_here_no_more_does_not_come_in_by_it(
    client: Browser, owner: User, idp: OidcProvider, sink: Sink
) -> None:
    come(client)
    owner.memberships.get().delete()
    assert not is_in(client)
    assert come(client).status_code == 403


def test_who_is_switched_off_is_told_so(client: Browser, owner: User, idp: OidcProvider) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=False)
    answer = come(client)
    assert (answer.status_code, is_in(client)) == (403, False)
    assert "Your access was switched off" in answer.content.decode()


@pytest.mark.parametrize("verified", [False, "true", 1, None])
def test_an_address_that_the_provider_has_not_verified_opens_nothing(
    client: Browser, owner: User, idp: OidcProvider, verified: object
) -> None:
    idp.user["email_verified"] = verified
    answer = come(client)
    assert (answer.status_code, is_in(client)) == (403, False)
    assert "has not verified your e-mail address" in answer.content.decode()


def test_an_address_may_be_told_beside_the_token(client: Browser, owner: User, idp: OidcProvider, sink: Sink) -> None:
    idp.left_out = {"email", "email_verified"}
    come(client)
    assert is_in(client)


def test_not_an_address_of_somebody_else(client: Browser, owner: User, idp: OidcProvider) -> None:
    idp.left_out = {"email", "email_verified"}
    idp.beside = {"sub": "s-2", "email": owner.email, "email_verified": True}
    assert come(client).status_code == 403
    assert not is_in(client)


def test_the_subject_decides_once_it_is_known_and_not_the_address(
    client: Browser, owner: User, idp: OidcProvider, sink: Sink
) -> None:
    come(client)
    idp.user |= {"email": "anna.petrova@energo.test", "email_verified": False}
    again = Browser()
    come(again)
    assert again.session["_auth_user_id"] == str(owner.pk)


def test_who_is_given_the_address_of_another_later_is_refused(
    client: Browser, owner: User, idp: OidcProvider, sink: Sink
) -> None:
    come(client)
    idp.user["sub"] = "s-2"
    again = Browser()
    answer = come(again)
    assert (answer.status_code, is_in(again)) == (403, False)
    assert "another user" in answer.content.decode()
    assert list(SocialAccount.objects.values_list("uid", flat=True)) == ["s-1"]


def test_a_subject_of_another_provider_is_somebody_else(
    client: Browser, owner: User, idp: OidcProvider, sink: Sink, settings: Any
) -> None:
    come(client)
    with oidc_provider() as other:
        use(settings, other)
        other.user["email"] = "boris@energo.test"
        again = Browser()
        assert come(again).status_code == 403


def test_only_addresses_of_the_domains_come_in_where_those_are_named(
    client: Browser, owner: User, idp: OidcProvider, sink: Sink, settings: Any
) -> None:
    use(settings, idp, domains=("energo.test",))
    answer = come(client)
    assert (answer.status_code, is_in(client)) == (403, False)
    assert "Nobody with an address like yours" in answer.content.decode()
    use(settings, idp, domains=("energo.test", "romashka.test"))
    come(client)
    assert is_in(client)


def test_what_the_provider_has_verified_need_not_be_confirmed_again(
    client: Browser, owner: User, idp: OidcProvider, sink: Sink
) -> None:
    EmailAddress.objects.all().delete()
    come(client)
    assert is_in(client)
    assert EmailAddress.objects.get(user=owner).verified


def test_the_session_ends_with_the_browser(client: Browser, owner: User, idp: OidcProvider, sink: Sink) -> None:
    come(client)
    assert client.session.get_expire_at_browser_close()


def test_who_comes_for_the_first_time_is_told_by_mail_and_once(
    client: Browser, owner: User, idp: OidcProvider, sink: Sink
) -> None:
    come(client)
    come(Browser())
    [mail] = sink.wait_for(1)
    assert mail.recipient == owner.email
    assert f"Somebody came in as {owner.email} by Энерго-ID for the first time" in mails.part(mail, "plain")
    actions = list(AuditRecord.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["user.signed_in", "user.oidc_connected", "user.signed_in"]
    assert AuditRecord.objects.order_by("pk")[0].changes == {"by": [None, "OpenID Connect"]}


def test_sign_ins_by_it_are_limited(client: Browser, idp: OidcProvider) -> None:
    answers = [client.get(LOGIN, headers={"Sec-Fetch-Site": "cross-site"}).status_code for _ in range(31)]
    assert answers == [302] * 30 + [429]


def test_a_session_that_came_by_it_is_ended_at_once(
    client: Browser, owner: User, idp: OidcProvider, sink: Sink
) -> None:
    come(client)
    assert client.get(CONNECTION).status_code == 200
    owner.is_active = False
    owner.save()
    assert client.get(CONNECTION)["Location"].startswith("/account/login/")


def test_a_key_that_was_changed_is_found_anew(client: Browser, owner: User, idp: OidcProvider, sink: Sink) -> None:
    come(client)
    idp.key = idp.signs_with = new_key()
    again = Browser()
    come(again)
    assert is_in(again)
