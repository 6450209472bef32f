"""Secrets of second factors when the key they are encrypted with changes, and when it is lost."""

import secrets
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client as Browser

from ostatok.parties.models import User
from ostatok.web.signing_in import sealing
from ostatok.web.signing_in.sealing import Unreadable
from tests import faces
from tests.web.signing_in import people

pytestmark = pytest.mark.django_db

AUTHENTICATE = "/account/2fa/authenticate/"
OLD, NEW = secrets.token_urlsafe(48), secrets.token_urlsafe(48)


def keys(settings: Any, key: str, *old: str) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = key, list(old)


def texts() -> dict[int, str]:
    """What is kept of each secret."""
    return {one.pk: one.data.get("secret") or one.data["seed"] for one in Authenticator.objects.all()}


@pytest.fixture
def secret(owner: User, settings: Any) -> str:
    """That of the owner's app, set up with the old key, and recovery codes beside it."""
    keys(settings, OLD)
    kept = people.app_of(owner)
    RecoveryCodes.activate(owner)
    return kept


def test_what_an_old_key_sealed_is_sealed_anew_and_needs_it_no_more(secret: str, owner: User, settings: Any) -> None:
    codes = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()
    keys(settings, NEW, OLD)
    done = sealing.renew()
    assert (done.secrets, done.renewed, done.left, done.lost) == (2, 2, 0, ())
    keys(settings, NEW)
    assert sealing.unseal(texts()[Authenticator.objects.get(type="totp").pk]) == secret
    assert RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes() == codes


def test_a_trial_changes_nothing(secret: str, settings: Any) -> None:
    keys(settings, NEW, OLD)
    before = texts()
    done = sealing.renew(dry_run=True)
    assert (done.secrets, done.renewed, done.left) == (2, 2, 2)
    assert texts() == before


def test_once_more_it_has_nothing_to_do(secret: str, settings: Any) -> None:
    keys(settings, NEW, OLD)
    sealing.renew()
    before = texts()
    assert sealing.renew().renewed == 0
    assert texts() == before


def test_it_goes_piece_by_piece_and_takes_up_where_it_was_broken_off(
    secret: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "PIECE", 2)
    for number in range(4):
        people.app_of(User.objects.create_user(f"clerk{number}@energo.test"))
    keys(settings, NEW, OLD)
    first = Authenticator.objects.earliest("pk")
    first.data["secret"] = sealing.seal(secret)
    first.save()
    done = sealing.renew()
    assert (done.secrets, done.renewed, done.left) == (6, 5, 0)


def test_what_stands_beside_a_secret_stays(secret: str, settings: Any) -> None:
    Authenticator.objects.filter(type="recovery_codes").update(
        data={**Authenticator.objects.get(type="recovery_codes").data, "used_mask": 5}
    )
    keys(settings, NEW, OLD)
    sealing.renew()
    assert Authenticator.objects.get(type="recovery_codes").data["used_mask"] == 5


def test_one_that_was_changed_meanwhile_stays_as_it_is(secret: str, settings: Any) -> None:
    keys(settings, NEW, OLD)
    [piece] = sealing._pieces()
    app = Authenticator.objects.get(type="totp")
    app.data["secret"] = changed = sealing.seal("changed")
    app.save()
    sealing._write([(one, sealing.seal("stale")) for one in piece])
    assert texts()[app.pk] == changed


def test_what_a_host_still_writes_with_the_old_key_is_told(secret: str, settings: Any) -> None:
    keys(settings, NEW, OLD)
    sealing.renew()
    keys(settings, OLD)
    people.app_of(User.objects.create_user("late@energo.test"))
    keys(settings, NEW, OLD)
    assert sealing.renew(dry_run=True).left == 1


def test_whose_secret_no_key_opens_is_told_by_name_once(secret: str, owner: User, settings: Any) -> None:
    keys(settings, NEW)
    before = texts()
    done = sealing.renew()
    assert (done.secrets, done.renewed, done.left, done.lost) == (2, 0, 0, (owner.email,))
    assert texts() == before


def test_a_passkey_holds_no_secret(owner: User, settings: Any) -> None:
    Authenticator.objects.create(user=owner, type=Authenticator.Type.WEBAUTHN, data={})
    assert sealing.renew().secrets == 0


@pytest.mark.parametrize("kept", ["", "gAAAA", "не шифр", "x" * 200])
def test_what_is_no_sealed_text_at_all_is_unreadable_too(kept: str) -> None:
    with pytest.raises(Unreadable):
        sealing.unseal(kept)


def test_at_the_sign_in_the_user_is_told_to_have_it_reset(
    client: Browser, secret: str, owner: User, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    keys(settings, NEW)
    people.sign_in(client, owner.email)
    kept = [*texts().values(), secret, owner.email]
    for code in (people.code(secret), "00000000"):
        answer = client.post(AUTHENTICATE, {"code": code})
        assert answer.status_code == 200
        assert "Ask your administrator to reset it" in answer.content.decode()
    assert "_auth_user_id" not in client.session
    assert f"no key opens a secret of the second factor of user {owner.pk}" in caplog.text
    assert [one for one in kept if one in caplog.text] == []


def test_guesses_are_limited_then_too(client: Browser, secret: str, owner: User, settings: Any) -> None:
    keys(settings, NEW)
    people.sign_in(client, owner.email)
    pages = [client.post(AUTHENTICATE, {"code": "00000000"}).content.decode() for _ in range(6)]
    assert "Too many failed attempts" in pages[-1]


@pytest.mark.parametrize("lost", ["totp", "recovery_codes"])
def test_of_two_the_one_that_can_be_read_lets_in(
    client: Browser, secret: str, owner: User, settings: Any, lost: str
) -> None:
    code = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()[3]
    field = "secret" if lost == "totp" else "seed"
    Authenticator.objects.filter(type=lost).update(data={field: "gAAAA", "used_mask": 0})
    people.sign_in(client, owner.email)
    wrong = client.post(AUTHENTICATE, {"code": "00000000"}).content.decode()
    assert "The code is not right" in wrong
    client.post(AUTHENTICATE, {"code": code if lost == "totp" else people.code(secret)})
    assert "_auth_user_id" in client.session


def test_pages_of_codes_that_nobody_can_read_say_so(
    secret: str, owner: User, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    browser = faces.signed_in(owner)
    people.confirm(browser)
    keys(settings, NEW, OLD)  # the session is the old key's
    browser.get("/")
    keys(settings, NEW)
    assert "Your codes cannot be read any more" in browser.get("/account/2fa/").content.decode()
    answer = browser.get("/account/2fa/recovery-codes/")
    assert answer.status_code == 409
    assert "Ask your administrator to reset it" in answer.content.decode()
    assert "no key opens" in caplog.text


def test_codes_that_nobody_can_read_are_made_anew(secret: str, owner: User, settings: Any) -> None:
    browser = faces.signed_in(owner)
    people.confirm(browser)
    Authenticator.objects.filter(type="recovery_codes").update(data={"seed": "gAAAA", "used_mask": 0})
    page = "/account/2fa/recovery-codes/generate/"
    assert browser.get(page).status_code == 200
    browser.post(page)
    assert len(RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()) == 10


def test_a_session_outlives_the_change_while_the_old_key_is_known(owner: User, settings: Any) -> None:
    keys(settings, OLD)
    people.app_of(owner)
    browser = faces.signed_in(owner)
    keys(settings, NEW, OLD)
    assert browser.get("/console/").status_code == 200
    keys(settings, NEW)
    assert browser.get("/console/").status_code == 200
