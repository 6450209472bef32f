"""The last three weeks of the demo's accounts, so that there is a today: what was topped up, and what each day took.

The figures follow from the account alone. A file is made once for each home: to run the demo again posts nothing twice,
whatever the date.
"""

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import cycle
from pathlib import Path
from typing import Final

from ostatok.ledger.models import Balance
from ostatok.parties.access import System

_COLUMNS: Final = ("account", "service", "kind", "amount", "occurred_at", "ref")
_DAYS: Final = 20
#: What is left of the top-up in the end, account by account: all is well here, a letter is due there.
_LEFT: Final = tuple(map(Decimal, ("0.62", "0.15", "0.34", "0.07", "0.81", "0.03", "0.47", "-0.04", "0.18")))
#: What one tops up at a time, by unit.
_TOP_UP: Final = {"min": 600, "EUR": 100, "PLN": 90, "KZT": 9000}
#: How much of its usual share each day of a week takes.
_WEEK: Final = (100, 120, 90, 110, 130, 80, 70)
_CENT: Final = Decimal("0.01")

Row = tuple[str, ...]


def write(code: str, path: Path, *, now: datetime) -> Path:
    """Make the file of entries of an organization, unless it was made before."""
    if not path.exists():
        balances = Balance.objects.visible_to(System()).filter(organization__code=code)
        rows = balances.order_by("account__number", "service__code").values_list(
            "account__number", "service__code", "service__unit"
        )
        _write(path, _entries(list(rows), now))
    return path


def _entries(accounts: Sequence[tuple[str, str, str]], now: datetime) -> Iterator[Row]:
    """Day by day, as a billing hands them over."""
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(days=_DAYS, hours=1)
    plans = list(zip(accounts, cycle(_LEFT), strict=False))
    for (number, service, unit), _ in plans:
        yield _row(number, service, "top_up", Decimal(_TOP_UP[unit]), first)
    for day in range(1, _DAYS + 1):
        share = Decimal(_WEEK[day % len(_WEEK)]) / sum(_WEEK[at % len(_WEEK)] for at in range(1, _DAYS + 1))
        for (number, service, unit), left in plans:
            spent = (_TOP_UP[unit] * (1 - left) * share).quantize(_CENT)
            yield _row(number, service, "charge", spent, first + timedelta(days=day))


def _row(number: str, service: str, kind: str, amount: Decimal, at: datetime) -> Row:
    ref = f"demo-{number}-{service}-{at:%Y%m%d}-{kind}"
    return (number, service, kind, str(amount), at.isoformat(timespec="minutes"), ref)


def _write(path: Path, rows: Iterator[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows(rows)
