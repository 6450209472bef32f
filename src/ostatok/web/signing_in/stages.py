"""What stands between a password and being in: a confirmed address, where there is a mail server to confirm it by."""

from typing import Any

from allauth.account.stages import EmailVerificationStage
from allauth.account.utils import has_verified_email
from django.contrib import messages
from django.utils.translation import gettext as _

from ostatok.web.signing_in import mail


class Confirmed(EmailVerificationStage):  # type: ignore[misc]
    """Lets in whose address is confirmed. Without a mail server nobody can confirm one: that is said."""

    def handle(self) -> tuple[Any, bool]:
        """An answer instead of being let in, or None."""
        if self._is_confirmed() or mail.is_there():
            handled: tuple[Any, bool] = super().handle()
            return handled
        messages.warning(
            self.request,
            _("Your address is not confirmed: there is no mail server here. Once there is one, you will be asked."),
        )
        return None, True

    def _is_confirmed(self) -> bool:
        return bool(has_verified_email(self.login.user, self.login.email))
