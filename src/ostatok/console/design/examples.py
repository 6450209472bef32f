"""What the living page shows: balances in every band, a form in every state. Invented, and the same on every day."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django import forms

from ostatok.ledger.standing import Base, Standing
from ostatok.web import widgets

NOW: Final = datetime(2026, 11, 21, 8, 46, tzinfo=UTC)

_NAMES: Final = {"АД": "Автоматический обзвон должников", "АППС": "Автоматический приём показаний"}


def standing(left: int | str, mark: int | str | None, unit: str = "min", service: str = "АД", **more: Any) -> Standing:
    """A balance with `left` of `mark`, in units; `used` units in the last seven days."""
    factor = 60 if unit == "min" else 1
    topped_up = None if mark is None else NOW - timedelta(days=1)
    values: dict[str, Any] = {
        "balance_id": 1,
        "account_id": 1,
        "account_number": "100001",
        "service_id": 1,
        "service_code": service.lower(),
        "service_name": service,
        "service_full_name": _NAMES.get(service, service),
        "unit": unit,
        "amount": Decimal(left) * factor,
        "held": Decimal(0),
        "credit_limit": Decimal(more.pop("credit", 0)) * factor,
        "known": True,
        "base": Base.LAST_TOP_UP,
        "mark": None if mark is None else Decimal(mark) * factor,
        "last_top_up": None if mark is None else Decimal(mark) * factor,
        "topped_up_at": topped_up,
        "last_charge_at": NOW - timedelta(minutes=8),
        "first_entry_at": NOW - timedelta(days=90),
        "as_of": None,
        "used": Decimal(more.pop("used", 0)) * factor,
        "now": NOW,
    }
    return Standing(**(values | more))


STANDINGS: Final = (
    standing("2614.80", 2000, "RUB", "Электроэнергия", used=1400),
    standing(62, 100, used=70),
    standing(20, 100),
    standing(15, 100, used=300),
    standing(10, 100),
    standing(9, 100, used=40),
    standing(1, 100, used=10),
    standing(0, 100),
    standing(-32, 100, credit=50),
    standing("-32050.50", 1000, "KZT", "Интернет"),
    standing(40, None),
    standing(0, None, known=False, service="АППС"),
    standing(1240, 2000, service="АППС", used=400),
    standing("1.5", 100),
)

_PEOPLE: Final = (
    ("1", "Agnieszka Nowak-Kowalczyk"),
    ("2", "Бауыржан Жәнібеков"),
    ("3", "Katarzyna Wiśniewska"),
    ("4", "Łukasz Świętochowski"),
    ("5", "Александра Владимировна Константинопольская"),
)


class Example(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Name", help_text="Shown in lists and reports.")
    threshold = forms.DecimalField(
        label="Threshold", help_text="When less is available.", widget=widgets.UnitInput("₸")
    )
    email = forms.EmailField(label="E-mail")
    service = forms.ChoiceField(
        label="Service", choices=[("ad", "АД, Автоматический обзвон должников"), ("appps", "АППС")]
    )
    mark = forms.ChoiceField(
        label="What counts as 100 %",
        choices=[("last_top_up", "The last top-up"), ("balance_after", "The balance right after it")],
        widget=forms.RadioSelect,
    )
    users = forms.MultipleChoiceField(
        label="Users", help_text="Who gets a copy.", choices=_PEOPLE, widget=widgets.Pick("Add a user"), required=False
    )
    text = forms.CharField(label="Text", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    day = forms.DateField(label="Promised until", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    digest = forms.BooleanField(
        label="One digest", help_text="Instead of a letter for each client.", widget=widgets.Switch, required=False
    )
    notify_now = forms.BooleanField(label="Notify them now", help_text="137 e-mails and 94 SMS", required=False)
    file = forms.FileField(label="File", help_text="CSV, at most 20 MB.", widget=widgets.Drop, required=False)


FILLED: Final = {
    "name": "Wholesale prepaid",
    "threshold": "50.00",
    "email": "boss@wholesale",
    "service": "ad",
    "mark": "last_top_up",
    "users": ["1", "2"],
    "notify_now": "on",
}


@dataclass(frozen=True)
class Cut:
    """A page of a list with more on both sides."""

    previous: str | None = "before"
    next: str | None = "after"
    broken: bool = False


@dataclass(frozen=True)
class Point:
    """What was left at a moment."""

    at: datetime
    amount: Decimal


def history(*hours_and_left: tuple[float, int]) -> list[Point]:
    """Points so many hours before NOW, in minutes of a service."""
    return [Point(NOW - timedelta(hours=hours), Decimal(left) * 60) for hours, left in hours_and_left]


#: Two top-ups of 100 minutes, used up in eight days each.
HISTORY: Final = history(
    (240, 7), (228, 3), (222, 100), (216, 93), (204, 82), (198, 71), (180, 64), (156, 60), (140, 52), (132, 44),
    (114, 38), (108, 31), (96, 24), (84, 17), (66, 8),
    (50, 4), (26, 0), (25, 100), (24, 81), (20, 58), (3, 21), (0.2, 15),
)  # fmt: skip
WEEK: Final = HISTORY[8:]
