"""Pages that say what is wrong: each in the reader's language, none of them in need of what may be broken."""

import re
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.test import RequestFactory

from ostatok.web import errors

SOURCE = Path(errors.__file__).parent
Handler = Callable[[HttpRequest, Exception], HttpResponse]


@pytest.mark.parametrize(
    ("handler", "status", "says"),
    [
        (errors.bad_request, HTTPStatus.BAD_REQUEST, "cannot be understood"),
        (errors.forbidden, HTTPStatus.FORBIDDEN, "Your role does not allow this"),
        (errors.not_found, HTTPStatus.NOT_FOUND, "There is no such page"),
    ],
)
def test_what_is_wrong_is_said_without_the_database(handler: Handler, status: HTTPStatus, says: str) -> None:
    response = handler(RequestFactory().get("/console/clients/77/"), ValueError("secret detail"))
    page = response.content.decode()
    assert response.status_code == status
    assert says in page
    assert "secret detail" not in page
    assert 'id="main"' in page


def test_the_page_of_a_broken_server_needs_nothing_but_its_styles() -> None:
    source = (SOURCE / "templates/web/500.html").read_text()
    assert "{%" not in source
    assert "{{" not in source
    for sheet in re.findall(r'href="/static/([^"]+\.css)"', source):
        assert (SOURCE / "static" / sheet).is_file()


def test_djangos_own_server_error_shows_the_same_page() -> None:
    assert loader.render_to_string("500.html") == loader.render_to_string("web/500.html")


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "429.html"])
def test_each_error_has_a_way_on(name: str) -> None:
    page = loader.render_to_string(name, request=RequestFactory().get("/"))
    assert '<a class="btn primary" href="/">' in page
