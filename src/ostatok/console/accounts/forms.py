"""Forms of accounts: what they are, which services they have, how far they may go below zero."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ostatok.console import fields
from ostatok.console.described import DescribedForm
from ostatok.console.list_pages import Filters
from ostatok.intake.description.problems import Problem
from ostatok.ledger.models import Account, Balance, Service
from ostatok.parties.access import Actor, Permission
from ostatok.parties.models import CODE_LENGTH, Client
from ostatok.web import reading
from ostatok.web.widgets import Pick, UnitInput

_LIMITS = ("credit_limit", "held", "package")
_LIMIT_WORDS = {
    "credit_limit": (_("Credit limit"), _("How far below zero it may go and still be used.")),
    "held": (_("Held"), _("Set aside, so not available.")),
    "package": (_("Package"), _("What is granted with the tariff: the 100 % of rules that measure against it.")),
}


class AccountFilters(Filters):
    """Accounts by a part of their number or address, by organization and status."""

    text = forms.CharField(label=_("Number or address"), required=False, max_length=100)
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("Any status")), ("open", _("Open")), ("closed", _("Closed"))]
    )

    def __init__(self, data: Any, *, actor: Actor) -> None:
        super().__init__(data, actor=actor)
        self.fields["organization"] = fields.OrganizationField(
            actor, Permission.SEE, required=False, empty_label=_("All organizations"), initial=None
        )
        self.full_clean()


class AccountForm(DescribedForm):
    """A new account of a client, or one that is there."""

    section: ClassVar[str] = "accounts"

    address = forms.CharField(
        label=_("Address"), max_length=500, required=False, help_text=_("Where the service is used.")
    )
    billing = forms.ChoiceField(
        label=_("Billing"),
        choices=[(Account.Billing.PREPAID, _("Prepaid")), (Account.Billing.POSTPAID, _("Postpaid"))],
        help_text=_("Nobody with a postpaid account is said to run out."),
    )

    def __init__(self, data: Any, *, client: Client, account: Account | None = None) -> None:
        super().__init__(data, about=account)
        self.client, self.account = client, account
        has = set(account.balances.values_list("service_id", flat=True)) if account else set()
        # Those of the organizations above too: a reseller's clients use what its operator sells.
        services = Service.objects.filter(organization__in=client.organization.path)
        if account is None:
            self.fields["number"] = forms.CharField(
                label=_("Account number"), max_length=CODE_LENGTH, help_text=_("Unique in the organization, for good.")
            )
        self.fields["services"] = forms.ModelMultipleChoiceField(
            services.exclude(pk__in=has).order_by("name", "pk"),
            label=_("More services") if account else _("Services"),
            required=False,
            widget=Pick(add=_("Add a service")),
            help_text=_("The account gets a balance for each. A service it has stays."),
        )
        self.order_fields(["number", "services", "billing", "address"])

    def read(self, about: Account) -> dict[str, Any]:
        return {"address": about.address, "billing": about.billing}

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if Account.objects.filter(organization=self.client.organization, number=number).exists():
            raise forms.ValidationError(_("There is an account of this number already."))
        return number

    def item(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        new = {} if self.account else {"client": self.client.code}
        return {
            "organization": self.client.organization.code,
            "number": self.account.number if self.account else cleaned["number"],
            **new,
            "address": cleaned["address"],
            "billing": cleaned["billing"],
            "services": [{"code": service.code} for service in cleaned["services"]],
        }


class LimitsForm(DescribedForm):
    """Credit limit, hold and package of every balance of an account, each in its service's unit."""

    section: ClassVar[str] = "accounts"

    def __init__(self, data: Any, *, account: Account, balances: Sequence[Balance]) -> None:
        super().__init__(data, about=account)
        self.account, self.balances = account, balances
        for balance in balances:
            for limit in _LIMITS:
                label, words = _LIMIT_WORDS[limit]
                widget = UnitInput(reading.unit(balance.service.unit))
                self.fields[_name(limit, balance)] = fields.AmountField(
                    label=label, required=False, help_text=words, widget=widget
                )

    def read(self, about: Account) -> dict[str, Any]:
        return dict(_limits(about.balances.select_related("service")))

    def label(self, name: str) -> str:
        named = {_name(limit, one): (one, limit) for one in self.balances for limit in _LIMITS}
        balance, limit = named[name]
        return f"{balance.service.name}: {_LIMIT_WORDS[limit][0]}"

    def rows(self) -> list[tuple[Balance, list[forms.BoundField]]]:
        """The fields of each balance."""
        return [(balance, [self[_name(limit, balance)] for limit in _LIMITS]) for balance in self.balances]

    def item(self) -> dict[str, Any]:
        services = [
            {"code": balance.service.code, **{limit: self._limit(limit, balance) for limit in _LIMITS}}
            for balance in self.balances
        ]
        return {"organization": self.account.organization.code, "number": self.account.number, "services": services}

    def field_of(self, problem: Problem) -> str | None:
        match problem.path:
            case (_section, _item, "services", int(index), str(limit)) if index < len(self.balances):
                return _name(limit, self.balances[index])
        return None

    def _limit(self, limit: str, balance: Balance) -> str | None:
        """What is left empty is 0; a package left empty is none."""
        written: str = self.cleaned_data[_name(limit, balance)]
        return written or (None if limit == "package" else "0")


def _name(limit: str, balance: Balance) -> str:
    return f"{limit}_{balance.pk}"


def _limits(balances: Iterable[Balance]) -> list[tuple[str, str]]:
    return [
        (_name(limit, balance), fields.shown(getattr(balance, limit) or None, balance.service.unit))
        for balance in balances
        for limit in _LIMITS
    ]
