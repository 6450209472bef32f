"""When a threshold is crossed and a band entered.

Every question is answered exactly: percentages are compared by multiplying, never by dividing.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import ClassVar

HUNDRED = Decimal(100)
DAY = Decimal(86_400)


class Mark(StrEnum):
    """What 100 % is."""

    LAST_TOP_UP = "last_top_up"
    BALANCE_AFTER = "balance_after"
    PACKAGE = "package"


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What is available, and what was used within so many seconds."""

    available: Decimal
    used: Decimal
    seconds: int


@dataclass(frozen=True, kw_only=True)
class Below:
    """Fires when less than `amount` is available."""

    kind: ClassVar[str] = "balance_below"
    amount: Decimal
    unit: str

    def speaks_to(self, unit: str) -> bool:
        return unit == self.unit

    def is_beyond(self, available: Decimal) -> bool:
        return available < self.amount

    def is_clear(self, available: Decimal, hysteresis: Decimal) -> bool:
        return available >= self.amount + hysteresis


@dataclass(frozen=True, kw_only=True)
class Above:
    """Fires when more than `amount` is available."""

    kind: ClassVar[str] = "balance_above"
    amount: Decimal
    unit: str

    def speaks_to(self, unit: str) -> bool:
        return unit == self.unit

    def is_beyond(self, available: Decimal) -> bool:
        return available > self.amount

    def is_clear(self, available: Decimal, hysteresis: Decimal) -> bool:
        return available <= self.amount - hysteresis


@dataclass(frozen=True, kw_only=True)
class Exhausted:
    """Fires when nothing is available any more, in whatever unit."""

    kind: ClassVar[str] = "balance_exhausted"

    def speaks_to(self, unit: str) -> bool:
        return True

    def is_beyond(self, available: Decimal) -> bool:
        return available <= 0

    def is_clear(self, available: Decimal, hysteresis: Decimal) -> bool:
        return available > 0 and available >= hysteresis


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """Fires when what is available lasts for fewer `days`, in whatever unit; looked at by sweeps."""

    kind: ClassVar[str] = "forecast_below"
    days: int

    def speaks_to(self, unit: str) -> bool:
        return True

    def is_beyond(self, outlook: Outlook) -> bool:
        return outlook.used > 0 and outlook.available * outlook.seconds < self.days * DAY * outlook.used

    def is_clear(self, outlook: Outlook, hysteresis: Decimal) -> bool:
        """What is available and not used lasts for ever."""
        enough = (self.days + hysteresis) * DAY * outlook.used
        return outlook.available > 0 and outlook.available * outlook.seconds >= enough


@dataclass(frozen=True, order=True)
class Band:
    """`lower <= p < upper`, both in percent; without `lower` it has no lower edge."""

    upper: Decimal
    lower: Decimal | None = None

    def holds(self, left: Decimal, mark: Decimal) -> bool:
        """Is what is left of a positive mark inside this band?"""
        return self.is_passed(left, mark) and (self.lower is None or left * HUNDRED >= self.lower * mark)

    def is_passed(self, left: Decimal, mark: Decimal) -> bool:
        """Is what is left of a positive mark inside this band or below it?"""
        return left * HUNDRED < self.upper * mark


@dataclass(frozen=True, kw_only=True)
class Bands:
    """Fires once per epoch for each band entered; bands stand from the highest to the lowest."""

    kind: ClassVar[str] = "balance_band"
    bands: tuple[Band, ...]
    mark: Mark = Mark.LAST_TOP_UP

    def __post_init__(self) -> None:
        if any(band.lower is not None and band.lower >= band.upper for band in self.bands):
            raise ValueError("an empty band")
        if any(higher.lower is None or higher.lower < lower.upper for higher, lower in pairwise(self.bands)):
            raise ValueError("bands overlap or are not in order")

    def speaks_to(self, unit: str) -> bool:
        return True

    def entered(self, left: Decimal, mark: Decimal) -> Band | None:
        """The one band that holds what is left, if any does: there may be gaps."""
        return next((band for band in self.bands if band.holds(left, mark)), None)

    def passed(self, left: Decimal, mark: Decimal) -> frozenset[Band]:
        """The band that holds what is left and all above it."""
        return frozenset(band for band in self.bands if band.is_passed(left, mark))


Threshold = Below | Above | Exhausted
Trigger = Threshold | Forecast | Bands
