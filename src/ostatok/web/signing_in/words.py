"""What roles are called on pages and in mails, and what is said in more places than one."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ostatok.parties.access import Role

ROLES: Final[dict[str, Promise]] = {
    Role.LOOK: _("look only"),
    Role.CLERK: _("clerk"),
    Role.SERVICE_ADMINISTRATOR: _("service administrator"),
    Role.AUDITOR: _("auditor"),
    Role.OWNER: _("owner"),
}

UNREADABLE: Final = _(
    "Your second factor cannot be checked any more: the key that its secret was encrypted with is gone. "
    "Ask your administrator to reset it."
)

PASSWORD_DROPPED: Final = _(
    "Nobody had shown before that this address is theirs, so the password that was set for it is not valid any more. "
    "Set a new one."
)
