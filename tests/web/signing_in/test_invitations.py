"""Invited by a link: what its page says, whom it lets in, and where they come to."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client as Browser
from django.test import RequestFactory
from django.utils import timezone

from ostatok.delivery.channels.email.sink import Sink
from ostatok.parties import invitations
from ostatok.parties.access import Role, System
from ostatok.parties.models import Client, ClientUser, Invitation, Membership, Organization, User
from ostatok.web.signing_in import invitations as mailing
from tests.delivery import mails
from tests.web.signing_in import people

pytestmark = pytest.mark.django_db

SAID = {"name": "Ольга", "language": "ru", "password1": people.NEW_PASSWORD, "password2": people.NEW_PASSWORD}


@pytest.fixture
def energo() -> Organization:
    return Organization.objects.create(
        code="energo", name="ООО «Энергосбыт»", email="ops@energo.test", language="ru", timezone="Europe/Moscow"
    )


@pytest.fixture
def romashka(energo: Organization) -> Client:
    return Client.objects.create(organization=energo, code="romashka", name="ООО «Ромашка»", language="kk")


def invited(
    to: Organization | Client, email: str = "olga@energo.test", *, by_hand: bool = False
) -> tuple[Invitation, str]:
    """An invitation whose link was mailed, or is passed on by hand."""
    role = Role.OWNER if isinstance(to, Organization) else None
    found = invitations.invite(System(), to, email=email, role=role, origin="test", now=timezone.now())
    if not by_hand:
        invitations.was_mailed(found[0])
    return found


def test_the_mail_comes_from_the_organization_in_its_language_with_the_link(
    energo: Organization, sink: Sink, rf: RequestFactory
) -> None:
    invitation, token = invited(energo)
    assert mailing.send(invitation, token, rf.get("/"))
    [mail] = sink.wait_for(1)
    assert mail.recipient == "olga@energo.test"
    assert str(mails.read(mail)["From"]) == "ООО «Энергосбыт» <ops@energo.test>"
    assert people.link_in(mail) == f"/account/invitation/{token}/"
    assert f'href="http://testserver/account/invitation/{token}/"' in mails.part(mail, "html")
    assert 'lang="ru"' in mails.part(mail, "html")


def test_a_mail_that_does_not_leave_takes_nothing_back(energo: Organization, sink: Sink, rf: RequestFactory) -> None:
    sink.down()
    invitation, token = invited(energo)
    assert not mailing.send(invitation, token, rf.get("/"))
    assert invitations.find(token, timezone.now()) == invitation


def test_somebody_new_sets_a_password_and_comes_to_set_up_the_second_factor(
    client: Browser, energo: Organization
) -> None:
    _invitation, token = invited(energo)
    page = client.get(f"/account/invitation/{token}/").content.decode()
    assert "ООО «Энергосбыт»" in page
    assert "olga@energo.test" in page
    assert client.post(f"/account/invitation/{token}/", SAID)["Location"] == "/"
    user = User.objects.get(email="olga@energo.test")
    assert (user.name, user.language, user.check_password(people.NEW_PASSWORD)) == ("Ольга", "ru", True)
    assert Membership.objects.get(user=user).role == Role.OWNER
    assert client.get("/console/")["Location"] == "/account/2fa/"
    assert client.get("/account/2fa/totp/activate/").status_code == 200


def test_a_link_that_was_mailed_confirms_the_address(
    client: Browser, energo: Organization, sink: Sink, rf: RequestFactory
) -> None:
    invitation, token = invited(energo, by_hand=True)
    assert mailing.send(invitation, token, rf.get("/"))
    assert client.post(people.link_in(sink.wait_for(1)[0]), SAID)["Location"] == "/"
    assert EmailAddress.objects.get(email="olga@energo.test").verified
    assert client.get("/console/")["Location"] == "/account/2fa/"


def test_a_link_passed_on_by_hand_lets_in_only_once_a_mailed_one_was_opened(
    client: Browser, energo: Organization, sink: Sink
) -> None:
    _invitation, token = invited(energo, by_hand=True)
    answer = client.post(f"/account/invitation/{token}/", SAID)
    assert answer["Location"] == "/account/confirm-email/"
    assert not EmailAddress.objects.get(email="olga@energo.test").verified
    assert client.get("/console/")["Location"].startswith("/account/login/")
    people.sign_in(client, "olga@energo.test", people.NEW_PASSWORD)
    assert client.get("/console/")["Location"].startswith("/account/login/")
    client.post(people.link_in(sink.wait_for(1)[0]))
    assert EmailAddress.objects.get(email="olga@energo.test").verified


def test_a_link_shown_after_the_mail_failed_confirms_nothing(
    client: Browser, energo: Organization, sink: Sink, rf: RequestFactory
) -> None:
    sink.down()
    invitation, token = invited(energo, by_hand=True)
    assert not mailing.send(invitation, token, rf.get("/"))
    assert client.post(f"/account/invitation/{token}/", SAID).status_code == 503
    assert not EmailAddress.objects.get(email="olga@energo.test").verified
    assert client.get("/console/")["Location"].startswith("/account/login/")


def test_without_a_mail_server_who_is_not_confirmed_is_let_in_and_told_so(
    client: Browser, energo: Organization, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "ostatok.web.signing_in.mail.Backend"
    settings.OSTATOK_EMAIL_URL = ""
    _invitation, token = invited(energo, by_hand=True)
    client.post(f"/account/invitation/{token}/", SAID)
    client.post("/account/logout/")
    people.sign_in(client, "olga@energo.test", people.NEW_PASSWORD)
    shown = client.get("/account/2fa/")
    assert shown.status_code == 200
    assert "не подтверждён" in shown.content.decode()
    assert not EmailAddress.objects.get(email="olga@energo.test").verified


def test_the_page_speaks_the_language_of_the_client_until_one_is_chosen(client: Browser, romashka: Client) -> None:
    _invitation, token = invited(romashka, "anna@romashka.test")
    assert 'lang="kk"' in client.get(f"/account/invitation/{token}/").content.decode()


def test_a_client_who_accepts_comes_to_the_cabinet(client: Browser, romashka: Client) -> None:
    _invitation, token = invited(romashka, "anna@romashka.test")
    client.post(f"/account/invitation/{token}/", SAID)
    user = User.objects.get(email="anna@romashka.test")
    assert ClientUser.objects.filter(user=user, client=romashka).exists()
    assert client.get("/")["Location"] == "/cabinet/"
    client.post("/account/logout/")
    assert client.get("/cabinet/")["Location"].startswith("/account/login/")
    people.sign_in(client, user.email, people.NEW_PASSWORD)
    assert "ООО «Ромашка»" in client.get("/cabinet/").content.decode()


def test_a_weak_password_is_told_at_its_field_and_nothing_is_used_up(client: Browser, romashka: Client) -> None:
    _invitation, token = invited(romashka, "anna@romashka.test")
    weak = {**SAID, "password1": "12345", "password2": "12345"}
    page = client.post(f"/account/invitation/{token}/", weak).content.decode()
    assert 'id="id_password1_error"' in page
    assert not User.objects.exists()
    assert client.post(f"/account/invitation/{token}/", SAID).status_code == 302


def test_the_two_passwords_must_agree(client: Browser, romashka: Client) -> None:
    _invitation, token = invited(romashka, "anna@romashka.test")
    page = client.post(f"/account/invitation/{token}/", {**SAID, "password2": "другое-слово-2026"}).content.decode()
    assert 'id="id_password2_error"' in page


def test_who_signs_in_already_does_so_and_is_linked(client: Browser, romashka: Client, anna: User) -> None:
    _invitation, token = invited(romashka, anna.email)
    there = f"/account/invitation/{token}/"
    assert "password1" not in client.get(there).content.decode()
    assert client.post(there, SAID)["Location"] == f"/account/login/?next={there}"
    assert people.sign_in(client, anna.email, next=there)["Location"] == there
    assert client.post(there)["Location"] == "/"
    assert ClientUser.objects.filter(user=anna, client=romashka).exists()
    anna.refresh_from_db()
    assert anna.check_password(people.PASSWORD)


def test_somebody_else_who_is_signed_in_cannot_take_it(client: Browser, romashka: Client, anna: User) -> None:
    _invitation, token = invited(romashka, "olga@romashka.test")
    people.sign_in(client, anna.email)
    assert client.get(f"/account/invitation/{token}/").status_code == 403
    assert client.post(f"/account/invitation/{token}/").status_code == 403
    assert not ClientUser.objects.exists()


def test_a_link_that_was_used_taken_back_or_never_made_says_so(client: Browser, romashka: Client) -> None:
    _invitation, token = invited(romashka, "anna@romashka.test")
    client.post(f"/account/invitation/{token}/", SAID)
    taken_back, other = invited(romashka, "olga@romashka.test")
    invitations.revoke(System(), taken_back, origin="test", now=timezone.now())
    for dead in (token, other, "never-made"):
        answer = Browser().get(f"/account/invitation/{dead}/")
        assert answer.status_code == 410
        assert "not valid any more" in answer.content.decode()


def test_a_link_older_than_a_week_is_dead(client: Browser, romashka: Client) -> None:
    invitation, token = invited(romashka, "anna@romashka.test")
    week = timedelta(days=7, minutes=1)
    Invitation.objects.filter(pk=invitation.pk).update(
        created_at=invitation.created_at - week, expires_at=invitation.expires_at - week
    )
    assert client.post(f"/account/invitation/{token}/", SAID).status_code == 410
    assert not User.objects.exists()


def test_links_are_not_tried_out_by_the_hundred(client: Browser) -> None:
    answers = [client.post(f"/account/invitation/guess-{number}/").status_code for number in range(21)]
    assert answers[-1] == 429
