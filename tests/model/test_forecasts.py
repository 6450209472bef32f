"""How long it lasts, in the model."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from tests.model.histories import START
from tests.model.ledger import Ledger
from tests.model.protocol import AlarmKey
from tests.model.triggers import Forecast
from tests.model.words import Account, Entry, Kind, Quota, Rule, Service, Subject

RULE = Rule(name="days", trigger=Forecast(days=3))
SUBJECT = Subject("100001", "ad")
DAY = timedelta(days=1)


def ledger(rule: Rule = RULE) -> Ledger:
    """700 units topped up five days ago."""
    made = Ledger([Service(code="ad", unit="min")], [Account(number="100001")])
    made.switch_on(rule, START)
    move(made, "top", 700, kind=Kind.TOP_UP, ago=5)
    return made


def move(
    system: Ledger, ref: str, amount: int, *, kind: Kind = Kind.CHARGE, ago: int = 0, later: timedelta = DAY * 0
) -> None:
    entry = Entry(
        ref=ref,
        account="100001",
        service="ad",
        kind=kind,
        amount=Decimal(amount),
        occurred_at=START + later - DAY * ago,
    )
    system.post([entry], START + later)


def told(system: Ledger, at: timedelta = DAY * 0) -> int:
    system.sweep(START + at)
    return len(system.notices)


def test_only_a_sweep_tells_and_it_tells_once() -> None:
    system = ledger()
    move(system, "a", -400)
    assert told(system) == 0
    move(system, "b", -50)
    assert (len(system.notices), told(system), told(system)) == (0, 1, 1)


def test_days_are_strict() -> None:
    system = ledger()
    move(system, "a", -400)
    move(system, "down", -60, kind=Kind.REFUND)
    assert told(system) == 0
    move(system, "less", -1, kind=Kind.REFUND)
    assert told(system) == 1


def test_a_top_up_re_arms_at_once_whatever_else_lifts_it_with_the_next_sweep() -> None:
    for kind, firing in ((Kind.TOP_UP, False), (Kind.ADJUSTMENT, True)):
        system = ledger()
        move(system, "a", -500)
        assert told(system) == 1
        move(system, "up", 500, kind=kind)
        assert (AlarmKey("days", SUBJECT) in system.alarms) is firing
        system.sweep(START)
        assert not system.alarms


def test_within_the_hysteresis_it_stays_firing() -> None:
    system = ledger(replace(RULE, quota=Quota(hysteresis=Decimal(5))))
    move(system, "a", -500)
    assert told(system) == 1
    move(system, "up", 500, kind=Kind.TOP_UP)
    assert system.alarms
    move(system, "more", 200, kind=Kind.TOP_UP)
    assert not system.alarms


def test_what_was_reversed_was_not_used_and_without_use_nobody_can_tell() -> None:
    system = ledger()
    move(system, "a", -690)
    system.post(
        [
            Entry(
                ref="r",
                account="100001",
                service="ad",
                kind=Kind.REVERSAL,
                amount=Decimal(690),
                occurred_at=START,
                reverses="a",
            )
        ],
        START,
    )
    move(system, "down", -699, kind=Kind.REFUND)
    assert told(system) == 0
