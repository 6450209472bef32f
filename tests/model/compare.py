"""What must be the same in two systems after the same history."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from tests.model.protocol import AlarmKey, AlarmState, Product
from tests.model.words import Notice, Subject


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Everything a system can show, but for the order in which notices were raised."""

    notices: Counter[Notice]
    balances: Mapping[Subject, Decimal]
    alarms: Mapping[AlarmKey, AlarmState]


def picture(system: Product) -> Picture:
    return Picture(notices=Counter(system.notices), balances=dict(system.balances), alarms=dict(system.alarms))
