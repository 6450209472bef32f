"""Sessions: seen by their user, ended at once by whoever may."""

import json
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client as Browser
from django.utils import timezone

from ostatok import pipeline
from ostatok.intake.description import applying
from ostatok.parties import wall
from ostatok.parties.access import Role, System
from ostatok.parties.models import AuditRecord, Client, ClientUser, Membership, Organization, User
from ostatok.web.signing_in import browsers, sessions
from tests.web.signing_in import people

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile Safari/604.1"


def signed_in(user: User, agent: str = FIREFOX, address: str = "192.0.2.1") -> Browser:
    browser = Browser(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    people.sign_in(browser, user.email)
    assert is_in(browser)
    return browser


def is_in(browser: Browser) -> bool:
    """Whether a page that needs a session answers."""
    return browser.get("/account/sessions/").status_code == 200


def test_one_sees_where_one_is_signed_in(anna: User) -> None:
    here, _there = signed_in(anna), signed_in(anna, IPHONE, "192.0.2.2")
    page = here.get("/account/sessions/", headers={"Accept-Language": "en"}).content.decode()
    for told in ("Firefox, Linux", "192.0.2.1", "Safari, iPhone", "192.0.2.2"):
        assert told in page


def test_a_session_that_is_ended_is_nobodys_at_its_next_request(anna: User) -> None:
    here, there = signed_in(anna), signed_in(anna, IPHONE)
    other = UserSession.objects.get(user_agent=IPHONE)
    here.post("/account/sessions/", {"session": other.pk})
    assert is_in(here)
    assert not is_in(there)
    assert AuditRecord.objects.filter(action="user.sessions_ended", actor=anna.email).count() == 1


def test_all_others_are_ended_in_one_step(anna: User) -> None:
    here, *others = (signed_in(anna) for _ in range(3))
    here.post("/account/sessions/")
    assert is_in(here)
    assert not any(is_in(other) for other in others)


def test_nobody_ends_anybody_elses_session(anna: User) -> None:
    mine = signed_in(anna)
    boris = User.objects.create_user("boris@romashka.test", people.PASSWORD)
    theirs = Browser()
    theirs.force_login(boris)
    assert is_in(theirs)
    mine.post("/account/sessions/", {"session": UserSession.objects.get(user=boris).pk})
    mine.post("/account/sessions/", {"session": "everything"})
    assert is_in(theirs)


def test_a_clients_colleague_sees_nothing_of_ones_sessions(anna: User) -> None:
    signed_in(anna)
    boris = Browser()
    boris.force_login(User.objects.create_user("boris@romashka.test", people.PASSWORD))
    assert "192.0.2.1" not in boris.get("/account/sessions/").content.decode()


def test_all_sessions_of_a_user_end_when_an_administrator_says_so(anna: User) -> None:
    browsers_of_anna = [signed_in(anna) for _ in range(2)]
    assert sessions.end_all(anna, actor=System(name="cli"), origin="cli", now=timezone.now()) == 2
    assert not any(is_in(browser) for browser in browsers_of_anna)
    assert AuditRecord.objects.filter(action="user.sessions_ended", actor="cli").exists()


def test_a_colleague_behind_the_wall_can_end_them(anna: User) -> None:
    energo = Organization.objects.create(code="energo", name="Энергосбыт")
    owner = User.objects.create_user("owner@energo.test", people.PASSWORD)
    for user in (owner, anna):
        Membership.objects.create(user=user, organization=energo, role=Role.OWNER)
    browser = signed_in(anna)
    with wall.raised_for(owner.as_actor()):
        assert sessions.end_all(anna, actor=owner.as_actor(), origin="192.0.2.9", now=timezone.now()) == 1
    assert not is_in(browser)
    assert AuditRecord.objects.get(action="user.sessions_ended").organization == energo


def test_who_is_switched_off_is_out_and_stays_out_when_switched_on_again(anna: User) -> None:
    browser = signed_in(anna)
    anna.is_active = False
    anna.save()
    assert not is_in(browser)
    anna.is_active = True
    anna.save()
    assert not is_in(browser)


def test_who_loses_the_last_role_by_a_description_is_out(anna: User) -> None:
    energo = Organization.objects.create(code="energo", name="Энергосбыт", language="ru")
    Membership.objects.create(user=anna, organization=energo, role=Role.CLERK)
    browser = signed_in(anna)
    roles = [{"organization": "energo", "state": "deleted"}]
    description = json.dumps({"users": [{"email": anna.email, "roles": roles}]})
    applying.apply(description, actor=System(), effects=pipeline.Effects(now=timezone.now()), origin="test")
    assert not Membership.objects.filter(user=anna).exists()
    assert not is_in(browser)


def test_who_keeps_a_client_keeps_the_sessions(anna: User) -> None:
    energo = Organization.objects.create(code="energo", name="Энергосбыт")
    ClientUser.objects.create(user=anna, client=Client.objects.create(organization=energo, code="r", name="Ромашка"))
    role = Membership.objects.create(user=anna, organization=energo, role=Role.CLERK)
    browser = signed_in(anna)
    role.delete()
    assert is_in(browser)
    ClientUser.objects.get(user=anna).delete()
    assert not is_in(browser)


def test_when_a_session_was_last_used_is_written_down_once_a_minute(anna: User) -> None:
    browser = signed_in(anna)
    row = UserSession.objects.get()
    long_ago = row.last_seen_at - timedelta(hours=1)
    is_in(browser)
    assert UserSession.objects.get().last_seen_at == row.last_seen_at
    UserSession.objects.update(last_seen_at=long_ago)
    is_in(browser)
    assert UserSession.objects.get().last_seen_at > row.last_seen_at - timedelta(minutes=1)


def test_no_session_is_left_unlisted(anna: User) -> None:
    browser = Browser()
    browser.force_login(anna)
    browser.get("/")
    assert UserSession.objects.count() == Session.objects.count() == 1


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox, Linux"),
        (IPHONE, "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/141.0 Safari/537 Edg/141.0", "Edge, Windows"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/138.0 YaBrowser/25.8 Safari/537",
            "Yandex Browser, Windows",
        ),
        ("curl/8.5.0", "an unknown browser"),
        ("", "an unknown browser"),
    ],
)
def test_browsers_are_named_as_people_know_them(agent: str, name: str) -> None:
    assert browsers.named(agent) == name
