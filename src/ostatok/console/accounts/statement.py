"""The statement of a balance: every entry of a period, newest first, with what was left after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from ostatok.console.clients import telling
from ostatok.console.list_pages import Filters
from ostatok.ledger import statements
from ostatok.ledger.models import Balance, Entry, EntryKind
from ostatok.ledger.statements import Period
from ostatok.parties.access import Actor
from ostatok.web import paging, reading

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
        days = Period(since=reading.since(self.chosen("since")), until=reading.until(self.chosen("until")))
        rows = days.of(rows)
        if kind := self.chosen("entries"):
            rows = rows.filter(kind=int(kind))
        return rows


@dataclass(frozen=True, slots=True)
class Line:
    """An entry, and what its balance had after it in the order of posting, in base units.

    `posted_later`: when it was posted, if on a later day.
    """

    entry: Entry
    what: str
    after: Decimal
    posted_later: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A page of the statement of one balance."""

    balance: Balance
    lines: Sequence[Line]
    page: paging.Page[Entry]


def of(actor: Actor, balance: Balance, filters: StatementFilters, query: Any) -> Statement:
    """The page that the query asks for: three queries, of which the second sums what came after the page."""
    every = Entry.objects.visible_to(actor).filter(organization=balance.organization_id, balance=balance)
    page = paging.cut(filters.apply(every), order=statements.ORDER, query=query)
    after = statements.left_after(every, balance, page.items)
    lines = [Line(entry, telling.kind_of(entry), after[entry.seq], telling.posted_later(entry)) for entry in page.items]
    return Statement(balance=balance, lines=lines, page=page)
