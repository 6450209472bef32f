"""Where the resources of the API are. Whatever happens, the answer is of one form."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt

from ostatok.api import openapi, problems
from ostatok.api.bulk import views as bulk
from ostatok.api.problems import Kind, Refused
from ostatok.api.resources import api

View = Callable[..., HttpResponseBase]


def answered(view: View) -> View:
    """Tell every error as a problem. Whether a session's token is there is looked at by `auth`, in the same form."""

    @csrf_exempt
    @wraps(view)
    def answering(request: HttpRequest, **values: Any) -> HttpResponseBase:
        try:
            response = view(request, **values)
        except Exception as error:  # noqa: BLE001 (whatever it was: it is logged, and the form of the answer stays)
            refused = problems.of(error)
            return problems.answer(request, refused) if refused else problems.unforeseen(request, error)
        if isinstance(response, HttpResponseNotAllowed):
            allowed = {"Allow": response.headers["Allow"]}
            return problems.answer(request, Refused(Kind.METHOD_NOT_ALLOWED, headers=allowed))
        return response

    return answering


def _nothing(_request: HttpRequest) -> HttpResponseBase:
    raise Refused(Kind.NOT_FOUND, "Nothing is at this address.")


def _answered(pattern: URLPattern) -> URLPattern:
    return URLPattern(pattern.pattern, answered(pattern.callback), pattern.default_args, pattern.name)


app_name = "api"
_OWN: Final[list[URLPattern]] = [
    path("openapi.json", openapi.show, name="openapi"),
    path("entries", bulk.post_entries, name="post_entries"),
    path("balances", bulk.post_balances, name="post_balances"),
]
urlpatterns: list[URLPattern] = [
    *map(_answered, _OWN),
    *(_answered(found) for found in api.urls[0] if isinstance(found, URLPattern)),
    re_path("", answered(_nothing), name="nothing"),
]
