"""Forms of clients: who they are, what is found of them, what came of a call."""

import secrets
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ostatok.console import fields
from ostatok.console.described import DescribedForm
from ostatok.ledger.models import Service
from ostatok.parties.access import Actor, Permission
from ostatok.parties.models import CODE_LENGTH, CallNote, Client, ClientGroup
from ostatok.web.widgets import Pick

_KEPT = ("name", "tax_id", "email", "phone", "language", "timezone", "bank_account")


class ClientForm(DescribedForm):
    """A new client, or one that is there; its status has pages of its own, which say what follows."""

    section: ClassVar[str] = "clients"

    name = forms.CharField(label=_("Name"), max_length=250, help_text=_("As on contracts; it is never cut."))
    tax_id = forms.CharField(label=_("Tax id"), max_length=32, required=False)
    email = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("Letters to the client go there. Without it there are none.")
    )
    phone = forms.CharField(label=_("Phone"), max_length=32, required=False, widget=forms.TextInput({"type": "tel"}))
    language = fields.LanguageField(blank=_("as the organization"))
    timezone = fields.ZoneField(blank=_("as the organization"))
    tags = forms.CharField(
        label=_("Tags"), required=False, max_length=500, help_text=_("Any words, with commas between them.")
    )
    bank_account = forms.CharField(label=_("Bank account"), max_length=64, required=False)

    def __init__(self, data: Any, *, actor: Actor, client: Client | None = None) -> None:
        super().__init__(data, about=client)
        self.client = client
        groups = ClientGroup.objects.visible_to(actor).order_by("name", "pk")
        if client is None:
            self.fields["organization"] = fields.OrganizationField(actor, Permission.CHANGE_CLIENTS)
            self.fields["code"] = forms.CharField(
                label=_("Customer number"),
                max_length=CODE_LENGTH,
                required=False,
                help_text=_("How your billing calls the client, for good. Left empty, one is made up."),
            )
        else:
            groups = groups.filter(organization__in=client.organization.path)
        self.fields["manager"] = _manager_field(actor, client)
        self.manager_unseen = bool(client and client.manager_id and not self._offers(client.manager_id))
        if self.manager_unseen:
            self.fields["manager"].empty_label = _("as it is: somebody you do not see")  # type: ignore[attr-defined]
        self.fields["groups"] = forms.ModelMultipleChoiceField(
            groups, label=_("Groups"), required=False, widget=Pick(add=_("Add a group"))
        )
        self.order_fields(["organization", "name", "code", "tax_id", "email", "phone", "manager", "groups"])

    def read(self, about: Client) -> dict[str, Any]:
        kept = {name: getattr(about, name) for name in _KEPT}
        groups = sorted(about.groups.values_list("pk", flat=True))
        return {**kept, "tags": ", ".join(about.tags), "groups": groups, "manager": about.manager_id}

    def _offers(self, manager: int) -> bool:
        return self.fields["manager"].queryset.filter(pk=manager).exists()  # type: ignore[attr-defined,no-any-return]

    def clean_tags(self) -> list[str]:
        tags = [tag.strip() for tag in self.cleaned_data["tags"].split(",")]
        if any(len(tag) > CODE_LENGTH for tag in tags):
            raise forms.ValidationError(_("A tag has at most 64 characters."))
        return [tag for tag in tags if tag]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        at = cleaned.get("organization")
        if at and cleaned.get("code") and Client.objects.filter(organization=at, code=cleaned["code"]).exists():
            self.add_error("code", _("There is a client of this number already."))
        if at and any(group.organization_id not in at.path for group in cleaned.get("groups", ())):
            self.add_error("groups", _("A group of another organization cannot have this client."))
        manager = cleaned.get("manager")
        if at and manager and not manager.memberships.filter(organization__in=at.path).exists():
            self.add_error("manager", _("Whoever looks after a client works for its organization or for one above it."))
        return cleaned

    def item(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        item = {name: cleaned[name] for name in (*_KEPT, "tags")}
        return {
            **item,
            **self._manager(),
            **self._known_by(),
            "groups": sorted({group.code for group in cleaned["groups"]}),
        }

    def _manager(self) -> dict[str, str]:
        """What is not seen is not said, and so stays."""
        manager = self.cleaned_data["manager"]
        if manager is None and self.manager_unseen:
            return {}
        return {"manager": manager.email if manager else ""}

    def _known_by(self) -> dict[str, str]:
        if self.client:
            return {"organization": self.client.organization.code, "code": self.client.code}
        # Kept, so that the page can find the client it made.
        self.cleaned_data["code"] = self.cleaned_data["code"] or f"c{secrets.token_hex(5)}"
        return {"organization": self.cleaned_data["organization"].code, "code": self.cleaned_data["code"]}


def _manager_field(actor: Actor, client: Client | None) -> fields.StaffField:
    return fields.StaffField(
        actor,
        path=client.organization.path if client else None,
        kept=client.manager_id if client else None,
        label=_("Manager"),
        required=False,
        empty_label=_("nobody"),
        help_text=_("Who calls when the balance runs out. The client then stands in that person's list."),
    )


class NoteForm(forms.Form):
    """What came of speaking with a client."""

    kind = forms.ChoiceField(
        label=_("What came of it"),
        choices=[
            (CallNote.Kind.CALLED, _("Called")),
            (CallNote.Kind.PROMISED, _("Promised to pay")),
            (CallNote.Kind.NOTE, _("Note")),
        ],
        widget=forms.Select({"autofocus": True}),
    )
    promised_until = forms.DateField(
        label=_("By which day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    text = forms.CharField(label=_("In a few words"), required=False, max_length=1000)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") == CallNote.Kind.NOTE and not cleaned.get("text"):
            self.add_error("text", _("Write the note."))
        return cleaned


def service_choices(actor: Actor) -> list[tuple[str, str]]:
    """Services by code, those of several organizations once."""
    rows = Service.objects.visible_to(actor).order_by("code").values_list("code", "name")
    return list(dict(rows).items())
