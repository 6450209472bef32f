"""The form of an API key."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ostatok.console import fields
from ostatok.parties import access
from ostatok.parties.access import Actor, Permission

#: How long a key may be good for, in days.
LIVES = ((30, _("30 days")), (90, _("90 days")), (180, _("half a year")), (365, _("a year")), (730, _("two years")))

PERMISSION_WORDS = {
    Permission.SEE: _("See clients, accounts, balances, notices and deliveries"),
    Permission.SEE_AUDIT: _("See the audit"),
    Permission.EXPORT: _("Export lists"),
    Permission.CHANGE_CLIENTS: _("Change clients, groups and accounts"),
    Permission.POST_ENTRIES: _("Post entries: charges, top-ups, balances"),
    Permission.RESEND: _("Send again what was not delivered"),
    Permission.CHANGE_SERVICES: _("Change services"),
    Permission.CHANGE_CONTACTS: _("Change contacts"),
    Permission.CHANGE_RULES: _("Change rules"),
    Permission.CHANGE_TEMPLATES: _("Change templates"),
    Permission.CHANGE_USERS: _("Change users and keys"),
    Permission.CHANGE_ORGANIZATIONS: _("Change organizations"),
}


class KeyForm(forms.Form):
    """What a key is for, what it may do and how long."""

    name = forms.CharField(
        label=_("Name"), max_length=250, help_text=_("What it is for, and where it will lie: «billing, host b2».")
    )

    def __init__(self, data: Any, *, actor: Actor) -> None:
        super().__init__(data, initial={"permissions": [Permission.SEE], "life": 365})
        self.actor = actor
        self.fields["organization"] = fields.OrganizationField(
            actor, Permission.CHANGE_USERS, help_text=_("The key reaches it and everything below.")
        )
        own = [(one.value, words) for one, words in PERMISSION_WORDS.items() if access.reach(actor, one) != ()]
        self.fields["permissions"] = forms.MultipleChoiceField(
            label=_("What it may do"),
            choices=own,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("As little as its program needs."),
        )
        self.fields["life"] = forms.TypedChoiceField(label=_("Good for"), choices=LIVES, coerce=int)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        at = cleaned.get("organization")
        if at and any(
            not access.permits(self.actor, Permission(one), at.path) for one in cleaned.get("permissions", ())
        ):
            self.add_error("permissions", _("You cannot give what you may not do in this organization."))
        return cleaned

    def permissions(self) -> frozenset[Permission]:
        """What the key may do."""
        return frozenset(Permission(one) for one in self.cleaned_data["permissions"])

    def expires_at(self, now: datetime) -> datetime:
        """When the key stops opening anything."""
        return now + timedelta(days=self.cleaned_data["life"])
