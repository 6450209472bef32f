"""Fields that the console's forms share."""

import zoneinfo
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ostatok.kernel import units
from ostatok.parties.access import Actor, Permission
from ostatok.parties.models import Language, Membership, Organization, User

_SPACES = str.maketrans("", "", " \u00a0\u202f")


class OrganizationField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of the organizations in which the actor may do what `permission` names."""

    def __init__(self, actor: Actor, permission: Permission, **options: Any) -> None:
        rows = Organization.objects.visible_to(actor, permission).order_by("name", "pk")
        options.setdefault("label", _("Organization"))
        options.setdefault("empty_label", _("choose one") if options.get("required", True) else _("All organizations"))
        super().__init__(rows, **options)
        if "initial" not in options and len(first := list(rows[:2])) == 1:
            self.initial = first[0].pk


def staff(actor: Actor, path: Sequence[int] | None = None) -> QuerySet[User]:
    """Who works within the actor's reach: anywhere, or in one of the organizations of `path`."""
    held = Membership.objects.visible_to(actor)
    if path is not None:
        held = held.filter(organization__in=path)
    return User.objects.filter(pk__in=held.values("user_id"))


class StaffField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of the staff; `kept` is offered though it may not sign in any more."""

    def __init__(
        self, actor: Actor, *, path: Sequence[int] | None = None, kept: int | None = None, **options: Any
    ) -> None:
        offered = Q(is_active=True) | Q(pk=kept)
        super().__init__(staff(actor, path).filter(offered).order_by("name", "email"), **options)

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name or obj.email)


class AmountField(forms.CharField):
    """An amount as people write it, `1 234,50` or `1234.50`; cleaned to plain digits, empty where none was written."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "amount": _("This is not an amount. Write digits, such as 12.50."),
        "negative": _("Write an amount of 0 or more."),
    }

    def __init__(self, *, signed: bool = False, **options: Any) -> None:
        self.signed = signed
        options.setdefault("max_length", 40)
        super().__init__(**options)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean(self, value: Any) -> str:
        """Digits with a dot. Raises ValidationError."""
        written = plain(super().clean(value))
        if not written:
            return ""
        try:
            amount = units.parse_amount(written)
        except units.BadAmountError as error:
            raise ValidationError(self.error_messages["amount"]) from error
        if amount < 0 and not self.signed:
            raise ValidationError(self.error_messages["negative"])
        return written


def plain(written: str) -> str:
    """An amount without the spaces between its thousands, with a dot before its decimals and a plain minus."""
    bare = written.translate(_SPACES).replace("\u2212", "-")
    return bare.replace(",", ".") if bare.count(",") == 1 and "." not in bare else bare


def shown(amount: Decimal | None, unit: str) -> str:
    """An amount in bases as a form shows it in the unit, to be edited."""
    return "" if amount is None else f"{units.from_base(amount, unit).normalize():f}"


class ZoneField(forms.ChoiceField):
    """A time zone by its name."""

    def __init__(self, *, blank: Any = None, **options: Any) -> None:
        first = [] if blank is None else [("", blank)]
        options.setdefault("label", _("Time zone"))
        super().__init__(choices=[*first, *zones()], required=blank is None, **options)


@cache
def zones() -> Sequence[tuple[str, str]]:
    """Zones that people live in, by name: those of a continent, and UTC."""
    names = sorted(name for name in zoneinfo.available_timezones() if _inhabited(name))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


def _inhabited(name: str) -> bool:
    return name.partition("/")[0] in {
        "Africa",
        "America",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    }


class LanguageField(forms.ChoiceField):
    """A language that messages can be in."""

    def __init__(self, *, blank: Any = None, **options: Any) -> None:
        first = [] if blank is None else [("", blank)]
        options.setdefault("label", _("Language"))
        super().__init__(choices=[*first, *Language.choices], required=blank is None, **options)
