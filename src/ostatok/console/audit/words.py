"""The audit in words: what was done to what, and how a field was before and after."""

import re
from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_FIGURE: Final = re.compile(r"-?\d+\.\d+", re.ASCII)

#: The first word of an action: what it was done to.
THINGS: Final[Mapping[str, Promise]] = {
    "rule": gettext_lazy("Rule"),
    "template": gettext_lazy("Template"),
    "delivery": gettext_lazy("Message"),
    "deliveries": gettext_lazy("Messages"),
    "import": gettext_lazy("Import"),
    "data": gettext_lazy("Data"),
    "client": gettext_lazy("Client"),
    "account": gettext_lazy("Account"),
    "entry": gettext_lazy("Entry"),
    "entries": gettext_lazy("Entries"),
    "balances": gettext_lazy("Balances"),
    "service": gettext_lazy("Service"),
    "group": gettext_lazy("Group"),
    "contact": gettext_lazy("Contact"),
    "user": gettext_lazy("User"),
    "invitation": gettext_lazy("Invitation"),
    "api_key": gettext_lazy("API key"),
    "organization": gettext_lazy("Organization"),
    "run_out_list": gettext_lazy("Run-out list by mail"),
}
#: The second: what was done. One that is missing here stands as it is written.
DEEDS: Final[Mapping[str, Promise]] = {
    "created": gettext_lazy("created"),
    "changed": gettext_lazy("changed"),
    "deleted": gettext_lazy("deleted"),
    "seen": gettext_lazy("looked at"),
    "exported": gettext_lazy("exported"),
    "replayed": gettext_lazy("sent again"),
    "sent_again": gettext_lazy("sent a second time"),
    "retried": gettext_lazy("tried again"),
    "uploaded": gettext_lazy("handed over"),
    "cancelled": gettext_lazy("stopped"),
    "tried": gettext_lazy("sent as a test"),
    "posted": gettext_lazy("posted"),
    "issued": gettext_lazy("issued"),
    "revoked": gettext_lazy("revoked"),
    "accepted": gettext_lazy("accepted"),
    "access_taken": gettext_lazy("access taken away"),
    "signed_in": gettext_lazy("signed in"),
    "signed_out": gettext_lazy("signed out"),
    "sign_in_failed": gettext_lazy("sign-in failed"),
    "sessions_ended": gettext_lazy("sessions ended"),
    "email_changed": gettext_lazy("e-mail changed"),
    "password_changed": gettext_lazy("password changed"),
    "password_reset": gettext_lazy("password reset"),
    "second_factor_added": gettext_lazy("second factor added"),
    "second_factor_removed": gettext_lazy("second factor removed"),
    "second_factor_renewed": gettext_lazy("second factor renewed"),
    "second_factor_reset": gettext_lazy("second factor reset"),
    "oidc_connected": gettext_lazy("connected with the provider of OpenID Connect"),
    "oidc_disconnected": gettext_lazy("disconnected from the provider of OpenID Connect"),
    "second_factor_failed": gettext_lazy("second factor failed"),
}


def deed(action: str) -> str:
    """`rule.created` → `Rule: created`."""
    thing, _dot, done = action.partition(".")
    said = {"thing": THINGS.get(thing, thing), "deed": DEEDS.get(done, done.replace("_", " "))}
    return _("%(thing)s: %(deed)s") % said


def changes(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each field with what became of it: `state: off → on`."""
    return [(name.replace("_", " "), _change(*values)) for name, values in record.items()]


def _change(before: Any, after: Any) -> str:
    return value(after) if before in (None, [], {}, "") else f"{value(before)} → {value(after)}"


def value(written: Any) -> str:
    """A value as people write it: no brackets, no quotes; `—` where there is none."""
    match written:
        case None | "" | []:
            return "—"
        case True:
            return _("yes")
        case False:
            return _("no")
        case dict():
            return "; ".join(f"{name}: {value(inner)}" for name, inner in written.items()) or "—"
        case list():
            return ", ".join(value(inner) for inner in written)
        case str() if _FIGURE.fullmatch(written):
            return written.rstrip("0").rstrip(".")
        case _:
            return str(written)
