"""`ostatok invite` and `ostatok reset-second-factor`: who is let in from the host."""

import json
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from click.testing import CliRunner, Result
from django.test import Client as Browser

from ostatok.cli import main
from ostatok.delivery.channels.email.sink import Sink
from ostatok.parties.access import Role
from ostatok.parties.models import AuditRecord, Client, Invitation, Membership, Organization, User
from tests.web.signing_in import people

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main.cli, arguments)


@pytest.fixture
def energo() -> Organization:
    return Organization.objects.create(code="energo", name="Энергосбыт", email="ops@energo.test", language="ru")


def test_the_printed_link_lets_the_first_owner_in(energo: Organization) -> None:
    said = run("invite", "olga@energo.test", "--organization", "energo", "--role", "owner", "--print-link")
    assert said.exit_code == 0, said.output
    link = said.stdout.strip()
    assert link.startswith("http://localhost:8000/account/invitation/")
    path = link.removeprefix("http://localhost:8000")
    new = {"name": "Ольга", "language": "ru", "password1": people.NEW_PASSWORD, "password2": people.NEW_PASSWORD}
    assert Browser().post(path, new).status_code == 302
    assert Membership.objects.get(user__email="olga@energo.test").role == Role.OWNER


def test_else_the_link_is_mailed_and_not_printed(energo: Organization, tmp_path: Path, settings: Any) -> None:
    settings.EMAIL_BACKEND = "ostatok.web.signing_in.mail.Backend"
    sink = Sink(tmp_path)
    sink.up()
    settings.OSTATOK_EMAIL_URL = f"smtp://127.0.0.1:{sink.port}"
    there = ("--organization", "energo", "--role", "clerk", "--address", "https://ostatok.energo.test")
    said = run("invite", "igor@energo.test", *there)
    assert (said.exit_code, said.stdout) == (0, "The invitation is on its way to igor@energo.test.\n")
    [mail] = sink.wait_for(1)
    assert people.link_in(mail).startswith("/account/invitation/")
    sink.close()


def test_a_mail_that_does_not_leave_is_told_with_the_other_way(energo: Organization, settings: Any) -> None:
    settings.EMAIL_BACKEND = "ostatok.web.signing_in.mail.Backend"
    settings.OSTATOK_EMAIL_URL = "smtp://127.0.0.1:1"
    said = run("invite", "igor@energo.test", "--organization", "energo", "--role", "clerk")
    assert said.exit_code == 1
    assert "--print-link" in said.stderr


def test_a_client_is_invited_to_its_cabinet(energo: Organization) -> None:
    Client.objects.create(organization=energo, code="romashka", name="Ромашка")
    there = ("--organization", "energo", "--client", "romashka", "--print-link", "--json")
    said = run("invite", "anna@romashka.test", *there)
    told = json.loads(said.stdout)
    assert told["email"] == "anna@romashka.test"
    assert "/account/invitation/" in told["link"]
    assert Invitation.objects.get().client is not None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--organization", "energo"), "either --role or --client"),
        (("--organization", "energo", "--role", "owner", "--client", "x"), "either --role or --client"),
        (("--organization", "energa", "--role", "owner"), 'did you mean "energo"?'),
        (("--organization", "energo", "--client", "nobody"), "there is no client 'nobody'"),
    ],
)
def test_what_is_misused_is_told(energo: Organization, arguments: tuple[str, ...], said: str) -> None:
    result = run("invite", "anna@romashka.test", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_an_address_that_is_none_is_refused(energo: Organization) -> None:
    assert run("invite", "anna", "--organization", "energo", "--role", "owner").exit_code == 1


def test_a_second_factor_is_reset_from_the_host(energo: Organization) -> None:
    user = User.objects.create_user("olga@energo.test", people.PASSWORD)
    Membership.objects.create(user=user, organization=energo, role=Role.OWNER)
    people.app_of(user)
    said = run("reset-second-factor", "Olga@energo.test")
    assert (said.exit_code, said.stdout) == (0, "The second factor is reset; a mail says so.\n")
    assert not Authenticator.objects.exists()
    assert AuditRecord.objects.filter(action="user.second_factor_reset", organization=energo).exists()
    assert run("reset-second-factor", "nobody@energo.test").exit_code == 2
