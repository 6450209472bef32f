"""The provider of OpenID Connect in the environment: all of it, or none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ostatok.config import oidc
from ostatok.config.environment import BadVariable

SECRET = "тайна-7Q"
GIVEN = {
    "OSTATOK_OIDC_ISSUER": "https://id.energo.test/realms/staff",
    "OSTATOK_OIDC_CLIENT_ID": "ostatok",
    "OSTATOK_OIDC_CLIENT_SECRET": SECRET,
    "OSTATOK_OIDC_NAME": "Энерго-ID",
}


def test_without_any_of_it_there_is_none() -> None:
    assert oidc.provider({}) is None
    assert oidc.provider({"OSTATOK_OIDC_ISSUER": ""}) is None


def test_it_is_read_whole() -> None:
    more = {"OSTATOK_OIDC_DOMAINS": "Energo.test, north.test", "OSTATOK_OIDC_TRUSTS_MFA": "1"}
    bare, full = oidc.provider(GIVEN), oidc.provider(GIVEN | more)
    assert bare is not None
    assert full is not None
    assert (bare.domains, bare.trusts_mfa) == ((), False)
    assert (full.domains, full.trusts_mfa) == (("energo.test", "north.test"), True)
    assert (full.issuer, full.client_id, full.name) == (GIVEN["OSTATOK_OIDC_ISSUER"], "ostatok", "Энерго-ID")
    assert SECRET not in repr(full)


@pytest.mark.parametrize("missing", oidc.NEEDED)
def test_half_of_it_is_refused_with_what_is_missing(missing: str) -> None:
    given = {name: value for name, value in GIVEN.items() if name != missing}
    with pytest.raises(BadVariable, match=f"also needs {missing}$") as refused:
        oidc.provider(given)
    assert SECRET not in str(refused.value)


def test_what_only_adds_to_it_is_refused_alone() -> None:
    with pytest.raises(BadVariable, match=f"also needs {', '.join(oidc.NEEDED)}"):
        oidc.provider({"OSTATOK_OIDC_TRUSTS_MFA": "1"})


@pytest.mark.parametrize(
    "issuer",
    [
        *("http://id.energo.test", "id.energo.test", "https://", "ftp://localhost", "http://127.0.0.1.energo.test"),
        *("https://id.energo.test?x=1", "https://id.energo.test#x", "https://a:b@id.energo.test"),
        "https://id.energo.test/" + "x" * 200,
    ],
)
def test_an_issuer_that_cannot_be_believed_is_refused(issuer: str) -> None:
    with pytest.raises(BadVariable, match="OSTATOK_OIDC_ISSUER must"):
        oidc.provider(GIVEN | {"OSTATOK_OIDC_ISSUER": issuer})


@pytest.mark.parametrize("issuer", ["http://localhost:9000", "http://127.0.0.1:9000/a", "http://[::1]:9000"])
def test_a_provider_on_this_machine_needs_no_tls(issuer: str) -> None:
    found = oidc.provider(GIVEN | {"OSTATOK_OIDC_ISSUER": issuer})
    assert found is not None
    assert found.issuer == issuer


def test_no_command_runs_with_half_of_it(tmp_path: Path) -> None:
    given = {**os.environ, **GIVEN, "OSTATOK_HOME": str(tmp_path), "OSTATOK_OIDC_NAME": ""}
    command = [sys.executable, "-m", "ostatok", "serve"]
    run = subprocess.run(command, check=False, env=given, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == "ostatok: signing in by OpenID Connect also needs OSTATOK_OIDC_NAME\n"
