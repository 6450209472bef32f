"""The API as django-ninja knows it: its resources, who may come in, how it answers."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase
from ninja import NinjaAPI
from ninja.operation import Operation
from ninja.renderers import JSONRenderer

import ostatok
from ostatok.api import auth, etags
from ostatok.api.parsing import ExactParser
from ostatok.api.problems import Kind, ProblemError, Refused

Run = Callable[..., HttpResponseBase]


class _Renderer(JSONRenderer):
    json_dumps_params = {"ensure_ascii": False}  # noqa: RUF012 (ninja's own declaration)


class Api(NinjaAPI):
    """Errors leave it as they were raised: urls.py tells all of them as problems."""

    def set_default_exception_handlers(self) -> None:
        self._exception_handlers.clear()

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


def _in_good_order(run: Run) -> Run:
    """Refuse who may not do this, before it is told what is wrong; and a parameter that nothing reads.

    A filter written wrongly would show everything.
    """
    operation: Operation = run.__self__  # type: ignore[attr-defined]
    known = frozenset(
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in getattr(model, "__ninja_flatten_map__", model.model_fields)
    )

    @wraps(run)
    def checked(request: HttpRequest, **values: Any) -> HttpResponseBase:
        auth.require_any(request, operation.view_func)
        unknown = sorted(request.GET.keys() - known)
        if unknown and auth.actor_of(request) is not None:
            wrong = [ProblemError(place=f"query.{name[:64]}", detail="is not known here") for name in unknown]
            raise Refused(Kind.INVALID, errors=wrong)
        response = run(request, **values)
        etags.put_on(response, request)
        return response

    return checked


api: Final = Api(
    title="Ostatok",
    version=ostatok.__version__,
    openapi_url=None,
    docs_url=None,
    auth=auth.BOTH,
    parser=ExactParser(),
    renderer=_Renderer(),
    urls_namespace="api",
)
api.add_decorator(_in_good_order, mode="view")
