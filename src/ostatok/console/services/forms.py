"""The form of a service."""

from collections.abc import Sequence
from typing import Any, ClassVar

from babel.numbers import get_currency_name
from django import forms
from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ostatok.console import fields
from ostatok.console.described import DescribedForm
from ostatok.console.list_pages import Filters
from ostatok.kernel import units
from ostatok.kernel.unit_words import word
from ostatok.ledger.models import Balance, Service
from ostatok.parties.access import Actor, Permission
from ostatok.parties.models import CODE_LENGTH
from ostatok.web import reading


class ServiceFilters(Filters):
    """Services by organization."""

    def __init__(self, data: Any, *, actor: Actor) -> None:
        super().__init__(data, actor=actor)
        self.fields["organization"] = fields.OrganizationField(actor, Permission.SEE, required=False)
        self.full_clean()


class ServiceForm(DescribedForm):
    """A new service, or one that is there: its code then stays."""

    section: ClassVar[str] = "services"

    name = forms.CharField(label=_("Name"), max_length=250, help_text=_("As clients know it: АД, Internet."))
    full_name = forms.CharField(
        label=_("Full name"), max_length=250, required=False, help_text=_("Written out in letters, beside the name.")
    )
    unit = forms.ChoiceField(label=_("Unit"), help_text=_("What is left is typed and shown in it."))
    rearm_from = fields.AmountField(
        label=_("Smallest top-up that starts anew"),
        required=False,
        help_text=_(
            "In the unit. A smaller top-up only adds; one as large sets the new 100 %. Empty: any top-up does."
        ),
    )
    top_up_url = forms.URLField(
        label=_("Where clients top up"), required=False, assume_scheme="https", help_text=_("A link in letters.")
    )

    def __init__(self, data: Any, *, actor: Actor, service: Service | None = None) -> None:
        super().__init__(data, about=service)
        self.service = service
        if service is not None and (count := Balance.objects.filter(service=service).count()):
            self.fields["unit"].help_text = _counted_in(count)
        self.fields["unit"].choices = unit_choices(used_units(Service.objects.visible_to(actor)))  # type: ignore[attr-defined]
        if service is None:
            self.fields["organization"] = fields.OrganizationField(actor, Permission.CHANGE_SERVICES)
            self.fields["code"] = forms.CharField(
                label=_("Code"),
                max_length=CODE_LENGTH,
                help_text=_("How files and programs call it. It cannot be changed later."),
            )
            self.order_fields(["organization", "code"])

    def read(self, about: Service) -> dict[str, Any]:
        return {
            "name": about.name,
            "full_name": about.full_name,
            "unit": about.unit,
            "rearm_from": fields.shown(about.rearm_from, about.unit) if about.rearm_from else "",
            "top_up_url": about.top_up_url,
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.service is None and {"organization", "code"} <= cleaned.keys():
            same = Service.objects.filter(organization=cleaned["organization"], code=cleaned["code"])
            if same.exists():
                self.add_error("code", _("There is a service of this code already."))
        return cleaned

    def item(self) -> dict[str, Any]:
        cleaned = dict(self.cleaned_data)
        at = self.service.organization if self.service else cleaned.pop("organization")
        code = self.service.code if self.service else cleaned.pop("code")
        rearm_from = cleaned.pop("rearm_from") or "0"
        return {"organization": at.code, "code": code, "rearm_from": rearm_from, **cleaned}


def unit_choices(used: Sequence[str] = ()) -> list[tuple[Any, Any]]:
    """Units named in the reader's language: those that are `used`, then the others by what they measure."""
    known = [units.get(code) for code in units.codes() if code not in used]
    quantities = [(unit.code, unit_name(unit.code)) for unit in known if not unit.is_money]
    currencies = [(unit.code, unit_name(unit.code)) for unit in known if unit.is_money]
    own = [(code, unit_name(code)) for code in used]
    return [*own, (_("Quantities"), quantities), (_("Money"), currencies)]


def used_units(services: QuerySet[Service]) -> tuple[str, ...]:
    """The codes of units that services are counted in, those of most services first."""
    counted = services.order_by().values_list("unit").annotate(times=Count("pk")).order_by("-times", "unit")
    return tuple(code for code, _times in counted)


def unit_name(code: str) -> str:
    """`minutes`, `KZT · Kazakhstani tenge`, in the reader's language."""
    return f"{code} · {currency_name(code)}" if units.get(code).is_money else quantity_name(code)


def quantity_name(code: str) -> str:
    """`minutes`, in the reader's language."""
    return word(units.LARGEST.to_integral_value(), code, reading.language(), short=False)


def currency_name(code: str) -> str:
    """`Kazakhstani tenge`, in the reader's language."""
    return get_currency_name(code, locale=reading.language())


def _counted_in(count: int) -> str:
    """What becomes of balances when the unit of their service changes."""
    text = ngettext(
        "%(count)d balance is counted in it. In another unit of the same measure it stays as large and is only written "
        "otherwise, on pages, in letters and in files; to another measure it cannot be changed.",
        "%(count)d balances are counted in it. In another unit of the same measure they stay as large and are only "
        "written otherwise, on pages, in letters and in files; to another measure it cannot be changed.",
        count,
    )
    return text % {"count": count}
