"""The statement of one service of an account: every entry of a period, newest first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from ostatok.kernel import text
from ostatok.ledger import statements
from ostatok.ledger.models import Balance, Entry, EntryKind
from ostatok.ledger.standing import Standing
from ostatok.ledger.statements import Period
from ostatok.notices import words
from ostatok.parties.access import Actor
from ostatok.web import paging, reading

SIZE: Final = 30


class PeriodForm(forms.Form):
    """From one day to another, both included; either may be open."""

    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("This is before the first day."))
        return cleaned


@dataclass(frozen=True, kw_only=True, slots=True)
class Days:
    """Days of the client's own calendar, both included; None: open on that side."""

    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        return self.since is not None or self.until is not None

    def period(self) -> Period:
        """From the first midnight to the last."""
        return Period(since=reading.since(self.since), until=reading.until(self.until))


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One entry as a client reads it, and what was left after it in the order of posting; amounts in base units.

    `posted_later`: when it was posted, if on a later day.
    """

    what: str
    memo: str
    at: datetime
    posted_later: datetime | None
    amount: Decimal
    after: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A page of the statement; `came` and `went` are the sums of a period, None where all of time is shown."""

    standing: Standing
    lines: tuple[Line, ...]
    page: paging.Page[Entry]
    came: Decimal | None
    went: Decimal | None


def of(actor: Actor, balance: Balance, standing: Standing, days: Days, query: Mapping[str, str]) -> Statement:
    """The statement of this balance, as far as the actor may see it: three queries or four, with days one more."""
    every = _every(actor, balance)
    rows = days.period().of(every)
    page = paging.cut(rows, order=statements.ORDER, query=query, size=SIZE)
    after = statements.left_after(every, balance, page.items)
    sums = statements.sums(rows) if days else None
    return Statement(
        standing=standing,
        lines=tuple(_line(entry, after[entry.seq]) for entry in page.items),
        page=page,
        came=sums.came if sums else None,
        went=sums.went if sums else None,
    )


def taken_out(actor: Actor, balance: Balance, days: Days) -> Iterator[Line]:
    """Every entry of the days, the newest first, as it is read: what was left is told from all entries on the way."""
    period, left = days.period(), balance.amount
    for entry in _every(actor, balance).order_by(*statements.ORDER).iterator(chunk_size=1000):
        if period.has(entry.occurred_at):
            yield _line(entry, left)
        left -= entry.amount


def _every(actor: Actor, balance: Balance) -> QuerySet[Entry]:
    """All entries of a balance; their primary key leads with the organization."""
    return Entry.objects.visible_to(actor).filter(organization=balance.organization_id, balance=balance)


def _line(entry: Entry, after: Decimal) -> Line:
    kind = EntryKind(entry.kind).name.lower()
    return Line(
        what=words.ENTRY_KINDS[reading.language()][kind],
        memo=text.one_line(entry.memo),
        at=entry.occurred_at,
        posted_later=reading.posted_later(entry.posted_at, entry.occurred_at),
        amount=entry.amount,
        after=after,
    )
