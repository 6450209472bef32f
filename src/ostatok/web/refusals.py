"""Why a row or entry was refused, in the language of whoever reads the page.

A refusal has a stable code and an English text, which the API and the command line tell. Here its text is taken apart
by the sentence it was made of, and said again in another language with the same values; what nobody knows stays.
"""

import re
from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_noop

from ostatok.ledger.models import EntryKind
from ostatok.notices import words
from ostatok.web import reading
from ostatok.web.sentences import Phrasebook

#: The sentences about amounts and units (kernel.units), which others contain.
AMOUNTS: Final = (
    gettext_noop("unknown unit %(unit)s: did you mean %(near)s?"),
    gettext_noop("unknown unit %(unit)s: use %(known)s or an ISO currency"),
    gettext_noop("%(amount)s is too large: at most %(count)s digits before the dot"),
    gettext_noop("%(amount)s is too fine: at most %(count)s digits after the dot"),
    gettext_noop("%(amount)s is not an amount: %(why)s"),
    gettext_noop("%(amount)s is not an amount"),
    gettext_noop("it is empty"),
    gettext_noop("it must be a number"),
    gettext_noop("write it out without an exponent"),
    gettext_noop("write a dot before the decimals, not a comma"),
    gettext_noop("write it without separators between thousands"),
    gettext_noop("write digits with a dot before the decimals, such as 12.50"),
    gettext_noop("it is %(count)s characters long"),
)

#: The sentences of refusals (ledger, intake), what is longer before what it contains.
SENTENCES: Final = (
    gettext_noop("there is no service %(service)s in this organization"),
    gettext_noop("there is no account %(account)s in this organization"),
    gettext_noop("there is no account %(account)s with the service %(service)s"),
    gettext_noop("there is no account %(account)s"),
    gettext_noop("account %(account)s does not have the service %(service)s"),
    gettext_noop("a ref has 1 to %(count)s characters, and no NUL among them"),
    gettext_noop("%(ref)s is taken: such refs are those of imported balances"),
    gettext_noop("a memo has at most %(count)s characters, and no NUL among them"),
    gettext_noop("a reversal, and only a reversal, names the ref it reverses"),
    gettext_noop("snapshots are imported as balances, not as entries"),
    gettext_noop("the time must say its zone"),
    gettext_noop("%(time)s is more than a day in the future"),
    gettext_noop("the amount is missing"),
    gettext_noop("%(kind)s of 0 changes nothing"),
    gettext_noop("the amount must not be negative: the kind gives the sign"),
    gettext_noop("the service is kept in %(unit)s, not in %(other)s"),
    gettext_noop(
        "ref %(ref)s is already a %(entry)s on account %(account)s, service %(service)s, at %(time)s; this one is a"
        " %(other_entry)s on account %(other_account)s, service %(other_service)s, at %(other_time)s"
    ),
    gettext_noop("an opening must be the first entry of its balance"),
    gettext_noop("there is no entry %(ref)s to reverse"),
    gettext_noop("%(ref)s is itself a reversal: post the entry anew instead"),
    gettext_noop("%(ref)s is an entry of another account or service"),
    gettext_noop("a reversal takes the whole amount of %(ref)s"),
    gettext_noop("%(ref)s was already reversed by %(other_ref)s"),
    gettext_noop("the last top-up must be above 0"),
    gettext_noop("the credit limit must not be negative"),
    gettext_noop("a last top-up needs both its amount and its time"),
    gettext_noop("the last top-up is later than the balance it is part of"),
    gettext_noop("the balance is already known as of %(time)s"),
    gettext_noop("another balance was already stated as of the same moment"),
    gettext_noop("the row has %(cells)s columns, the header %(width)s"),
    gettext_noop("a quote is opened here and not closed"),
    gettext_noop('a closing quote must end its cell: write a quote within quotes twice ("")'),
    gettext_noop("there is a carriage return within the line"),
    gettext_noop("there is a NUL byte in the line"),
    gettext_noop("the line is %(count)s bytes long, more than %(most)s"),
    gettext_noop(
        "this is not %(encoding)s, see byte %(byte)s at position %(position)s; if the file is in another encoding,"
        " name it: --encoding %(other)s"
    ),
    gettext_noop("%(written)s is longer than %(count)s characters"),
    gettext_noop("%(written)s is not a date: write 2026-11-22 or 2026-11-22T09:00:00+03:00"),
    gettext_noop("it is empty: write 2026-11-22 or 2026-11-22T09:00:00+03:00"),
    gettext_noop("the year %(year)s is before %(oldest)s"),
    gettext_noop("%(kind_written)s is unknown: did you mean %(near)s?"),
    gettext_noop("%(kind_written)s is unknown: write %(known)s"),
    *AMOUNTS,
    gettext_noop("The file is empty."),
    gettext_noop("This file cannot be read: %(why)s."),
    gettext_noop("it is a spreadsheet or an archive: save it as CSV"),
    gettext_noop("it is an old spreadsheet: save it as CSV"),
    gettext_noop("it is a PDF: a CSV file is needed"),
    gettext_noop("it is compressed: unpack it first"),
    gettext_noop("it is UTF-16: save it as UTF-8"),
    gettext_noop("it is no text, a CSV file is needed"),
    gettext_noop("The file is larger than %(size)s MB: split it."),
    gettext_noop("the file is empty: its first line must name the columns"),
    gettext_noop("line 1 must name the columns: %(complaints)s"),
    gettext_noop("line 1: %(why)s"),
    gettext_noop("unknown column %(column)s: did you mean %(near)s?"),
    gettext_noop("unknown column %(column)s"),
    gettext_noop("missing %(columns)s"),
    gettext_noop("column %(column)s stands there twice"),
)

#: A cell that is wrong is named by its column, as it stands in the file.
_OF_A_COLUMN: Final = re.compile(r"([a-z_]+): (.+)", re.DOTALL)


def said(message: str) -> str:
    """The text of a refusal in the reader's language."""
    column = _OF_A_COLUMN.fullmatch(message)
    if column and (why := _BOOK.said(column[2])) != column[2]:
        return f"{column[1]}: {why}"
    return _BOOK.said(message)


def _kind(label: str) -> str:
    """A kind of entry, as the ledger writes it, in words."""
    name = _KINDS.get(label)
    return words.ENTRY_KINDS[reading.language()][name] if name else label


def _entry(written: str) -> str:
    """`charge of 5 min`, in words; a reversal may have no amount."""
    label, of, amount = written.partition(" of ")
    return f"{_kind(label)}, {amount}" if of else _kind(label)


def _complaints(written: str) -> str:
    return "; ".join(_BOOK.said(one) for one in written.split("; "))


_KINDS: Final[Mapping[str, str]] = {str(kind.label): kind.name.lower() for kind in EntryKind}
_BOOK: Final = Phrasebook(
    SENTENCES,
    {
        "kind": _kind,
        "entry": _entry,
        "other_entry": _entry,
        "complaints": _complaints,
    },
    perhaps=["why"],
)
