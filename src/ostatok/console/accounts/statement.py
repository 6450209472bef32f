"""The statement of a balance: every entry of a period, newest first, with what was left after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from ostatok.console.clients import telling
from ostatok.console.list_pages import Filters
from ostatok.ledger.models import Balance, Entry, EntryKind
from ostatok.parties.access import Actor
from ostatok.web import paging, reading

ORDER: Final = ("-seq",)
KINDS: Final = (
    ("", _("Everything")),
    (str(int(EntryKind.TOP_UP)), _("Top-ups")),
    (str(int(EntryKind.CHARGE)), _("Charges")),
    (str(int(EntryKind.ADJUSTMENT)), _("Adjustments")),
    (str(int(EntryKind.REFUND)), _("Refunds")),
    (str(int(EntryKind.REVERSAL)), _("Reversals")),
)


class StatementFilters(Filters):
    """Which days and which kind; days are those of the reader's clock, both included."""

    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}))
    entries = forms.ChoiceField(label=_("Kind"), required=False, choices=KINDS)

    def apply(self, rows: QuerySet[Entry]) -> QuerySet[Entry]:
        """Those of the rows that are meant."""
        if since := self.chosen("since"):
            rows = rows.filter(occurred_at__gte=_midnight(since))
        if until := self.chosen("until"):
            rows = rows.filter(occurred_at__lt=_midnight(until + timedelta(days=1)))
        if kind := self.chosen("entries"):
            rows = rows.filter(kind=int(kind))
        return rows


@dataclass(frozen=True, slots=True)
class Line:
    """An entry, and what its balance had after it in the order of posting, in base units."""

    entry: Entry
    what: str
    after: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A page of the statement of one balance."""

    balance: Balance
    lines: Sequence[Line]
    page: paging.Page[Entry]


def of(actor: Actor, balance: Balance, filters: StatementFilters, query: Any) -> Statement:
    """The page that the query asks for: three queries, of which the second sums what came after the page."""
    every = Entry.objects.visible_to(actor).filter(organization=balance.organization_id, balance=balance)
    page = paging.cut(filters.apply(every), order=ORDER, query=query)
    return Statement(balance=balance, lines=_lines(every, balance, page.items), page=page)


def _lines(every: QuerySet[Entry], balance: Balance, shown: Sequence[Entry]) -> list[Line]:
    """What was left is told backwards from what the balance has; entries that the filters leave out count too."""
    if not shown:
        return []
    between = every.filter(seq__gte=shown[-1].seq)
    later = between.filter(seq__gt=shown[0].seq).aggregate(Sum("amount", default=Decimal(0)))["amount__sum"]
    left = balance.amount - later
    after: dict[int, Decimal] = {}
    for seq, amount in between.filter(seq__lte=shown[0].seq).order_by("-seq").values_list("seq", "amount"):
        after[seq] = left
        left -= amount
    return [Line(entry, telling.kind_of(entry), after[entry.seq]) for entry in shown]


def _midnight(day: date) -> datetime:
    """Its beginning on the reader's clock."""
    return datetime.combine(day, time.min, reading.zone())
