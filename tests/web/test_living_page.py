"""The living page of the design system: in debug mode only, in every shell."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest
from django.test import RequestFactory, override_settings
from django.urls import Resolver404, resolve

from ostatok.console.design import urls, views


def asked() -> HttpRequest:
    request = RequestFactory().get("/console/design/")
    request.user = AnonymousUser()
    return request


@pytest.mark.parametrize("shell", ["cabinet", "plain"])
@override_settings(ROOT_URLCONF="tests.web.debug_urls")
def test_it_is_drawn_in_every_shell(shell: str) -> None:
    page = views.shell(asked(), shell).content.decode()
    assert f'<body class="{shell}"' in page
    assert page.count('class="bar"') >= 10


@override_settings(ROOT_URLCONF="tests.web.debug_urls")
def test_it_is_drawn_in_the_console() -> None:
    assert '<body class="console"' in views.design(asked()).content.decode()


def test_there_is_no_other_shell() -> None:
    with pytest.raises(Http404):
        views.shell(asked(), "nowhere")


def test_it_is_not_there_outside_of_debug_mode() -> None:
    assert urls.urlpatterns
    with pytest.raises(Resolver404):
        resolve("/console/design/")
