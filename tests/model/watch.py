"""One rule watching one balance: what a look, a switch and a sweep make of its alarm."""

from dataclasses import dataclass
from datetime import datetime

from tests.model.book import Balance, Look
from tests.model.quotas import Alarm, Notices, Occasion
from tests.model.triggers import Band, Bands, Forecast, Threshold
from tests.model.words import Reason, Rule


@dataclass(frozen=True, kw_only=True)
class Watch:
    """A rule, a balance it speaks of, and the alarm between them."""

    rule: Rule
    balance: Balance
    alarm: Alarm
    notices: Notices

    def look(self, look: Look) -> None:
        """Judge one entry, or one change of limits."""
        if isinstance(self.rule.trigger, Bands):
            band = self._enter(self.rule.trigger)
            if band is not None and look.downward:
                self._tell(look.seq, look.now, band=band)
        elif isinstance(self.rule.trigger, Forecast):
            self._look_at_top_up(self.rule.trigger, look)
        else:
            self._look_at_threshold(self.rule.trigger, look)

    def switch(self, now: datetime, *, notify_now: bool) -> None:
        """Begin to watch: silently or, if the operator wishes it, as if the balance had fallen just now."""
        if isinstance(self.rule.trigger, Bands):
            band = self._enter(self.rule.trigger)
            if band is not None and notify_now:
                self._tell(self.balance.next_seq(), now, band=band)
        else:
            self._switch_threshold(self.rule.trigger, now, notify_now=notify_now)

    def repeat(self, at: datetime) -> None:
        """Say once more that the balance is still beyond the threshold, when that is due."""
        trigger = self.rule.trigger
        if isinstance(trigger, Bands) or not self._is_due(at):
            return
        if self._is_beyond(trigger, at) and not self.notices.one_waits(self.rule, self.balance.subject):
            self._tell(self.alarm.occasion, at, at_once=True)

    def look_ahead(self, at: datetime) -> bool:
        """See how long it lasts: it is on guard again, or is to fire."""
        trigger = self.rule.trigger
        if not isinstance(trigger, Forecast):
            return False
        if not self.alarm.firing:
            return self._is_beyond(trigger, at)
        if self._is_clear(trigger, at):
            self.alarm.re_arm()
        return False

    def fire_ahead(self, seq: int, at: datetime) -> None:
        """Fire with a place of its own among the looks, which no entry has."""
        self.alarm.fire(seq, at)
        self._tell(seq, at, at_once=True)

    def _look_at_top_up(self, forecast: Forecast, look: Look) -> None:
        if not (self.alarm.firing and look.rearming):
            return
        if self._is_clear(forecast, look.now):
            self.alarm.re_arm()
        elif self.alarm.silent:
            self.alarm.leave_silence(look.now)

    def _is_beyond(self, trigger: Threshold | Forecast, now: datetime) -> bool:
        if isinstance(trigger, Forecast):
            return trigger.is_beyond(self.balance.outlook(now))
        return trigger.is_beyond(self.balance.available)

    def _is_clear(self, trigger: Threshold | Forecast, now: datetime) -> bool:
        hysteresis = self.rule.quota.hysteresis
        if isinstance(trigger, Forecast):
            return trigger.is_clear(self.balance.outlook(now), hysteresis)
        return trigger.is_clear(self.balance.available, hysteresis)

    def _look_at_threshold(self, threshold: Threshold, look: Look) -> None:
        available = self.balance.available
        if self.alarm.firing:
            if threshold.is_clear(available, self.rule.quota.hysteresis):
                self.alarm.re_arm()
            elif self.alarm.silent and look.rearming:
                self.alarm.leave_silence(look.now)
        elif threshold.is_beyond(available):
            if look.silent:
                self.alarm.fire_silently(look.seq, look.now)
            else:
                self.alarm.fire(look.seq, look.now)
                self._tell(look.seq, look.now)

    def _switch_threshold(self, threshold: Threshold | Forecast, now: datetime, *, notify_now: bool) -> None:
        if self._is_clear(threshold, now):
            self.alarm.re_arm()
        elif self._is_beyond(threshold, now) and self.alarm.is_unspoken:
            if notify_now:
                self.alarm.fire(self.balance.next_seq(), now)
                self._tell(self.alarm.occasion, now, at_once=True)
            elif not self.alarm.firing:
                self.alarm.fire_silently(self.balance.seq, now)

    def _enter(self, bands: Bands) -> Band | None:
        """The band entered for the first time in this epoch, if one was; those above it are passed with it."""
        mark = self.balance.mark(bands.mark)
        if mark is None:
            return None
        passed = self.alarm.passed.get(self.balance.epoch, frozenset())
        self.alarm.passed[self.balance.epoch] = passed | bands.passed(self.balance.left, mark)
        band = bands.entered(self.balance.left, mark)
        return None if band in passed else band

    def _is_due(self, at: datetime) -> bool:
        alarm, period = self.alarm, self.rule.quota.period
        if not alarm.firing or alarm.silent or period is None:
            return False
        # A notice put off to the next check waits for its own period, however long ago an earlier one was raised.
        put_off = alarm.reason is Reason.NEXT_CHECK or alarm.last_raised_at is None
        start = alarm.since if put_off else alarm.last_raised_at
        return start is not None and at >= start + period

    def _tell(self, seq: int, now: datetime, *, band: Band | None = None, at_once: bool = False) -> None:
        self.notices.tell(
            Occasion(
                rule=self.rule, balance=self.balance, alarm=self.alarm, seq=seq, now=now, band=band, at_once=at_once
            )
        )
