"""What a session knows of how its user came in by the provider, kept among allauth's records of a sign-in."""

from collections.abc import Mapping
from typing import Any, Final

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from django.http import HttpRequest

from ostatok.parties.models import User
from ostatok.web.signing_in.oidc.provider import configured

_METHOD: Final = "socialaccount"


def note(request: HttpRequest, user: User, *, provider: str, subject: str, second_factor: bool) -> None:
    """Note who the provider says has come; the user is not in yet."""
    record_authentication(request, user, _METHOD, provider=provider, uid=subject, second_factor=second_factor)


def last(request: HttpRequest, user: User) -> dict[str, Any] | None:
    """How the user came in, if by the provider of this installation; what was shown besides does not count."""
    provider = configured()
    first_steps = [one for one in get_authentication_records(request, user) if _lets_in(one)]
    if provider is None or not first_steps:
        return None
    record: dict[str, Any] = first_steps[-1]
    return record if record["method"] == _METHOD and record["provider"] == provider.key else None


def _lets_in(record: Mapping[str, Any]) -> bool:
    """Whether a sign-in began by this: not a code after it, nor what was shown once more later."""
    return not record.get("reauthenticated") and (record["method"] != "mfa" or bool(record.get("passwordless")))


def showed_second_factor(request: HttpRequest, user: User) -> bool:
    """Whether the user showed a second factor to a provider that is trusted with it."""
    provider, record = configured(), last(request, user)
    return provider is not None and provider.trusts_mfa and record is not None and record["second_factor"] is True
