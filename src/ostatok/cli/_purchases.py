"""The shop of the demo: real purchases become charges against prepaid balances that are topped up as customers would.

The purchases are real, the balances are not. Each customer has a usual top-up of 25, 50, 100 or 200 dollars and pays it
on signing up, just before the first purchase. Where a purchase costs more than what is left, four customers of five
top up first, by as many of their usual top-ups as it takes. The fifth is late: the purchase goes through, the balance
falls below zero, and the top-up comes with the next purchase. Which customer does what follows from the customer's id
alone, so that every run makes the same entries.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Final
from zlib import crc32

_TOP_UPS: Final = (25, 50, 100, 100, 200)
_ONE_LATE_OF: Final = 5
_OPENS_AT: Final = time(9)


@dataclass(frozen=True, kw_only=True, slots=True)
class Purchase:
    """One line of the sample; `number` is its place in it."""

    number: int
    customer: str
    day: date
    items: int
    dollars: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Movement:
    """A top-up or a charge; `at` is the shop's local time."""

    customer: str
    kind: str
    dollars: Decimal
    at: datetime
    ref: str
    memo: str = ""


@dataclass(slots=True)
class _Customer:
    id: str
    left: Decimal = Decimal(0)
    top_ups: int = 0
    usual: int = field(init=False)
    late: bool = field(init=False)

    def __post_init__(self) -> None:
        trait = crc32(self.id.encode())
        self.usual = _TOP_UPS[trait % len(_TOP_UPS)]
        self.late = trait // len(_TOP_UPS) % _ONE_LATE_OF == 0

    def tops_up_before(self, purchase: Purchase) -> bool:
        """Whether a top-up has to come, and does, before this purchase."""
        return self.left < 0 or (self.left < purchase.dollars and not self.late)

    def top_up(self, needed: Decimal, at: datetime) -> Movement:
        """Pay in the usual top-up, as many times as bring the balance to what is needed."""
        times = ((needed - self.left) / self.usual).to_integral_value(ROUND_CEILING)
        dollars = max(times, Decimal(1)) * self.usual
        self.left += dollars
        self.top_ups += 1
        return Movement(customer=self.id, kind="top_up", dollars=dollars, at=at, ref=f"top-up-{self.id}-{self.top_ups}")

    def charge(self, purchase: Purchase, at: datetime) -> Movement:
        self.left -= purchase.dollars
        return Movement(
            customer=self.id,
            kind="charge",
            dollars=purchase.dollars,
            at=at,
            ref=f"purchase-{purchase.number}",
            memo=f"{purchase.items} × CD",
        )


def read(sample: Path) -> list[Purchase]:
    """The purchases of the sample in date order."""
    with sample.open(encoding="ascii", newline="") as file:
        purchases = [_purchase(number, row) for number, row in enumerate(csv.DictReader(file), start=1)]
    return sorted(purchases, key=lambda one: (one.day, one.number))


def _purchase(number: int, row: dict[str, str]) -> Purchase:
    return Purchase(
        number=number,
        customer=row["customer_id"],
        day=date.fromisoformat(row["date"]),
        items=int(row["items"]),
        dollars=Decimal(row["dollars"]),
    )


def movements(purchases: Iterable[Purchase]) -> Iterator[Movement]:
    """Charges and top-ups in the order in which they happen, one a minute."""
    customers: dict[str, _Customer] = {}
    at = datetime.combine(date.min, _OPENS_AT)
    for purchase in purchases:
        at = max(at, datetime.combine(purchase.day, _OPENS_AT))
        customer = customers.get(purchase.customer)
        if customer is None:
            customer = customers[purchase.customer] = _Customer(purchase.customer)
            yield customer.top_up(Decimal(0), at := at + timedelta(minutes=1))
        if customer.tops_up_before(purchase):
            yield customer.top_up(purchase.dollars, at := at + timedelta(minutes=1))
        yield customer.charge(purchase, at := at + timedelta(minutes=1))
