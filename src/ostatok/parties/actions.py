"""What the audit can say was done: an action is a thing and a deed, `rule.changed`. Nothing else is recorded.

The list is closed, so that every action has words on the page of the audit (console.audit.words) and can be looked for.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_MADE: Final = ("created", "changed", "deleted")

#: What can be done to each thing.
DEEDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "organization": _MADE,
        "service": _MADE,
        "group": _MADE,
        "contact": _MADE,
        "client": (*_MADE, "access_taken"),
        "account": _MADE,
        "rule": _MADE,
        "template": (*_MADE, "tried"),
        "user": (
            *_MADE,
            *("signed_in", "signed_out", "sign_in_failed", "sessions_ended"),
            *("email_changed", "password_changed", "password_reset", "unproven_dropped"),
            *("second_factor_added", "second_factor_removed", "second_factor_renewed", "second_factor_reset"),
            *("second_factor_failed", "oidc_connected", "oidc_disconnected"),
        ),
        "invitation": ("created", "revoked", "accepted"),
        "api_key": ("issued", "revoked"),
        "entry": ("posted",),
        "entries": ("posted",),
        "balances": ("posted",),
        "import": ("uploaded", "cancelled"),
        "call_note": ("called", "promised", "note"),
        "run_out_list": _MADE,
        "delivery": ("retried", "sent_again"),
        "deliveries": ("replayed",),
        "clients": ("exported",),
        "run_out": ("exported",),
        "statement": ("exported",),
        "description": ("exported",),
        "data": ("seen", "exported"),
    }
)
ALL: Final = frozenset(f"{thing}.{deed}" for thing, deeds in DEEDS.items() for deed in deeds)
