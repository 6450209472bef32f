"""What holds in every history of the model, and that the random histories meet all there is to meet."""

import contextlib
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis.errors import NoSuchExample

from tests.model.compare import picture
from tests.model.histories import Load, histories, loads
from tests.model.ledger import Ledger
from tests.model.steps import History, Post, Sweep, cut
from tests.model.triggers import Bands, Forecast
from tests.model.words import Kind, Notice, Reason, Refusal

HISTORIES = histories(snapshots=True, packages=True)
# How long an example takes says nothing here.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _open(history: History) -> Ledger:
    return Ledger(history.world.services, history.world.accounts)


def _play(history: History) -> Ledger:
    ledger = _open(history)
    for step in history.steps:
        step.apply(ledger)
    return ledger


@patient
@given(load=loads(snapshots=True, packages=True))
def test_the_notices_do_not_depend_on_how_entries_are_cut(load: Load) -> None:
    one, other = _play(load.before), _play(load.before)
    for ledger, points in ((one, load.one_cut), (other, load.other_cut)):
        for batch in cut(load.entries, points):
            ledger.post(batch, load.now)
    assert picture(one) == picture(other)


@patient
@given(history=HISTORIES)
def test_batches_may_be_posted_entry_by_entry(history: History) -> None:
    ledger = _open(history)
    for step in history.steps:
        if isinstance(step, Post):
            for entry in step.entries:
                ledger.post([entry], step.now)
        else:
            step.apply(ledger)
    assert picture(ledger) == picture(_play(history))


@patient
@given(history=HISTORIES)
def test_no_occasion_is_told_twice(history: History) -> None:
    notices = _play(history).notices
    assert max(Counter(notice.key for notice in notices).values(), default=1) == 1
    bands = Counter(_place(notice) for notice in notices if notice.key.band is not None)
    assert max(bands.values(), default=1) == 1, "a band fires once per epoch"


@patient
@given(history=HISTORIES)
def test_an_alarm_fires_beyond_its_threshold_and_is_armed_when_clear(history: History) -> None:
    ledger = _open(history)
    for step in history.steps:
        step.apply(ledger)
        for watch in ledger.watches():
            trigger, available = watch.rule.trigger, watch.balance.available
            if isinstance(trigger, Forecast):
                if isinstance(step, Sweep):
                    outlook = watch.balance.outlook(step.at)
                    assert watch.alarm.firing or not trigger.is_beyond(outlook)
                    assert not watch.alarm.firing or not trigger.is_clear(outlook, watch.rule.quota.hysteresis)
            elif not isinstance(trigger, Bands):
                assert watch.alarm.firing or not trigger.is_beyond(available)
                assert not watch.alarm.firing or not trigger.is_clear(available, watch.rule.quota.hysteresis)


@patient
@given(history=HISTORIES)
def test_quotas_and_cooldowns_are_kept(history: History) -> None:
    ledger = _play(history)
    for watch in ledger.watches():
        told = [notice for notice in ledger.notices if _of(notice) == (watch.rule.name, watch.balance.subject)]
        cooldown = watch.rule.quota.cooldown
        if cooldown is not None:
            assert all(later.raised_at - earlier.raised_at >= cooldown for earlier, later in pairwise(told))
        if watch.rule.quota.max_qty is not None:
            counted = Counter(notice.key.epoch for notice in told if not ledger.is_given_back(notice.key))
            assert max(counted.values(), default=0) <= watch.rule.quota.max_qty


def _place(notice: Notice) -> tuple[Any, ...]:
    return (notice.key.rule, notice.key.subject, notice.key.epoch, notice.key.band)


def _of(notice: Notice) -> tuple[Any, ...]:
    return (notice.key.rule, notice.key.subject)


def _tells(what: Callable[[Notice], bool]) -> Callable[[History], bool]:
    return lambda history: any(what(notice) for notice in _play(history).notices)


def _refuses(reason: Refusal) -> Callable[[History], bool]:
    def refuses(history: History) -> bool:
        ledger = _open(history)
        outcomes = [step.apply(ledger) for step in history.steps]
        refused = [refused for outcome in outcomes if outcome is not None for refused in outcome.refused]
        return any(one.reason is reason for one in refused)

    return refuses


def _withholds(reason: Reason) -> Callable[[History], bool]:
    return lambda history: any(state.reason is reason for state in _play(history).alarms.values())


def _is_back_in_an_older_epoch(history: History) -> bool:
    epochs: dict[tuple[Any, ...], int] = {}
    for notice in _play(history).notices:
        if notice.key.epoch < epochs.get(_of(notice), 0):
            return True
        epochs[_of(notice)] = notice.key.epoch
    return False


# Every entry of a random history names an account and a service of its world.
_MISSPELT = (Refusal.UNKNOWN_ACCOUNT, Refusal.UNKNOWN_SERVICE)
SITUATIONS: dict[str, Callable[[History], bool]] = {
    **{f"refused: {reason}": _refuses(reason) for reason in Refusal if reason not in _MISSPELT},
    **{f"withheld: {reason}": _withholds(reason) for reason in Reason},
    "a band": _tells(lambda notice: notice.key.band is not None),
    "below": _tells(lambda notice: notice.key.kind == "balance_below"),
    "above": _tells(lambda notice: notice.key.kind == "balance_above"),
    "a forecast": _tells(lambda notice: notice.key.kind == "forecast_below"),
    "exhausted": _tells(lambda notice: notice.key.kind == "balance_exhausted"),
    "a repeat": _tells(lambda notice: notice.key.step > 1),
    "a later repeat": _tells(lambda notice: notice.key.step > 2),
    "in shadow": _tells(lambda notice: notice.shadow),
    "in a later epoch": _tells(lambda notice: notice.key.epoch > 1),
    "back in an older epoch": _is_back_in_an_older_epoch,
    "an opening": lambda history: any(
        entry.kind is Kind.OPENING for step in history.steps if isinstance(step, Post) for entry in step.entries
    ),
}


def test_random_histories_meet_all_there_is_to_meet() -> None:
    unmet = dict(SITUATIONS)

    def meets_the_last(history: History) -> bool:
        for situation in [situation for situation, happens in unmet.items() if happens(history)]:
            del unmet[situation]
        return not unmet

    enough = settings(patient, max_examples=1000, derandomize=True, database=None, phases=[Phase.generate])
    with contextlib.suppress(NoSuchExample):
        find(HISTORIES, meets_the_last, settings=enough)
    assert not unmet
