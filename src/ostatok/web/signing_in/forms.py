"""Allauth's forms in our words: a label above each field, help where it is needed, nothing inside the field."""

from typing import Any, ClassVar, Final

from allauth.account import forms as account
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from ostatok.parties.models import Language, User
from ostatok.web.signing_in import second_factor, used_codes, words
from ostatok.web.signing_in.sealing import Unreadable

_NEW: Final = {"autocomplete": "new-password"}
_CURRENT: Final = {"autocomplete": "current-password", "aria-required": "true"}
_CODE: Final = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}

#: What settings.AUTH_PASSWORD_VALIDATORS demand.
_STRONG: Final = _("Ten characters or more; no common word, and nothing like your name or address.")


def _worded(
    form: forms.Form, name: str, label: Any, *, help_text: Any = "", attrs: dict[str, Any] | None = None
) -> None:
    """Give a field of a library's form our label and help, and take its placeholder away."""
    field = form.fields[name]
    field.label, field.help_text = label, help_text
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs |= attrs or {}


class SignIn(account.LoginForm):  # type: ignore[misc]
    """E-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _worded(self, "login", _("E-mail"), attrs={"autocomplete": "username", "autofocus": True})
        _worded(self, "password", _("Password"), attrs=_CURRENT)
        _worded(self, "remember", _("Stay signed in on this device for two weeks"))


class _NewPassword:
    """What all forms of a new password share: what makes one strong is said before, not after."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        new = {"attrs": _NEW}
        _worded(self, "password1", _("New password"), help_text=_STRONG, **new)  # type: ignore[arg-type]
        _worded(self, "password2", _("The new password again"), **new)  # type: ignore[arg-type]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = forms.Form.clean(self)  # type: ignore[arg-type, assignment]
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passwords differ."))  # type: ignore[attr-defined]
        return cleaned


class ChangePassword(_NewPassword, account.ChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _worded(self, "oldpassword", _("Current password"), attrs=_CURRENT)


class SetPassword(_NewPassword, account.SetPasswordForm):  # type: ignore[misc]
    """For who signs in without a password so far."""


class ResetPasswordKey(_NewPassword, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """After the link of a mail."""


class ResetPassword(account.ResetPasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _worded(self, "email", _("E-mail"), attrs={"autocomplete": "username"})


class ChangeEmail(account.AddEmailForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = _("A link to confirm it goes there. Until it is opened, the old address stays.")
        _worded(self, "email", _("New e-mail"), help_text=told)


class Reauthenticate(account.ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _worded(self, "password", _("Password"), attrs={**_CURRENT, "autofocus": True})


class _Once:
    """A code of the app, or a recovery code, is taken once, however it is written; a used one is a wrong one.

    Instead of allauth's check, which forgets used codes early and breaks where a secret cannot be read.
    """

    user: User
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        forget_failures = check_rate_limit(self.user)
        code: str = self.cleaned_data["code"]
        kept = Authenticator.objects.filter(user=self.user).exclude(type=Authenticator.Type.WEBAUTHN)
        asked = list(kept.order_by("-type"))  # the app first: a failure is told of that
        readable = False
        for one in asked:
            taken = _takes(one, code)
            if taken:
                self.authenticator = one
                forget_failures()
                return code
            readable = readable or taken is not None
        raise self._refusal(asked, readable=readable)

    def _refusal(self, asked: list[Authenticator], *, readable: bool) -> forms.ValidationError:
        if asked and not readable:
            second_factor.log_unreadable(self.user)
            return forms.ValidationError(words.UNREADABLE)
        if asked:
            self._emit_authentication_failed(asked[0])  # type: ignore[attr-defined]
        refusal: forms.ValidationError = get_adapter().validation_error("incorrect_code")
        return refusal


def _takes(one: Authenticator, code: str) -> bool | None:
    """Use a code up, if it is one of these. None: nobody can tell any more."""
    try:
        if one.type == Authenticator.Type.TOTP:
            period = used_codes.period_of(one, code)
            return period is not None and used_codes.take(one.user_id, period)
        return bool(one.wrap().validate_code(code))
    except Unreadable:
        return None


class Code(_Once, mfa.AuthenticateForm):  # type: ignore[misc]
    """A code of the authenticator app, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = _("Six digits from the authenticator app, or eight of a recovery code.")
        _worded(self, "code", _("Code"), help_text=told, attrs=_CODE)


class CodeAgain(_Once, mfa.ReauthenticateForm):  # type: ignore[misc]
    """The same, to confirm that it is still the same person."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = _("Six digits from the authenticator app, or eight of a recovery code.")
        _worded(self, "code", _("Code"), help_text=told, attrs=_CODE)


class ActivateTotp(totp.ActivateTOTPForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _worded(self, "code", _("Code"), help_text=_("Six digits that the app shows now."), attrs=_CODE)


class AddPasskey(webauthn.AddWebAuthnForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _worded(self, "name", _("Name"), help_text=_("So that you know it again, such as “Work laptop”."))
        told = _("The device asks for your finger, face or PIN, and you need no password.")
        _worded(self, "passwordless", _("Sign in with it alone"), help_text=told)


class RenamePasskey(webauthn.EditWebAuthnForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _worded(self, "name", _("Name"))


class Person(forms.ModelForm):  # type: ignore[type-arg]
    """Somebody's own name and language."""

    class Meta:
        model = User
        fields = ("name", "language")
        labels: ClassVar = {"name": _("Your name"), "language": _("Language")}
        widgets: ClassVar = {"name": forms.TextInput({"autocomplete": "name"})}


class Accept(forms.Form):
    """What somebody who is invited and new here says of themselves."""

    name = forms.CharField(label=_("Your name"), max_length=250, widget=forms.TextInput({"autocomplete": "name"}))
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    password1 = forms.CharField(label=_("Password"), help_text=_STRONG, strip=False, widget=forms.PasswordInput(_NEW))
    password2 = forms.CharField(label=_("The password again"), strip=False, widget=forms.PasswordInput(_NEW))

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._email = email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first:
            self._demand_strength(first, cleaned.get("name", ""))
        if first and second and first != second:
            self.add_error("password2", _("The two passwords differ."))
        return cleaned

    def _demand_strength(self, password: str, name: str) -> None:
        try:
            password_validation.validate_password(password, User(email=self._email, name=name))
        except forms.ValidationError as error:
            self.add_error("password1", error)
