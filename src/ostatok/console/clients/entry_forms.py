"""The forms that write entries."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ostatok.console import fields
from ostatok.kernel import units
from ostatok.ledger import entries
from ostatok.ledger.entries import NewEntry
from ostatok.ledger.models import Balance, EntryKind, Service
from ostatok.ledger.standing import Standing
from ostatok.web import reading, refusals

KINDS: Final = {
    EntryKind.TOP_UP: _("Top up"),
    EntryKind.CHARGE: _("Charge"),
    EntryKind.ADJUSTMENT: _("Adjust"),
    EntryKind.REFUND: _("Refund"),
}
#: At which field the ledger's refusals are mended.
_FIELD_OF: Final = {
    entries.Reason.BAD_AMOUNT: "amount",
    entries.Reason.BAD_DATE: "occurred_at",
    entries.Reason.IN_FUTURE: "occurred_at",
    entries.Reason.BAD_MEMO: "memo",
}


class BalanceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of a client's balances, by account and service: the lowest first, each with what is left."""

    def __init__(self, balances: QuerySet[Balance], standings: Iterable[Standing], **wishes: Any) -> None:
        super().__init__(balances, empty_label=None, **wishes)
        self.choices = [(one.balance_id, _named(one)) for one in standings]


def _named(standing: Standing) -> str:
    names = {"account": standing.account_number, "service": standing.service_name}
    if not standing.known:
        return gettext("%(account)s · %(service)s, %(unit)s") % {**names, "unit": reading.unit(standing.unit)}
    return gettext("%(account)s · %(service)s: %(left)s") % {
        **names,
        "left": reading.left(standing.left, standing.unit),
    }


def _least(services: Iterable[Service]) -> str:
    """What a top-up does to the 100 %, and which is too small for that."""
    least = {
        one.name: gettext("%(service)s below %(least)s")
        % {"service": one.name, "least": reading.amount(one.rearm_from, one.unit)}
        for one in services
        if one.rearm_from
    }
    said = gettext("A top-up becomes the new 100 %.")
    small = ", ".join(least.values())
    return f"{said} {gettext('Smaller ones only add: %(small)s.') % {'small': small}}" if least else said


class EntryForm(forms.Form):
    """One entry of a balance. `ref` is made with the form, so that a form sent twice posts once."""

    kind = forms.TypedChoiceField(
        label=_("What"),
        choices=[(int(kind), words) for kind, words in KINDS.items()],
        coerce=lambda value: EntryKind(int(value)),
    )
    amount = fields.AmountField(
        label=_("Amount"),
        signed=True,
        help_text=_("In the unit of the service. An adjustment may be below zero; otherwise the kind gives the sign."),
    )
    occurred_at = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    memo = forms.CharField(
        label=_("Memo"),
        required=False,
        max_length=entries.MEMO_LENGTH,
        help_text=_("What it is for, such as the number of the payment."),
    )
    ref = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any,
        *,
        balances: QuerySet[Balance],
        standings: Iterable[Standing],
        now: datetime,
        initial: dict[str, Any],
    ) -> None:
        super().__init__(data, initial={"ref": uuid.uuid4(), "occurred_at": now.replace(second=0), **initial})
        self.now = now
        self.fields["balance"] = BalanceField(balances, standings, label=_("Balance"))
        self.fields["kind"].help_text = _least(one.service for one in balances)
        self.order_fields(["kind", "balance", "amount", "occurred_at", "memo", "ref"])

    def clean_occurred_at(self) -> datetime:
        at: datetime = self.cleaned_data["occurred_at"]
        if at > self.now + timedelta(days=1):
            raise forms.ValidationError(_("This is more than a day ahead."))
        return at

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        amount = Decimal(cleaned.get("amount") or 0)
        if "amount" in cleaned and not amount:
            self.add_error("amount", _("An amount of 0 changes nothing."))
        if amount < 0 and cleaned.get("kind") != EntryKind.ADJUSTMENT:
            self.add_error("amount", _("Write it without a minus: what it is gives the sign."))
        return cleaned

    @property
    def balance(self) -> Balance:
        """The balance chosen."""
        chosen: Balance = self.cleaned_data["balance"]
        return chosen

    def entry(self) -> NewEntry:
        """The entry as it will be posted."""
        return NewEntry(
            position=0,
            account=self.balance.number,
            service=self.balance.service.code,
            kind=self.cleaned_data["kind"],
            amount=units.parse_amount(self.cleaned_data["amount"]),
            occurred_at=self.cleaned_data["occurred_at"],
            ref=f"console:{self.cleaned_data['ref']}",
            memo=self.cleaned_data["memo"],
        )

    def refuse(self, refusal: entries.Refusal) -> None:
        """Say why the ledger refused, at the field where it is mended."""
        if refusal.reason == entries.Reason.CONFLICT:
            self.add_error(None, _("This form was posted already, with other figures. Open a new one."))
        else:
            self.add_error(_FIELD_OF.get(refusal.reason), refusals.said(refusal.message))
