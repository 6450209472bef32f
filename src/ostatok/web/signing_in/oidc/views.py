"""The way to the provider and back, and the page of the link."""

import logging
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from allauth.account.decorators import reauthentication_required
from allauth.account.utils import get_next_redirect_url, perform_login
from allauth.core import ratelimit
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from ostatok.parties.models import User
from ostatok.web import requests
from ostatok.web.signing_in import confirming, records, second_factor, words
from ostatok.web.signing_in.oidc import arrivals, exchange, links, tokens
from ostatok.web.signing_in.oidc.links import Reason, Refused
from ostatok.web.signing_in.oidc.provider import Provider, configured
from ostatok.web.signing_in.oidc.tokens import Claims

log: Final = logging.getLogger(__name__)
_STATUSES: Final = {Reason.DOWN: HTTPStatus.BAD_GATEWAY, Reason.STALE: HTTPStatus.BAD_REQUEST}
_CANCELLED: Final = "access_denied"


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider.

    A link and not a form: a form's policy (CSP `form-action`) would have to name each host on the provider's way. What
    another site opens is led to the page of signing in, so that nobody is signed in without having asked for it.
    """
    provider = _provider()
    limited: HttpResponse | None = ratelimit.consume_or_429(request, action="oidc", limit_get=True)
    if limited:
        return limited
    if request.user.is_authenticated:
        return redirect("home")
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return redirect("account_login")
    try:
        return redirect(_way_there(request, provider))
    except exchange.ProviderDown as error:
        return _refused(request, provider, Refused(Reason.DOWN), error)


def _way_there(request: HttpRequest, provider: Provider) -> str:
    """State, nonce and the verifier of the code stay in the session, good for one way back within ten minutes."""
    endpoints = exchange.discover(provider)
    nonce, challenge = secrets.token_urlsafe(32), generate_code_challenge()
    kept = {"nonce": nonce, "verifier": challenge.pop("code_verifier"), "next": get_next_redirect_url(request)}
    state = statekit.stash_state(request, provider_id=provider.key, state=kept, state_id=secrets.token_urlsafe(32))
    return exchange.authorization(
        provider, endpoints, callback=_callback(request), state=state, nonce=nonce, challenge=challenge
    )


def _callback(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("oidc_callback"))


@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Take up who comes back from the provider, as far as to the second factor."""
    provider = _provider()
    if request.user.is_authenticated:
        return redirect("home")
    try:
        kept = _kept(request, provider)
        claims = _claims(request, provider, kept)
        user = links.find(claims, provider)
    except Refused as refused:
        return _refused(request, provider, refused)
    except exchange.CodeRefused as error:
        return _refused(request, provider, Refused(Reason.UNTRUSTED), error)
    except exchange.ProviderDown as error:
        return _refused(request, provider, Refused(Reason.DOWN), error)
    except tokens.BadToken as error:
        return _refused(request, provider, Refused(Reason.UNTRUSTED), error)
    return _taken_up(request, provider, user, claims, kept["next"])


def _kept(request: HttpRequest, provider: Provider) -> Mapping[str, Any]:
    """What this browser was sent away with. Raises Refused where it was not, and where the provider says no."""
    state = request.GET.get("state", "")
    kept: Mapping[str, Any] | None = statekit.unstash_state(request, provider_id=provider.key, state_id=state)
    if kept is None:
        raise Refused(Reason.STALE)
    if request.GET.get("error"):
        raise Refused(Reason.DENIED if request.GET["error"] == _CANCELLED else Reason.DOWN)
    return kept


def _claims(request: HttpRequest, provider: Provider, kept: Mapping[str, Any]) -> Claims:
    endpoints = exchange.discover(provider)
    code = request.GET.get("code", "")
    given = exchange.redeem(provider, endpoints, code, callback=_callback(request), verifier=kept["verifier"])
    said = tokens.verified(
        given.id_token,
        exchange.keys(endpoints),
        provider=provider,
        issuer=endpoints.issuer,
        nonce=kept["nonce"],
        now=timezone.now(),
    )
    beside = "email" not in said and endpoints.userinfo
    return tokens.claims(said, exchange.userinfo(endpoints, given.access_token) if beside else said)


def _taken_up(
    request: HttpRequest, provider: Provider, user: User, claims: Claims, further: str | None
) -> HttpResponse:
    """As after a password: what else is needed is asked for, then the user is in, until the browser is closed."""
    if links.speaks_for_address(claims, user):
        _confirm(request, user)
    request.session.set_expiry(0)
    arrivals.note(request, user, provider=provider.key, subject=claims.subject, second_factor=claims.second_factor)
    response: HttpResponse = perform_login(request, user, redirect_url=further)
    return response


def _confirm(request: HttpRequest, user: User) -> None:
    """The provider knows whose mailbox it is; who set a password before that may have been somebody else."""
    if confirming.by_mailbox(user, origin=requests.origin(request), now=timezone.now()):
        messages.warning(request, words.PASSWORD_DROPPED)


def _refused(
    request: HttpRequest, provider: Provider, refused: Refused, error: Exception | None = None
) -> HttpResponse:
    """Say why, in words; the log is told what went wrong, neither is told a secret."""
    if error:
        log.warning("signing in by OpenID Connect failed: %s", error)
    origin, at = requests.origin(request), timezone.now()
    if refused.user:
        told = {"by": "OpenID Connect", "reason": refused.reason.value}
        records.write(records.NOBODY, refused.user, "user.sign_in_failed", origin=origin, at=at, **told)
    elif refused.reason in {Reason.UNKNOWN, Reason.UNVERIFIED, Reason.DOMAIN, Reason.UNTRUSTED}:
        records.write_unknown("user.sign_in_failed", origin=origin, at=at)
    told_there = {"reason": refused.reason.value, "email": refused.email, "provider": provider.name}
    status = _STATUSES.get(refused.reason, HTTPStatus.FORBIDDEN)
    return render(request, "account/oidc_refused.html", told_there, status=status)


def _provider() -> Provider:
    provider = configured()
    if provider is None:
        raise Http404
    return provider


@require_http_methods(["GET", "POST"])
@login_required
def connection(request: HttpRequest) -> HttpResponse:
    """Whether one's own user is linked to the provider; the link is cut here."""
    provider = _provider()
    if not isinstance(request.user, User) or not second_factor.is_staff(request.user):
        raise Http404
    if request.method == "POST":
        response: HttpResponse = _cut(request)
        return response
    return render(request, "account/oidc.html", {"provider": provider.name, "link": links.of(request.user)})


@reauthentication_required  # type: ignore[untyped-decorator]
def _cut(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 (the page has seen to it)
    here = request.session.session_key
    if links.cut(user, actor=user.as_actor(), origin=requests.origin(request), now=timezone.now(), but=here):
        messages.success(request, _("Disconnected; a mail says so."))
    return redirect("oidc_connection")
