"""What is left of one balance, and how low that is: the figures of every panel, bar and list. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from ostatok.kernel import text
from ostatok.ledger import forecast


class Base(StrEnum):
    """What counts as 100 %: see FEATURES A7."""

    LAST_TOP_UP = "last_top_up"
    BALANCE_AFTER = "balance_after"
    PACKAGE = "package"


class Band(StrEnum):
    """How low a balance is, on the scale that the bars of every page use; `none` without a mark."""

    OK = "ok"
    LOW = "low"
    LOWER = "lower"
    CRIT = "crit"
    NONE = "none"


#: Exactly 20 % is ok, exactly 10 % is low, exactly 5 % is lower.
EDGES: Final = ((Decimal(20), Band.OK), (Decimal(10), Band.LOW), (Decimal(5), Band.LOWER))


def band_of(percent: Decimal | None) -> Band:
    """The band of a per cent of the mark."""
    if percent is None:
        return Band.NONE
    return next((band for edge, band in EDGES if percent >= edge), Band.CRIT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """One balance as of `now`; amounts in base units of `unit`, `held` and `credit_limit` never negative.

    `known` is false for a balance never posted to: it is not zero, nobody knows it. `mark` is the 100 % by `base`, and
    `topped_up_at` the moment of the top-up it lives on. `as_of` is what another billing stated it for, if one did.
    `used` is what was charged in the last seven days (ledger/forecast.py).
    """

    balance_id: int
    account_id: int
    account_number: str
    service_id: int
    service_code: str
    service_name: str
    service_full_name: str
    unit: str
    amount: Decimal
    held: Decimal
    credit_limit: Decimal
    known: bool
    base: Base
    mark: Decimal | None
    last_top_up: Decimal | None
    topped_up_at: datetime | None
    last_charge_at: datetime | None
    first_entry_at: datetime | None
    as_of: datetime | None
    used: Decimal
    now: datetime

    @property
    def left(self) -> Decimal:
        """The balance less what is held: what bands are measured on."""
        return self.amount - self.held

    @property
    def available(self) -> Decimal:
        """Balance + credit limit − held."""
        return self.amount + self.credit_limit - self.held

    @property
    def exhausted(self) -> bool:
        """Whether nothing is available any more."""
        return self.known and self.available <= 0

    @property
    def percent(self) -> Decimal | None:
        """What is left in per cent of the mark; None where it is not known or there is no mark above zero."""
        if not self.known or self.mark is None or self.mark <= 0:
            return None
        return text.EXACT.divide(self.left * 100, self.mark)

    @property
    def band(self) -> Band:
        return band_of(self.percent)

    @property
    def daily_use(self) -> Decimal:
        """What a day takes lately; 0 if nothing was charged."""
        return forecast.daily_use(self.used, forecast.span(self.first_entry_at, self.now))

    @property
    def lasts_until(self) -> datetime | None:
        """When it will be used up at the recent rate; None if it is already, or nobody can tell."""
        if not self.known:
            return None
        return forecast.lasts_until(self.available, self.used, forecast.span(self.first_entry_at, self.now), self.now)
