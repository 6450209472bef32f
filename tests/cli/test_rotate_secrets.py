"""`ostatok rotate-secrets`: the way from one key to the next."""

import os
import secrets
import subprocess
import sys
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from ostatok.parties.models import User
from ostatok.web.signing_in import sealing
from tests.cli.conftest import Desk
from tests.web.signing_in import people

OLD, NEW = secrets.token_urlsafe(48), secrets.token_urlsafe(48)


@pytest.fixture
def sealed(db: None, settings: Any) -> User:
    """Somebody whose app was set up with the old key."""
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    user = User.objects.create_user("olga@energo.test")
    people.app_of(user)
    return user


def test_it_says_when_the_old_key_may_go(desk: Desk, sealed: User, settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    tried = desk.run("rotate-secrets", "--dry-run")
    assert tried.output == "secrets: 1, to encrypt anew: 1\nOld keys are still needed.\n"
    done = desk.run("rotate-secrets")
    may_go = "No secret needs an old key any more: OSTATOK_SECRET_KEY_FALLBACKS may go."
    assert (done.status, done.output) == (0, f"secrets: 1, encrypted anew: 1\n{may_go}\n")
    settings.SECRET_KEY_FALLBACKS = []
    assert desk.run("rotate-secrets").output.endswith("There is no old key.\n")


def test_a_program_reads_the_same(desk: Desk, sealed: User, settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    tried = {"dry_run": True, "secrets": 1, "renewed": 0, "old": 1, "unreadable": [], "old_keys_needed": True}
    assert desk.run("rotate-secrets", "--dry-run", "--json").data == tried
    done = {**tried, "dry_run": False, "renewed": 1, "old": 0, "old_keys_needed": False}
    assert desk.run("rotate-secrets", "--json").data == done


def test_a_secret_that_no_key_opens_is_told_with_the_remedy(desk: Desk, sealed: User, settings: Any) -> None:
    settings.SECRET_KEY = NEW
    done = desk.run("rotate-secrets")
    assert done.status == 1
    assert "no key opens a secret of olga@energo.test: ostatok reset-second-factor olga@energo.test\n" in done.output
    assert desk.run("rotate-secrets", "--json").data["unreadable"] == ["olga@energo.test"]
    assert desk.run("reset-second-factor", "olga@energo.test").status == 0
    assert desk.run("rotate-secrets").status == 0


@pytest.mark.django_db(transaction=True)
def test_a_process_reads_both_keys_from_its_environment_and_shows_neither(
    database_url: str, sealed: User, settings: Any
) -> None:
    old = f" {'x' * 40} ,{OLD},"
    said = {"OSTATOK_SECRET_KEY": NEW, "OSTATOK_SECRET_KEY_FALLBACKS": old, "DATABASE_URL": database_url}
    command = [sys.executable, "-m", "ostatok", "rotate-secrets"]
    done = subprocess.run(command, env=os.environ | said, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.startswith("secrets: 1, encrypted anew: 1\n")
    assert [key for key in (OLD, NEW) if key in done.stdout + done.stderr] == []
    settings.SECRET_KEY = NEW
    sealing.unseal(Authenticator.objects.get().data["secret"])
