"""Values of the audit in words: records keep them as programs write them."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from ostatok.console.rules import words as rule_words
from ostatok.delivery import reason_words
from ostatok.kernel import text
from ostatok.ledger.models import EntryKind
from ostatok.notices import words as notice_words
from ostatok.parties.models import Language
from ostatok.rules.models import RecipientKind
from ostatok.web import reading
from ostatok.web.signing_in import words as people_words

_FIGURE: Final = re.compile(r"-?\d+\.\d+", re.ASCII)
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)", re.ASCII)
_STATES: Final[Mapping[str, Promise]] = {
    "active": pgettext_lazy("rule", "on"),
    "inactive": pgettext_lazy("rule", "off"),
    "shadow": pgettext_lazy("rule", "in the shadow"),
}
_STATUSES: Final[Mapping[str, Promise]] = {
    "active": gettext_lazy("Active"),
    "suspended": gettext_lazy("Suspended"),
    "open": pgettext_lazy("account", "open"),
    "closed": gettext_lazy("Closed"),
}
_RECIPIENTS: Final[Mapping[str, Promise]] = {
    RecipientKind.CLIENT: gettext_lazy("the client"),
    RecipientKind.ORGANIZATION: gettext_lazy("the client's organization"),
    RecipientKind.USER: gettext_lazy("a user"),
    RecipientKind.CONTACT: gettext_lazy("a contact"),
    RecipientKind.ADDRESS: gettext_lazy("another address"),
}
#: What stands for which word, by the field it is the value of.
_WORDS: Final[Mapping[str, Mapping[str, Promise | str]]] = {
    "state": _STATES,
    "status": _STATUSES,
    "kind": rule_words.KINDS,
    "mark": rule_words.MARKS,
    "billing": rule_words.BILLINGS,
    "channel": rule_words.CHANNELS,
    "role": people_words.ROLES,
    "language": dict(Language.choices),
}


def said(name: str, written: Any) -> str:
    """A value of a field as people write it: no brackets, no quotes; `—` where there is none."""
    match written:
        case None | "" | []:
            return "—"
        case True:
            return _("yes")
        case False:
            return _("no")
        case [[_upper, _lower], *_] if name == "bands":
            return ", ".join(f"{said(name, upper)}–{said(name, lower or '0')}" for upper, lower in written)
        case list():
            return ", ".join(said(name, inner) for inner in written)
        case str():
            return _text(name, written)
        case _:
            return str(written)


def _text(name: str, written: str) -> str:
    if word := _WORDS.get(name, {}).get(written):
        return str(word)
    if name == "recipients":
        return _recipient(written)
    if name == "state" and (state := reason_words.STATES.get(written)):
        return state[reading.language()]
    if name == "kind" and (entry := _ENTRY_KINDS.get(written)):
        return notice_words.ENTRY_KINDS[reading.language()][entry]
    if _FIGURE.fullmatch(written):
        return written.rstrip("0").rstrip(".")
    if _MOMENT.fullmatch(written):
        return _moment(datetime.fromisoformat(written))
    return written


def _recipient(written: str) -> str:
    kind, _space, channel = written.partition(" ")
    said = {"who": _RECIPIENTS.get(kind, kind), "channel": rule_words.CHANNELS.get(channel, channel)}
    return _("%(who)s by %(channel)s") % said


def _moment(at: datetime) -> str:
    return text.day_and_time(at, reading.language(), reading.zone())


_ENTRY_KINDS: Final[Mapping[str, str]] = {str(kind.label): kind.name.lower() for kind in EntryKind}
