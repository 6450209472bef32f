"""The second factor: demanded of staff, set up with an app, kept, and lost."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client as Browser
from django.utils import timezone

from ostatok.delivery.channels.email.sink import Sink
from ostatok.parties.access import System
from ostatok.parties.models import AuditRecord, Client, ClientUser, Organization, User
from ostatok.web.signing_in import second_factor, sessions
from tests import faces
from tests.delivery import mails
from tests.web.signing_in import people

pytestmark = pytest.mark.django_db

ACTIVATE = "/account/2fa/totp/activate/"


def test_staff_without_one_are_led_from_the_console_to_set_one_up(client: Browser, owner: User) -> None:
    people.sign_in(client, owner.email)
    for page in ("/console/", "/console/clients/", "/console/nowhere/"):
        assert client.get(page)["Location"] == "/account/2fa/"
    assert "second factor" in client.get("/account/2fa/").content.decode()


def test_a_session_without_one_is_refused_by_the_api(client: Browser, owner: User) -> None:
    people.sign_in(client, owner.email)
    answer = client.get("/api/v1/clients")
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")


def test_a_header_of_programs_opens_the_console_to_no_session(client: Browser, owner: User) -> None:
    people.sign_in(client, owner.email)
    for header in ("Bearer ost_1", "Basic x", ""):
        assert client.get("/console/", headers={"Authorization": header})["Location"] == "/account/2fa/"
        assert client.get("/api/v1/clients", headers={"Authorization": header}).status_code == 401


def test_the_superuser_needs_one_too(client: Browser, anna: User) -> None:
    anna.is_superuser = True
    anna.save()
    people.sign_in(client, anna.email)
    assert client.get("/console/")["Location"] == "/account/2fa/"


def test_a_client_needs_none_for_the_cabinet(client: Browser, anna: User) -> None:
    energo = Organization.objects.create(code="energo", name="Энергосбыт")
    ClientUser.objects.create(user=anna, client=Client.objects.create(organization=energo, code="r", name="Ромашка"))
    people.sign_in(client, anna.email)
    assert client.get("/cabinet/").status_code == 200


def test_in_the_demo_nobody_needs_one(client: Browser, owner: User, settings: Any) -> None:
    settings.OSTATOK_DEMO = True
    people.sign_in(client, owner.email)
    assert client.get("/console/").status_code != 302


@pytest.mark.django_db(transaction=True)
def test_the_app_is_set_up_with_its_code_and_gives_recovery_codes_once(
    client: Browser, owner: User, sink: Sink
) -> None:
    people.sign_in(client, owner.email)
    secret = _secret_on(client.get(ACTIVATE).content.decode())
    assert "not right" in client.post(ACTIVATE, {"code": "000000"}).content.decode()
    assert client.post(ACTIVATE, {"code": people.code(secret)})["Location"] == "/account/2fa/recovery-codes/"
    shown = [client.get("/account/2fa/recovery-codes/").content.decode() for _ in range(2)]
    assert [len(re.findall(r"^\D*\d{8}$", page, re.MULTILINE)) for page in shown] == [10, 0]
    assert client.get("/console/").status_code == 200
    [mail] = sink.wait_for(1)
    assert secret not in mails.part(mail, "plain")
    assert AuditRecord.objects.filter(action="user.second_factor_added").exists()
    assert secret not in str(list(AuditRecord.objects.values()))


def _secret_on(page: str) -> str:
    return page.partition('<code class="secret">')[2].partition("<")[0]


def test_its_secret_is_kept_encrypted(owner: User) -> None:
    secret = people.app_of(owner)
    assert secret not in str(Authenticator.objects.get().data)


def test_a_secret_is_read_after_the_key_was_changed(client: Browser, owner: User, settings: Any) -> None:
    secret = people.app_of(owner)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [settings.SECRET_KEY]
    people.sign_in(client, owner.email)
    assert client.post("/account/2fa/authenticate/", {"code": people.code(secret)})["Location"] == "/"


def test_the_password_alone_does_not_let_in_any_more(client: Browser, owner: User) -> None:
    secret = people.app_of(owner)
    assert people.sign_in(client, owner.email)["Location"] == "/account/2fa/authenticate/"
    assert client.get("/console/")["Location"].startswith("/account/login/")
    assert "not right" in client.post("/account/2fa/authenticate/", {"code": "000000"}).content.decode()
    assert AuditRecord.objects.filter(action="user.second_factor_failed").exists()
    assert client.post("/account/2fa/authenticate/", {"code": people.code(secret)})["Location"] == "/"
    assert client.get("/console/").status_code == 200


def test_a_code_is_taken_once(client: Browser, owner: User) -> None:
    code = people.code(people.app_of(owner))
    for browser, lets_in in ((client, True), (Browser(), False)):
        people.sign_in(browser, owner.email)
        browser.post("/account/2fa/authenticate/", {"code": code})
        assert ("_auth_user_id" in browser.session) is lets_in


def test_codes_are_not_tried_out_by_the_hundred(client: Browser, owner: User) -> None:
    secret = people.app_of(owner)
    people.sign_in(client, owner.email)
    for number in range(5):
        client.post("/account/2fa/authenticate/", {"code": f"00000{number}"})
    answer = client.post("/account/2fa/authenticate/", {"code": people.code(secret)})
    assert "Too many failed attempts" in answer.content.decode()


def test_staff_keep_their_last_second_factor(owner: User) -> None:
    people.app_of(owner)
    client = faces.signed_in(owner)
    people.confirm(client)
    page = client.post("/account/2fa/totp/deactivate/").content.decode()
    assert "Your role needs a second factor" in page
    assert people.has_app(owner)


def test_a_client_may_do_without_again(anna: User, sink: Sink) -> None:
    people.app_of(anna)
    client = faces.signed_in(anna)
    people.confirm(client)
    assert client.post("/account/2fa/totp/deactivate/").status_code == 302
    assert not people.has_app(anna)
    sink.wait_for(1)
    assert AuditRecord.objects.filter(action="user.second_factor_removed").exists()


def test_a_change_asks_once_more_who_it_is(client: Browser, anna: User) -> None:
    client.force_login(anna)
    for page in (ACTIVATE, "/account/2fa/passkeys/add/"):
        assert client.get(page)["Location"] == f"/account/reauthenticate/?next={quote(page, safe='')}"


def test_who_lost_everything_is_reset_signed_out_and_told(owner: User, sink: Sink) -> None:
    people.app_of(owner)
    client = faces.signed_in(owner)
    assert client.get("/console/").status_code == 200
    assert second_factor.reset(owner, actor=System(name="cli"), origin="cli", now=datetime.now(UTC))
    assert client.get("/console/")["Location"].startswith("/account/login/")
    [mail] = sink.wait_for(1)
    assert mail.recipient == owner.email
    assert people.sign_in(client, owner.email)["Location"] == "/"
    assert client.get("/console/")["Location"] == "/account/2fa/"
    assert AuditRecord.objects.filter(action="user.second_factor_reset", actor="cli").exists()


def test_a_reset_of_nothing_still_ends_the_sessions(owner: User, client: Browser) -> None:
    client.force_login(owner)
    client.get("/account/sessions/")
    assert not second_factor.reset(owner, actor=System(), origin="cli", now=timezone.now())
    assert sessions.of(owner) == []
