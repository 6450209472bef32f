"""Signing in and out with a password: who gets in, who does not, and what both are told."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client as Browser

from ostatok.delivery.channels.email.sink import Sink
from ostatok.parties.models import AuditRecord, User
from tests.delivery import mails
from tests.web.signing_in import people

pytestmark = pytest.mark.django_db


def actions() -> list[str]:
    return list(AuditRecord.objects.order_by("pk").values_list("action", flat=True))


def test_the_right_password_lets_in_and_is_recorded(client: Browser, anna: User) -> None:
    answer = people.sign_in(client, "anna@romashka.test")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(anna.pk)
    record = AuditRecord.objects.get(action="user.signed_in")
    assert (record.actor, record.subject, record.origin) == (anna.email, anna.email, "127.0.0.1")


def test_from_then_on_the_browser_speaks_the_language_of_the_user(client: Browser, anna: User) -> None:
    anna.language = "ru"
    anna.save()
    people.sign_in(client, anna.email)
    assert 'lang="ru"' in client.get("/account/sessions/").content.decode()


def test_an_address_is_found_whatever_its_case(client: Browser, anna: User) -> None:
    assert people.sign_in(client, "Anna@Romashka.TEST").status_code == 302


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(client: Browser, anna: User) -> None:
    wrong = people.sign_in(client, anna.email, "не тот").content.decode()
    unknown = people.sign_in(client, "who@nowhere.test", "не тот").content.decode()
    assert "The e-mail or the password is not right." in wrong
    assert _text(wrong, anna.email) == _text(unknown, "who@nowhere.test")


def _text(page: str, email: str) -> str:
    lines = (line for line in page.replace(email, "").splitlines() if "csrf" not in line.lower())
    return "\n".join(lines)


def test_failures_are_recorded_without_what_was_typed(client: Browser, anna: User) -> None:
    people.sign_in(client, anna.email, "не тот пароль")
    people.sign_in(client, "my-password-by-mistake@x.test", "не тот пароль")
    records = AuditRecord.objects.filter(action="user.sign_in_failed").order_by("pk")
    assert [record.subject for record in records] == [anna.email, "an unknown address"]
    assert not any(typed in str(list(records.values())) for typed in ("парол", "by-mistake"))


def test_an_unconfirmed_address_is_sent_a_link_before_it_lets_in(client: Browser, sink: Sink) -> None:
    user = User.objects.create_user("new@romashka.test", people.PASSWORD, language="ru")
    assert people.sign_in(client, user.email)["Location"] == "/account/confirm-email/"
    [mail] = sink.wait_for(1)
    assert client.post(people.link_in(mail)).status_code == 302
    assert EmailAddress.objects.get(user=user).verified
    assert people.sign_in(client, user.email)["Location"] == "/"


def test_who_was_switched_off_is_told_so_only_with_the_right_password(client: Browser, anna: User) -> None:
    anna.is_active = False
    anna.save()
    assert people.sign_in(client, anna.email)["Location"] == "/account/inactive/"
    assert "not right" in people.sign_in(client, anna.email, "не тот").content.decode()


def test_signing_out_asks_first_and_is_recorded(client: Browser, anna: User) -> None:
    people.sign_in(client, anna.email)
    assert "_auth_user_id" in client.session
    assert client.get("/account/logout/").status_code == 200
    assert client.post("/account/logout/")["Location"] == "/account/login/"
    assert "_auth_user_id" not in client.session
    assert actions() == ["user.signed_in", "user.signed_out"]


def test_signing_in_leads_on_to_where_one_wanted_to_but_never_elsewhere(client: Browser, anna: User) -> None:
    wanted = people.sign_in(client, anna.email, next="/account/sessions/")
    assert wanted["Location"] == "/account/sessions/"
    client.post("/account/logout/")
    assert people.sign_in(client, anna.email, next="https://evil.test/")["Location"] == "/"


def test_the_fifth_wrong_password_for_an_address_is_the_last_for_a_while(client: Browser, anna: User) -> None:
    for _ in range(5):
        people.sign_in(client, anna.email, "не тот")
    answer = people.sign_in(client, anna.email)
    assert "Too many failed attempts" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_too_many_tries_from_one_address_of_the_network_get_429(client: Browser, anna: User) -> None:
    answers = [people.sign_in(client, f"who{number}@nowhere.test").status_code for number in range(31)]
    assert answers[-1] == 429
    other = Browser(REMOTE_ADDR="192.0.2.7")
    assert people.sign_in(other, anna.email).status_code == 302


def test_who_has_neither_a_role_nor_a_client_is_told_whom_to_ask(client: Browser, anna: User) -> None:
    people.sign_in(client, anna.email)
    answer = client.get("/")
    assert answer.status_code == 200
    assert "Nothing is shared with you yet" in answer.content.decode()


def test_nobody_signs_up_uninvited(client: Browser) -> None:
    page = client.get("/account/signup/")
    assert "by invitation" in page.content.decode()
    assert client.post("/account/signup/", {"email": "a@b.test", "password1": "x"}).status_code == 405
    assert User.objects.count() == 0


@pytest.mark.parametrize("path", ["login/code/", "phone/change/", "signup/passkey/", "2fa/trust/", "3rdparty/"])
def test_pages_that_are_not_wanted_are_not_there(client: Browser, path: str) -> None:
    assert client.get(f"/account/{path}").status_code == 404


def test_a_mail_of_signing_in_speaks_the_language_of_its_reader(client: Browser, anna: User, sink: Sink) -> None:
    anna.language = "ru"
    anna.save()
    client.post("/account/password/reset/", {"email": anna.email})
    [mail] = sink.wait_for(1)
    assert mails.read(mail)["Auto-Submitted"] == "auto-generated"
    assert 'lang="ru"' in mails.part(mail, "html")
