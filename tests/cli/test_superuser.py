"""`ostatok superuser`: from the host somebody is let in to all tables, and out again."""

import pytest
from django.test import Client as Browser

from ostatok.parties.models import AuditRecord, User
from tests import faces
from tests.cli.conftest import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga() -> User:
    user = User.objects.create_user("olga@energo.test", faces.PASSWORD)
    faces.totp(user)
    return user


def looks(browser: Browser) -> bool:
    return browser.get("/admin/").status_code == 200


def test_who_is_made_superuser_may_look_until_it_is_taken_back(desk: Desk, olga: User) -> None:
    browser = faces.signed_in(olga)
    assert not looks(browser)
    assert desk.run("superuser", "Olga@energo.test").output == "olga@energo.test is the installation’s superuser.\n"
    assert looks(browser)
    assert desk.run("superuser", olga.email, "--take-back").output == "olga@energo.test is no superuser.\n"
    assert not looks(browser)
    changes = AuditRecord.objects.filter(action="user.changed", subject=olga.email).order_by("pk")
    assert [one.changes for one in changes] == [{"superuser": [None, True]}, {"superuser": [None, False]}]
    assert all(one.actor.startswith("cli:") for one in changes)


def test_done_twice_it_changes_nothing(desk: Desk, olga: User) -> None:
    said = [desk.run("superuser", olga.email, "--json").data for _ in range(2)]
    told = {"email": olga.email, "superuser": True}
    assert said == [{**told, "changed": True}, {**told, "changed": False}]
    assert AuditRecord.objects.filter(action="user.changed").count() == 1


def test_nobody_is_made_up(desk: Desk) -> None:
    refused = desk.run("superuser", "who@nowhere.test")
    assert (refused.status, User.objects.exists()) == (2, False)
