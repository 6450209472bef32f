"""The API against its own description: whatever is asked, it never breaks, and answers as it says it does."""

import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.utils.crypto import get_random_string
from hypothesis import HealthCheck
from schemathesis import Case
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi import checks

from ostatok.api import openapi
from ostatok.api.problems import Kind
from ostatok.parties import api_keys
from ostatok.parties.access import Permission, Role, System
from tests.faces import NOW, signed_in
from tests.walk.estate import NORTH, Estate

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "3"))
SCHEMA: Any = schemathesis.openapi.from_dict(json.loads(json.dumps(openapi.document())))
SCHEMA.app = get_wsgi_application()
#: No answer but what the description has: its status, its type, its form; and never «broken».
CHECKS: list[CheckFunction] = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


@schemathesis.serializer("application/x-ndjson")
def as_lines(_context: Any, value: Any) -> bytes:
    """What goes out as lines, or as what ought to be lines."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode(errors="surrogatepass")


@pytest.fixture(scope="module")
def ways_in(place: Estate) -> Sequence[Mapping[str, Any]]:
    """A key that may do everything in the north, and the session of an owner there, with its CSRF token."""
    _, text = api_keys.issue(
        System(),
        place.world.north,
        name="everything",
        permissions=list(Permission),
        expires_at=NOW.replace(year=NOW.year + 1),
        origin="test",
        now=NOW,
    )
    session = signed_in(place.world.staff[NORTH, Role.OWNER]).cookies["sessionid"].value
    token = get_random_string(32, "abc")
    cookies = {"sessionid": session, "csrftoken": token}
    return [
        {"headers": {"Authorization": f"Bearer {text}"}},
        {"headers": {"X-CSRFToken": token}, "cookies": cookies},
    ]


@pytest.fixture(scope="module", autouse=True)
def _one_connection() -> Iterator[None]:
    """A server gives connections back after a request; here they hold the transaction of the world."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@SCHEMA.parametrize()  # type: ignore[untyped-decorator]
@hypothesis.settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_described(case: "Case[Any]", ways_in: Sequence[Mapping[str, Any]]) -> None:
    """By key and by session, each with about half of the examples: which, the example itself decides."""
    asked = repr((case.path_parameters, case.query, case.body)).encode()
    # Credentials that were made up would stand in the way of those of the session.
    case.headers.pop("Authorization", None)
    case.cookies.clear()
    with transaction.atomic():
        answer = case.call_and_validate(**ways_in[zlib.crc32(asked) % len(ways_in)], checks=CHECKS)
        transaction.set_rollback(True)
    assert answer.status_code != HTTPStatus.UNAUTHORIZED
    assert Kind.CSRF.type not in answer.text
