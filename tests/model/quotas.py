"""Which occasions become notices, and what became of the notices."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from tests.model.book import Balance
from tests.model.triggers import Band
from tests.model.words import First, Notice, NoticeKey, Reason, Rule, Subject


@dataclass(kw_only=True)
class Alarm:
    """The state of one rule on one balance: armed or firing.

    `since` is when it fired or left silence, `occasion` the number of the look that fired. `reason` says why the last
    occasion became no notice. `passed` holds, for each epoch, the bands that fired or were passed or jumped over.
    """

    firing: bool = False
    silent: bool = False
    since: datetime | None = None
    occasion: int = 0
    reason: Reason | None = None
    last_raised_at: datetime | None = None
    passed: dict[int, frozenset[Band]] = field(default_factory=dict)

    @property
    def is_unspoken(self) -> bool:
        """Is there nothing yet that it fires for aloud?"""
        return self.silent or not self.firing

    def is_cooling(self, now: datetime, cooldown: timedelta | None) -> bool:
        return cooldown is not None and self.last_raised_at is not None and now < self.last_raised_at + cooldown

    def fire(self, occasion: int, now: datetime) -> None:
        self.firing, self.silent, self.since, self.occasion, self.reason = True, False, now, occasion, None

    def fire_silently(self, occasion: int, now: datetime) -> None:
        self.fire(occasion, now)
        self.silent, self.reason = True, Reason.SILENT

    def leave_silence(self, now: datetime) -> None:
        self.silent, self.since, self.reason = False, now, None

    def re_arm(self) -> None:
        self.firing, self.silent, self.since, self.occasion, self.reason = False, False, None, 0, None


class Fate(StrEnum):
    """What became of a notice: one that reached nobody gives its place back."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_BACK = "given_back"


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """A moment at which a rule would say something about a balance."""

    rule: Rule
    balance: Balance
    alarm: Alarm
    seq: int
    now: datetime
    band: Band | None = None
    at_once: bool = False


class Notices:
    """The notices raised, in order, and what keeps others from being raised."""

    def __init__(self) -> None:
        self.raised: list[Notice] = []
        self.fates: dict[NoticeKey, Fate] = {}

    def tell(self, occasion: Occasion) -> None:
        """Raise a notice, unless the quota is against it: then the alarm keeps the reason."""
        reason = self._hindrance(occasion)
        occasion.alarm.reason = reason
        if reason is None:
            self._raise(occasion)

    def settle(self, key: NoticeKey, *, sent: bool) -> None:
        """All deliveries of a waiting notice have ended; was any of them sent?"""
        if self.fates[key] is not Fate.WAITING:
            raise ValueError(f"settled before: {key}")
        self.fates[key] = Fate.SENT if sent else Fate.GIVEN_BACK

    def waiting(self) -> list[NoticeKey]:
        return [key for key, fate in self.fates.items() if fate is Fate.WAITING]

    def one_waits(self, rule: Rule, subject: Subject) -> bool:
        return any(self.fates[notice.key] is Fate.WAITING for notice in self._of(rule, subject))

    def _hindrance(self, occasion: Occasion) -> Reason | None:
        quota = occasion.rule.quota
        if occasion.alarm.is_cooling(occasion.now, quota.cooldown):
            return Reason.COOLDOWN
        if quota.max_qty is not None and self._counted(occasion.rule, occasion.balance) >= quota.max_qty:
            return Reason.MAX_QTY
        # A percent band is not checked periodically, so it has no next check to wait for.
        if quota.first is First.NEXT_CHECK and occasion.band is None and not occasion.at_once:
            return Reason.NEXT_CHECK
        return None

    def _counted(self, rule: Rule, balance: Balance) -> int:
        """Notices that used up the quota of the balance's current epoch."""
        return sum(
            notice.key.epoch == balance.epoch and self.fates[notice.key] is not Fate.GIVEN_BACK
            for notice in self._of(rule, balance.subject)
        )

    def _raise(self, occasion: Occasion) -> None:
        rule, balance = occasion.rule, occasion.balance
        earlier = sum(notice.key.occasion == occasion.seq for notice in self._of(rule, balance.subject))
        key = NoticeKey(
            rule=rule.name,
            account=balance.subject.account,
            service=balance.subject.service,
            kind=rule.trigger.kind,
            band=occasion.band,
            epoch=balance.epoch,
            occasion=occasion.seq,
            step=earlier + 1,
        )
        self.raised.append(Notice(key=key, raised_at=occasion.now, shadow=rule.shadow))
        # A shadow notice has no deliveries to wait for.
        self.fates[key] = Fate.SENT if rule.shadow else Fate.WAITING
        occasion.alarm.last_raised_at = occasion.now

    def _of(self, rule: Rule, subject: Subject) -> Iterator[Notice]:
        return (notice for notice in self.raised if notice.key.rule == rule.name and notice.key.subject == subject)
