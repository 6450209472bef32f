"""Every operation of the API as everybody: who is nobody, who is a stranger, who may not, who may."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from ostatok.api import openapi
from ostatok.parties import api_keys
from ostatok.parties.access import Permission, System
from tests.faces import MARKER, NOW
from tests.walk import operations
from tests.walk.asking import ask, tells_of_the_south
from tests.walk.estate import NORTH, SOUTH, Estate

pytestmark = pytest.mark.django_db
ROWS = operations.rows()
OPERATIONS = {(method.upper(), path) for path, method, _ in openapi.operations(openapi.document())}
SOUTHERN = frozenset({"sibling", "rival"})
Asker = tuple[Browser, Mapping[str, Any]]


@pytest.fixture(scope="module")
def askers(place: Estate, browsers: Mapping[str, Browser]) -> Mapping[str, Asker]:
    """Who asks, and the headers that say so: sessions first, then keys."""
    everything = {code: _key(place, code, list(Permission)) for code in (NORTH, SOUTH)}
    keys = {"sibling": everything[SOUTH], "looking": place.keys[NORTH], "whole": everything[NORTH]}
    found: dict[str, Asker] = {face: (browser, {}) for face, browser in browsers.items() if face != "sibling"}
    return found | {face: (Browser(), {"Authorization": f"Bearer {text}"}) for face, text in keys.items()}


def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    assert set(ROWS) == OPERATIONS


@pytest.mark.parametrize(("method", "path"), ROWS, ids=str)
def test_everybody_gets_their_answer(
    method: str, path: str, place: Estate, askers: Mapping[str, Asker], caplog: pytest.LogCaptureFixture
) -> None:
    asked = operations.asked(method, path, place.things[NORTH])
    answers = {face: ask(browser, headers=headers, **asked) for face, (browser, headers) in askers.items()}

    assert {face: answer.status for face, answer in answers.items()} == ROWS[method, path]
    assert [face for face, answer in answers.items() if face not in SOUTHERN and tells_of_the_south(answer)] == []
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
