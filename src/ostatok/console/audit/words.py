"""The audit in words: what was done to what, and how a field was before and after."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from ostatok.console.audit import values

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
    "call_note": gettext_lazy("Call note"),
    "run_out_list": gettext_lazy("Run-out list by mail"),
    "clients": gettext_lazy("Clients"),
    "run_out": gettext_lazy("Run-out list"),
    "statement": gettext_lazy("Statement"),
    "description": gettext_lazy("Description"),
}
#: The second: what was done.
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
    "called": gettext_lazy("called"),
    "promised": gettext_lazy("payment promised"),
    "note": gettext_lazy("written"),
    "issued": gettext_lazy("issued"),
    "revoked": pgettext_lazy("deed", "revoked"),
    "accepted": gettext_lazy("accepted"),
    "access_taken": gettext_lazy("access taken away"),
    "signed_in": pgettext_lazy("deed", "signed in"),
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
    "unproven_dropped": gettext_lazy("ways in dropped that were set before the address was confirmed"),
    "second_factor_failed": gettext_lazy("second factor failed"),
}
#: Fields by the names that descriptions and records have for them. One that is missing here stands as it is written.
FIELDS: Final[Mapping[str, Promise]] = {
    "active": gettext_lazy("in use"),
    "address": gettext_lazy("address"),
    "amount": gettext_lazy("amount"),
    "audience": gettext_lazy("audience"),
    "balances": gettext_lazy("balances"),
    "bands": gettext_lazy("bands"),
    "bank_account": gettext_lazy("bank account"),
    "billing": gettext_lazy("billing"),
    "channel": gettext_lazy("channel"),
    "client": gettext_lazy("client"),
    "code": gettext_lazy("code"),
    "cooldown": gettext_lazy("cooldown"),
    "count": gettext_lazy("count"),
    "credit_limit": gettext_lazy("credit limit"),
    "deliveries": gettext_lazy("deliveries"),
    "duplicates": gettext_lazy("duplicates"),
    "email": gettext_lazy("e-mail"),
    "expires_at": gettext_lazy("expires at"),
    "days": gettext_lazy("days"),
    "file": gettext_lazy("file"),
    "first": gettext_lazy("the first one"),
    "full_name": gettext_lazy("full name"),
    "first_at_next_check": gettext_lazy("first at the next check"),
    "group": gettext_lazy("group"),
    "groups": gettext_lazy("groups"),
    "held": gettext_lazy("held"),
    "html": gettext_lazy("HTML"),
    "hysteresis": gettext_lazy("hysteresis"),
    "is_active": gettext_lazy("may sign in"),
    "keep_for": gettext_lazy("worth sending for"),
    "kind": gettext_lazy("kind"),
    "label": gettext_lazy("label"),
    "language": gettext_lazy("language"),
    "manager": gettext_lazy("manager"),
    "mark": gettext_lazy("mark"),
    "max_qty": gettext_lazy("max qty"),
    "may_send_pin": gettext_lazy("PIN in letters"),
    "name": gettext_lazy("name"),
    "not": gettext_lazy("but not"),
    "narrowed_by": gettext_lazy("narrowed by"),
    "notices": gettext_lazy("notices"),
    "number": gettext_lazy("number"),
    "organization": gettext_lazy("organization"),
    "outlet": gettext_lazy("outlet"),
    "package": gettext_lazy("package"),
    "parent": gettext_lazy("parent"),
    "password": gettext_lazy("password"),
    "period": gettext_lazy("period"),
    "permissions": gettext_lazy("rights"),
    "phone": gettext_lazy("phone"),
    "points": gettext_lazy("addresses"),
    "position": gettext_lazy("position"),
    "posted": gettext_lazy("posted"),
    "rearm_from": gettext_lazy("re-arming from"),
    "reason": gettext_lazy("reason"),
    "recipients": gettext_lazy("recipients"),
    "ref": gettext_lazy("ref"),
    "refs": gettext_lazy("refs"),
    "refused": gettext_lazy("refused"),
    "reverses": gettext_lazy("reverses"),
    "role": gettext_lazy("role"),
    "rule": gettext_lazy("rule"),
    "service": gettext_lazy("service"),
    "services": gettext_lazy("services"),
    "since": gettext_lazy("since"),
    "size": gettext_lazy("size"),
    "sort_order": gettext_lazy("place in the list"),
    "state": gettext_lazy("state"),
    "status": gettext_lazy("status"),
    "subject": gettext_lazy("subject"),
    "superuser": gettext_lazy("superuser of the installation"),
    "switched_on_at": gettext_lazy("switched on at"),
    "tag": gettext_lazy("tag"),
    "tags": gettext_lazy("tags"),
    "tax_id": gettext_lazy("tax id"),
    "text": gettext_lazy("text"),
    "threshold": gettext_lazy("threshold"),
    "timezone": gettext_lazy("time zone"),
    "top_up_url": gettext_lazy("top-up link"),
    "trigger": gettext_lazy("trigger"),
    "unit": gettext_lazy("unit"),
    "until": gettext_lazy("until"),
    "version": gettext_lazy("version"),
}


def deed(action: str) -> str:
    """`rule.created` → `Rule: created`."""
    thing, _dot, done = action.partition(".")
    said = {"thing": THINGS.get(thing, thing), "deed": DEEDS.get(done, done.replace("_", " "))}
    return _("%(thing)s: %(deed)s") % said


def changes(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each field with what became of it: `state: off → on`."""
    return [(field(name), _change(name, *both)) for name, both in record.items()]


def field(name: str) -> str:
    """What a field is called; `role in CODE` names a place too."""
    called, within, place = name.partition(" in ")
    known = FIELDS.get(called)
    word = str(known) if known else called.replace("_", " ")
    return _("%(field)s in %(place)s") % {"field": word, "place": place} if within else word


def subject(action: str, written: str) -> str:
    """What it was done to, without the word for it that `deed` says already: `energo/Остаток`."""
    word, _space, name = written.partition(" ")
    return name if name and word == action.partition(".")[0] else written


def _change(name: str, before: Any, after: Any) -> str:
    return value(name, after) if before in (None, [], {}, "") else f"{value(name, before)} → {value(name, after)}"


def value(name: str, written: Any) -> str:
    """The value of a field in words; one that has parts, each with its name."""
    if isinstance(written, dict):
        return "; ".join(f"{field(part)}: {value(part, inner)}" for part, inner in written.items()) or "—"
    return values.said(name.partition(" in ")[0], written)
