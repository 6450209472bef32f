"""docs/api.md names every route, permission and problem that there is, and no other."""

import json

import pytest

from ostatok.api import rates
from ostatok.api.bulk import bodies, described
from ostatok.api.problems import Kind
from ostatok.parties.access import Permission
from ostatok.web import paging
from tests.docs import routes
from tests.docs.pages import code, page

API = page("api.md")


def test_every_route_is_listed() -> None:
    told = [tuple(row) for row in API.table("route", "what it does")]

    assert told == list(routes.rows()), "run `.venv/bin/python -m tests.docs.routes`"


def test_every_permission_is_listed() -> None:
    told = [code(row[0])[0] for row in API.table("permission", "what it is for")]

    assert told == [permission.value for permission in Permission]


def test_every_problem_is_listed() -> None:
    told = [(int(status), code(kind)[0]) for status, kind, _ in API.table("status", "type", "when")]

    assert told == [(kind.status.value, kind.slug) for kind in Kind]


def test_every_form_of_a_body_is_listed() -> None:
    told = [code(row[0])[0] for row in API.table("Content-Type", "form", "at most")]

    assert told == [form.value for form in bodies.Form]


@pytest.mark.parametrize("block", API.blocks("json"))
def test_an_example_is_json(block: str) -> None:
    assert json.loads(block)


def test_the_limits_are_those_of_the_code() -> None:
    limits = (rates.REQUESTS.rate, f"{rates.REQUESTS.burst:,}", f"{described.TOLD:,}", paging.LARGEST)

    assert all(str(limit) in API.text for limit in limits)
    assert f"{bodies.LARGEST_ARRAY // 1024**2} MiB" in API.text
    assert f"{bodies.LARGEST_STREAM // 1024**3} GiB" in API.text
