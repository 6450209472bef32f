"""The living page, in the console's shell or in another."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from ostatok.console.design import examples

_SHELLS = {"cabinet": "cabinet/base.html", "plain": "web/plain.html"}


def design(request: HttpRequest) -> HttpResponse:
    """All components in all states."""
    return _shown(request, "console/base.html")


def shell(request: HttpRequest, shell: str) -> HttpResponse:
    """The same in the cabinet's shell, or on the plain page."""
    if shell not in _SHELLS:
        raise Http404
    return _shown(request, _SHELLS[shell])


def _shown(request: HttpRequest, base: str) -> HttpResponse:
    bad = examples.Example({f"bad-{name}": value for name, value in examples.FILLED.items()}, prefix="bad")
    context = {
        "base": base,
        "now": examples.NOW,
        "standings": examples.STANDINGS,
        "low": examples.STANDINGS[3],
        "form": examples.Example(),
        "bad": bad,
        "cut": examples.Cut(),
        "history": examples.HISTORY,
        "week": examples.WEEK,
        "messages": ("Saved. Seven clients will be told tomorrow at 09:00.",),
        "counts": {"ok": 3181, "low": 96, "lower": 41, "crit": 35, "none": 65},
    }
    return render(request, "console/design/design.html", context)
