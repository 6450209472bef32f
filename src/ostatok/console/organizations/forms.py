"""The form of an organization."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ostatok.console import fields
from ostatok.console.described import DescribedForm
from ostatok.parties.models import CODE_LENGTH, Organization

_FIELDS = ("name", "tax_id", "email", "phone", "timezone", "language", "top_up_url")


class OrganizationForm(DescribedForm):
    """An organization that is there, or a new one below `parent`."""

    section: ClassVar[str] = "organizations"

    name = forms.CharField(label=_("Name"), max_length=250)
    tax_id = forms.CharField(label=_("Tax id"), max_length=32, required=False)
    email = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("Rules that tell the organization write here.")
    )
    phone = forms.CharField(label=_("Phone"), max_length=32, required=False, widget=forms.TextInput({"type": "tel"}))
    timezone = fields.ZoneField(help_text=_("Days begin and end by it, and its clock stands on the pages."))
    language = fields.LanguageField(help_text=_("Of messages to clients that have chosen none."))
    top_up_url = forms.URLField(
        label=_("Where clients top up"),
        required=False,
        assume_scheme="https",
        help_text=_("A link in letters, unless the service has its own."),
    )

    def __init__(
        self, data: Any, *, organization: Organization | None = None, parent: Organization | None = None
    ) -> None:
        super().__init__(data, about=organization, initial=_inherited(parent))
        self.organization, self.parent = organization, parent
        if organization is None:
            self.fields["code"] = forms.CharField(
                label=_("Code"),
                max_length=CODE_LENGTH,
                help_text=_("How files and programs call it; unique in this installation, and for good."),
            )
            self.order_fields(["name", "code"])

    def read(self, about: Organization) -> dict[str, Any]:
        return {name: getattr(about, name) for name in _FIELDS}

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if Organization.objects.filter(code=code).exists():
            raise forms.ValidationError(_("This code is taken."))
        return code

    def item(self) -> dict[str, Any]:
        known_by = {"code": self.organization.code} if self.organization else {}
        below = {"parent": self.parent.code} if self.parent else {}
        return {**self.cleaned_data, **known_by, **below}


def _inherited(parent: Organization | None) -> dict[str, Any]:
    """A new one begins with the zone and the language of that above it."""
    return {"timezone": parent.timezone, "language": parent.language} if parent else {}
