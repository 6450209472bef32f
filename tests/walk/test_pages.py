"""Every page as everybody: nobody is asked to sign in, a stranger finds nothing, who may not is told so.

And whatever is answered to people of the north, choices of forms, filters, files and refusals included, tells nothing
of the south.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus

import pytest
from django.test import Client as Browser

from tests.walk import codes, routes
from tests.walk.asking import ask, tells_of_the_south
from tests.walk.estate import NORTH, SOUTH, Estate

pytestmark = pytest.mark.django_db
ROWS = codes.rows()
FIELD = re.compile(r'<(?:input|select)[^>]* name="([a-z_]+)"')
SOUTHERN = frozenset({"sibling", "rival"})
PAGES = {name: route for name, route in routes.every().items() if not name.startswith(("api:", "admin:"))}


def test_every_page_has_a_row_and_every_row_a_page() -> None:
    assert {name for _, name in ROWS} == set(PAGES)
    assert [name for name in PAGES if ("GET", name) not in ROWS] == []
    assert [name for name, page in PAGES.items() if page.takes_posts and ("POST", name) not in ROWS] == []


@pytest.mark.parametrize(("method", "name"), ROWS, ids=str)
def test_everybody_gets_their_answer(
    method: str, name: str, place: Estate, browsers: Mapping[str, Browser], caplog: pytest.LogCaptureFixture
) -> None:
    path, expected = PAGES[name].path(codes.values(name, place, NORTH)), ROWS[method, name]

    answers = {face: ask(browsers[face], method, path) for face in expected}

    assert {face: answer.status for face, answer in answers.items()} == expected
    assert [face for face, answer in answers.items() if face not in SOUTHERN and tells_of_the_south(answer)] == []
    texts = [caplog.text, *(answer.text for answer in answers.values())]
    assert [secret for secret in place.secrets if any(secret in text for text in texts)] == []
    if answers["nobody"].status == HTTPStatus.FOUND and name not in codes.OPEN:
        assert answers["nobody"].location.startswith("/account/")


LISTS = [
    name
    for (method, name), row in ROWS.items()
    if method == "GET" and name.startswith("console:") and row["owner"] == HTTPStatus.OK and not PAGES[name].arguments
]


@pytest.mark.parametrize("name", LISTS)
def test_no_filter_asked_for_a_thing_of_the_south_shows_it(
    name: str, place: Estate, browsers: Mapping[str, Browser]
) -> None:
    path = PAGES[name].path({})
    fields = set(FIELD.findall(ask(browsers["owner"], "GET", path).text))

    for kind, thing in place.things[SOUTH].items():
        query = "&".join(f"{field}={thing.pk}" for field in sorted(fields))
        answer = ask(browsers["owner"], "GET", f"{path}?{query}")
        assert (kind, answer.status, tells_of_the_south(answer)) == (kind, HTTPStatus.OK, False)
