"""Changing how one signs in: the password, forgotten or not, and the address."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client as Browser

from ostatok.delivery.channels.email.sink import Hang, Reply, Sink, Step
from ostatok.parties.models import AuditRecord, User
from tests import faces
from tests.delivery import mails
from tests.web.signing_in import people

pytestmark = pytest.mark.django_db

RESET = "/account/password/reset/"
CHANGE = "/account/password/change/"


def new(**more: str) -> dict[str, str]:
    return {"password1": people.NEW_PASSWORD, "password2": people.NEW_PASSWORD, **more}


def test_a_forgotten_password_is_set_anew_by_a_link_that_is_good_once(client: Browser, anna: User, sink: Sink) -> None:
    assert client.post(RESET, {"email": anna.email})["Location"] == f"{RESET}done/"
    [mail] = sink.wait_for(1)
    form = client.get(people.link_in(mail))["Location"]
    assert client.post(form, new())["Location"] == f"{RESET}key/done/"
    assert people.sign_in(client, anna.email, people.NEW_PASSWORD)["Location"] == "/"
    used = Browser().get(people.link_in(mail))
    assert "not valid any more" in used.content.decode()
    assert people.NEW_PASSWORD not in "".join(mails.part(one, "plain") for one in sink.wait_for(2))
    assert AuditRecord.objects.filter(action="user.password_reset").exists()


def test_who_was_only_described_sets_a_password_by_the_link_and_is_in(client: Browser, db: None, sink: Sink) -> None:
    user = User.objects.create_user("boris@romashka.test")
    client.post(RESET, {"email": user.email})
    [mail] = sink.wait_for(1)
    client.post(client.get(people.link_in(mail))["Location"], new())
    assert people.sign_in(client, user.email, people.NEW_PASSWORD)["Location"] == "/"


def test_a_reset_ends_all_sessions(client: Browser, anna: User, sink: Sink) -> None:
    elsewhere = Browser()
    people.sign_in(elsewhere, anna.email)
    client.post(RESET, {"email": anna.email})
    [mail] = sink.wait_for(1)
    client.post(client.get(people.link_in(mail))["Location"], new())
    assert elsewhere.get("/account/sessions/").status_code == 302


def test_whether_an_address_is_known_only_its_mailbox_learns(client: Browser, anna: User, sink: Sink) -> None:
    answers = [client.post(RESET, {"email": email}) for email in (anna.email, "who@nowhere.test")]
    assert len({(answer.status_code, answer["Location"]) for answer in answers}) == 1
    known, unknown = sink.wait_for(2)
    assert (known.recipient, unknown.recipient) == (anna.email, "who@nowhere.test")
    assert "Nobody signs in with this address" in mails.part(unknown, "plain")


def test_when_the_mail_server_is_down_the_page_says_so_and_the_same_for_everybody(
    client: Browser, anna: User, sink: Sink
) -> None:
    sink.down()
    answers = [client.post(RESET, {"email": email}) for email in (anna.email, "who@nowhere.test")]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert "could not be sent" in answers[0].content.decode()


def test_a_mail_server_that_refuses_is_told_the_same_way(client: Browser, anna: User, sink: Sink) -> None:
    sink.script = lambda step, _recipient: Reply("550 5.1.1 No") if step is Step.RECIPIENT else None
    assert client.post(RESET, {"email": anna.email}).status_code == 503


def test_a_mail_server_that_hangs_is_not_waited_for_long(
    client: Browser, anna: User, sink: Sink, settings: Any
) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    sink.script = lambda _step, _recipient: Hang()
    assert client.post(RESET, {"email": anna.email}).status_code == 503


def test_a_wrong_address_of_the_mail_server_tells_no_secret(client: Browser, anna: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "ostatok.web.signing_in.mail.Backend"
    settings.OSTATOK_EMAIL_URL = "smpt://me:geheim@mail.test"
    answer = client.post(RESET, {"email": anna.email})
    assert answer.status_code == 503
    assert "geheim" not in answer.content.decode()


def test_links_are_not_asked_for_without_end(client: Browser, anna: User, sink: Sink) -> None:
    answers = [client.post(RESET, {"email": anna.email}).status_code for _ in range(6)]
    assert answers == [302] * 5 + [429]


def test_a_new_password_ends_all_other_sessions_and_is_told_by_mail(client: Browser, anna: User, sink: Sink) -> None:
    elsewhere = Browser()
    for browser in (client, elsewhere):
        people.sign_in(browser, anna.email)
    assert client.post(CHANGE, new(oldpassword=people.PASSWORD)).status_code == 302
    assert client.get("/account/sessions/").status_code == 200
    assert elsewhere.get("/account/sessions/").status_code == 302
    [mail] = sink.wait_for(1)
    assert people.NEW_PASSWORD not in mails.part(mail, "plain") + mails.part(mail, "html")
    assert "127.0.0.1" in mails.part(mail, "plain")
    assert AuditRecord.objects.filter(action="user.password_changed").exists()


def test_a_change_stands_though_the_mail_that_tells_of_it_did_not_leave(
    client: Browser, anna: User, sink: Sink
) -> None:
    people.sign_in(client, anna.email)
    sink.down()
    assert client.post(CHANGE, new(oldpassword=people.PASSWORD)).status_code == 302
    anna.refresh_from_db()
    assert anna.check_password(people.NEW_PASSWORD)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"oldpassword": "не тот", **new()}, "oldpassword"),
        ({"oldpassword": people.PASSWORD, "password1": "12345", "password2": "12345"}, "password1"),
        ({"oldpassword": people.PASSWORD, **new(password2="иначе-2026-иначе")}, "password2"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(client: Browser, anna: User, said: dict[str, str], field: str) -> None:
    people.sign_in(client, anna.email)
    assert f'id="id_{field}_error"' in client.post(CHANGE, said).content.decode()


def test_a_new_address_is_confirmed_there_and_told_to_the_old_one(client: Browser, anna: User, sink: Sink) -> None:
    people.sign_in(client, anna.email)
    assert client.post("/account/email/", {"email": "new@romashka.test", "action_add": ""}).status_code == 302
    [mail] = sink.wait_for(1)
    assert mail.recipient == "new@romashka.test"
    anna.refresh_from_db()
    assert anna.email == "anna@romashka.test"
    client.post(people.link_in(mail))
    anna.refresh_from_db()
    assert anna.email == "new@romashka.test"
    told = sink.wait_for(2)[1]
    assert told.recipient == "anna@romashka.test"
    assert [address.email for address in EmailAddress.objects.filter(user=anna)] == ["new@romashka.test"]
    assert people.sign_in(Browser(), "anna@romashka.test").status_code == 200
    assert AuditRecord.objects.filter(action="user.email_changed").exists()


def test_an_address_that_somebody_signs_in_with_is_not_taken_over(client: Browser, anna: User, sink: Sink) -> None:
    User.objects.create_user("boris@romashka.test", people.PASSWORD)
    people.sign_in(client, anna.email)
    client.post("/account/email/", {"email": "boris@romashka.test", "action_add": ""})
    [mail] = sink.wait_for(1)
    client.post(people.link_in(mail))
    anna.refresh_from_db()
    assert anna.email == "anna@romashka.test"


def test_staff_with_a_second_factor_may_change_the_address_too(anna: User, sink: Sink) -> None:
    people.app_of(anna)
    client = faces.signed_in(anna)
    people.confirm(client)
    client.post("/account/email/", {"email": "new@romashka.test", "action_add": ""})
    assert sink.wait_for(1)[0].recipient == "new@romashka.test"


def test_a_change_long_after_signing_in_asks_for_the_password_once_more(client: Browser, anna: User) -> None:
    client.force_login(anna)
    answer = client.post("/account/email/", {"email": "new@romashka.test", "action_add": ""})
    assert answer["Location"].startswith("/account/reauthenticate/")
    assert not EmailAddress.objects.filter(email="new@romashka.test").exists()


def test_a_name_and_a_language_are_changed_and_spoken_at_once(client: Browser, anna: User) -> None:
    people.sign_in(client, anna.email)
    answer = client.post("/account/person/", {"name": "Анна Р.", "language": "pl"}, follow=True)
    anna.refresh_from_db()
    assert (anna.name, anna.language) == ("Анна Р.", "pl")
    assert 'lang="pl"' in answer.content.decode()
