"""Forms of users, contacts and groups."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _

from ostatok.console import fields
from ostatok.console.described import DescribedForm
from ostatok.console.list_pages import Filters
from ostatok.console.meanwhile import ShowingForm
from ostatok.intake.description.problems import Problem
from ostatok.parties import access
from ostatok.parties.access import PERMISSIONS, Actor, Permission, Role
from ostatok.parties.models import (
    CODE_LENGTH,
    ClientGroup,
    Contact,
    ContactPoint,
    Membership,
)
from ostatok.web import complaints

ROLE_WORDS = {
    Role.LOOK: (_("Look"), _("Sees clients, balances and what was sent. Changes nothing.")),
    Role.CLERK: (_("Clerk"), _("Also adds clients, tops up, sends again, exports.")),
    Role.SERVICE_ADMINISTRATOR: (
        _("Service administrator"),
        _("Also changes services, rules, templates and contacts."),
    ),
    Role.AUDITOR: (_("Auditor"), _("Sees everything, the audit included, and exports. Changes nothing.")),
    Role.OWNER: (_("Owner"), _("May do everything here and below, users and keys included.")),
}


def role_choices(actor: Actor, path: Sequence[int] | None = None) -> list[tuple[str, str]]:
    """Roles that the actor may give, at the end of a path or else anywhere: none that permits more than its own."""
    return [
        (role.value, f"{ROLE_WORDS[role][0]}. {ROLE_WORDS[role][1]}") for role in Role if _may_give(actor, role, path)
    ]


def _may_give(actor: Actor, role: Role, path: Sequence[int] | None) -> bool:
    if path is None:
        return all(access.reach(actor, permission) != () for permission in PERMISSIONS[role])
    return access.may_grant(actor, role, path)


class UserFilters(Filters):
    """Users by what they are called and where they have a role."""

    text = forms.CharField(label=_("Name or e-mail"), required=False, max_length=100)

    def __init__(self, data: Any, *, actor: Actor) -> None:
        super().__init__(data, actor=actor)
        self.fields["organization"] = fields.OrganizationField(
            actor, Permission.SEE, required=False, empty_label=_("All organizations")
        )
        self.full_clean()


class InviteForm(forms.Form):
    """Who is asked to join, where, and as what."""

    email = forms.EmailField(label=_("E-mail"), help_text=_("The invitation goes there and is good for a week."))

    def __init__(self, data: Any, *, actor: Actor, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.actor = actor
        options = {"initial": initial["organization"]} if initial and initial.get("organization") else {}
        self.fields["organization"] = fields.OrganizationField(actor, Permission.CHANGE_USERS, **options)
        self.fields["role"] = forms.ChoiceField(
            label=_("Role"), choices=role_choices(actor), widget=forms.RadioSelect, initial=Role.LOOK
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if {"organization", "role"} <= cleaned.keys():
            if not access.may_grant(self.actor, Role(cleaned["role"]), cleaned["organization"].path):
                self.add_error("role", _("You cannot give a role that permits more than your own."))
            address = cleaned.get("email", "").lower()
            if Membership.objects.filter(organization=cleaned["organization"], user__email=address).exists():
                self.add_error("email", _("This user has a role here already; change it on the list of users."))
        return cleaned


class RoleForm(DescribedForm):
    """Another role for a member of an organization."""

    section: ClassVar[str] = "users"
    called = {"roles": "role"}  # noqa: RUF012 (read only)

    def __init__(self, data: Any, *, actor: Actor, membership: Membership) -> None:
        super().__init__(data, about=membership)
        self.membership = membership
        self.fields["role"] = forms.ChoiceField(
            label=_("Role"), choices=role_choices(actor, membership.organization.path), widget=forms.RadioSelect
        )

    def read(self, about: Membership) -> dict[str, Any]:
        return {"role": about.role}

    def item(self) -> dict[str, Any]:
        role = {"organization": self.membership.organization.code, "role": self.cleaned_data["role"]}
        return {"email": self.membership.user.email, "roles": [role]}


class GroupForm(DescribedForm):
    """A group of clients."""

    section: ClassVar[str] = "groups"

    name = forms.CharField(label=_("Name"), max_length=250, help_text=_("Rules and lists call it so."))

    def __init__(self, data: Any, *, actor: Actor, group: ClientGroup | None = None) -> None:
        super().__init__(data, about=group)
        self.group = group
        if group is None:
            self.fields["organization"] = fields.OrganizationField(actor, Permission.CHANGE_CLIENTS)
            self.fields["code"] = forms.CharField(
                label=_("Code"), max_length=CODE_LENGTH, help_text=_("How files and programs call it, for good.")
            )
            self.order_fields(["organization", "name", "code"])

    def read(self, about: ClientGroup) -> dict[str, Any]:
        return {"name": about.name}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        refuse_taken(self, ClientGroup, _("There is a group of this code already."))
        return cleaned

    def item(self) -> dict[str, Any]:
        return {**known_by(self, self.group), "name": self.cleaned_data["name"]}


class ContactForm(DescribedForm):
    """A person of an organization; the addresses are a formset beside it."""

    section: ClassVar[str] = "contacts"
    beside = {"points": _("Addresses")}  # noqa: RUF012 (read only)

    name = forms.CharField(label=_("First and last name"), max_length=250)
    position = forms.CharField(label=_("Position"), max_length=250, required=False)

    def __init__(
        self, data: Any, *, actor: Actor, contact: Contact | None = None, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, about=contact)
        self.contact = contact
        self.points = PointForms(data, initial=_points(contact) if contact else [], prefix="points")
        if contact is None:
            options = {"initial": initial["organization"]} if initial and initial.get("organization") else {}
            self.fields["organization"] = fields.OrganizationField(actor, Permission.CHANGE_CONTACTS, **options)
            self.fields["code"] = forms.CharField(
                label=_("Code"), max_length=CODE_LENGTH, help_text=_("How rules and files call the contact, for good.")
            )
            self.order_fields(["organization", "name", "position", "code"])

    def read(self, about: Contact) -> dict[str, Any]:
        return {"name": about.name, "position": about.position, "points": _points(about)}

    def keep(self, typed: ShowingForm) -> None:
        super().keep(typed)
        if typed.touches("points"):
            self.points = PointForms(initial=typed.item()["points"], prefix="points")

    def agrees(self, name: str, value: Any) -> bool:
        return self.item()["points"] == value if name == "points" else super().agrees(name, value)

    def tell(self, name: str, value: Any) -> str:
        return super().tell(name, [point["address"] for point in value] if name == "points" else value)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        refuse_taken(self, Contact, _("There is a contact of this code already."))
        if not self.points.is_valid():
            self.add_error(None, _("Look at the addresses below."))
        return cleaned

    def item(self) -> dict[str, Any]:
        points = [form.cleaned_data for form in self.points if form.cleaned_data.get("address")]
        shown = {name: self.cleaned_data[name] for name in ("name", "position")}
        return {**known_by(self, self.contact), **shown, "points": points}

    def place(self, problems: Any) -> None:
        """Problems of an address stand at that address."""
        filled = [form for form in self.points if form.cleaned_data.get("address")]
        for problem in problems:
            index = _point_of(problem)
            if index is not None and index < len(filled):
                filled[index].add_error("address", complaints.said(problem.message))
                self.add_error(None, _("Look at the addresses below."))
            else:
                super().place([problem])


class PointForm(forms.Form):
    """One address."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[("email", _("E-mail")), ("phone", _("Phone"))])
    address = forms.CharField(label=_("Address or number"), max_length=254, required=False)
    label = forms.CharField(label=_("Label"), max_length=32, required=False, help_text=_("Work, personal."))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") == ContactPoint.Kind.EMAIL and cleaned.get("address"):
            try:
                forms.EmailField().clean(cleaned["address"])
            except forms.ValidationError as error:
                self.add_error("address", error)
        return cleaned


PointForms = formset_factory(PointForm, extra=2, max_num=20)


def _points(contact: Contact) -> list[dict[str, str]]:
    points = contact.points.order_by("pk")
    return [{"kind": one.kind, "address": one.address, "label": one.label} for one in points]


def _point_of(problem: Problem) -> int | None:
    match problem.path:
        case (_, _, "points", int(index), *_):
            return index
    return None


def refuse_taken(form: Any, model: type[ClientGroup] | type[Contact], message: Any) -> None:
    """Put an error at the code of a new item where the organization has one of that code."""
    cleaned = form.cleaned_data
    if {"organization", "code"} <= cleaned.keys() and model._default_manager.filter(  # noqa: SLF001 (Django's name)
        organization=cleaned["organization"], code=cleaned["code"]
    ).exists():
        form.add_error("code", message)


def known_by(form: Any, kept: ClientGroup | Contact | None) -> dict[str, str]:
    """Organization and code of what the form is about."""
    if kept is not None:
        return {"organization": kept.organization.code, "code": kept.code}
    return {"organization": form.cleaned_data["organization"].code, "code": form.cleaned_data["code"]}
