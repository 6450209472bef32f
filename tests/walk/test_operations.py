"""Every operation of the API as everybody: who is nobody, who is a stranger, who may not, who may."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client as Browser

from ostatok.api import openapi
from ostatok.parties import api_keys
from ostatok.parties.access import Permission, Role, System
from tests.faces import MARKER, NOW
from tests.walk import operations
from tests.walk.asking import ask, tells_of_the_south
from tests.walk.estate import NORTH, SOUTH, Estate, just_signed_in

pytestmark = pytest.mark.django_db
ROWS = operations.rows()
OPERATIONS = {(method.upper(), path) for path, method, _ in openapi.operations(openapi.document())}
Asker = tuple[Browser, Mapping[str, Any]]


@pytest.fixture(scope="module")
def askers(place: Estate) -> Mapping[str, Asker]:
    """Who asks, and the headers that say so."""
    everything = {code: _key(place, code, list(Permission)) for code in (NORTH, SOUTH)}
    keys = {"sibling": everything[SOUTH], "looking": place.keys[NORTH], "whole": everything[NORTH]}
    owner = just_signed_in(place.world.staff[NORTH, Role.OWNER])
    found: dict[str, Asker] = {"nobody": (Browser(), {}), "customer": (just_signed_in(place.world.customer), {})}
    found |= {"owner": (owner, {})}
    found |= {face: (Browser(), {"Authorization": f"Bearer {text}"}) for face, text in keys.items()}
    return found


def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    assert set(ROWS) == OPERATIONS


@pytest.mark.parametrize(("method", "path"), ROWS, ids=str)
def test_everybody_gets_their_answer(
    method: str, path: str, place: Estate, askers: Mapping[str, Asker], caplog: pytest.LogCaptureFixture
) -> None:
    told = {name: quote(str(value), safe="") for name, value in operations.values(path, place.things[NORTH]).items()}
    body = {} if method in ("GET", "DELETE") else {"data": "{}", "content_type": "application/json"}

    answers = {
        face: ask(browser, method, path.format(**told), headers=headers, **body)
        for face, (browser, headers) in askers.items()
    }

    assert {face: answer.status for face, answer in answers.items()} == ROWS[method, path]
    assert [face for face, answer in answers.items() if face != "sibling" and tells_of_the_south(answer)] == []
    texts = [caplog.text, *(answer.text for answer in answers.values())]
    assert [secret for secret in place.secrets if any(secret in text for text in texts)] == []


def _key(place: Estate, code: str, permissions: list[Permission]) -> str:
    _, text = api_keys.issue(
        System(),
        place.world.organizations[code],
        name=f"{MARKER} everything" if code == SOUTH else "everything",
        permissions=permissions,
        expires_at=NOW + timedelta(days=30),
        origin="test",
        now=NOW,
    )
    return text
