"""What stands in a cell becomes an amount, a moment or text; refusals are in the words of whoever wrote the file."""

from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Final

from ostatok.kernel import units
from ostatok.ledger.entries import Reason, RefusedError

_OLDEST: Final = 1900
_LONGEST_CODE: Final = 64
_BETWEEN_DAY_AND_TIME: Final = frozenset({"", "T", "t", " "})


def amount(written: str, column: str) -> Decimal:
    """The number a cell holds. Raises RefusedError."""
    try:
        return units.parse_amount(written)
    except units.BadAmountError as error:
        raise RefusedError(Reason.BAD_AMOUNT, f"{column}: {error}") from None


def moment(written: str, column: str, zone: tzinfo) -> datetime:
    """The moment an ISO 8601 date, or date and time, stands for: in `zone` if it names none. Raises RefusedError."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        raise _not_a_date(written, column) from None
    if written[4:5] != "-" or written[7:8] != "-" or written[10:11] not in _BETWEEN_DAY_AND_TIME:
        raise _not_a_date(written, column)
    if found.year < _OLDEST:
        raise RefusedError(Reason.BAD_DATE, f"{column}: the year {found.year} is before {_OLDEST}")
    return found if found.tzinfo else found.replace(tzinfo=zone)


def code(written: str, column: str, unknown: Reason) -> str:
    """An account number or the code of a service, no longer than any that exist. Raises RefusedError."""
    if len(written) > _LONGEST_CODE:
        raise RefusedError(unknown, f"{column}: {written[:40] + '…'!r} is longer than {_LONGEST_CODE} characters")
    return written


def _not_a_date(written: str, column: str) -> RefusedError:
    shown = f"{written[:40]!r} is not a date" if written else "it is empty"
    return RefusedError(Reason.BAD_DATE, f"{column}: {shown}: write 2026-11-22 or 2026-11-22T09:00:00+03:00")
