"""Short histories told by hand: one account, one thing after another, and what it made the rules say."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tests.model.ledger import Ledger
from tests.model.protocol import AlarmKey
from tests.model.triggers import Band, Bands, Below, Mark
from tests.model.words import (
    Account,
    Declared,
    Entry,
    First,
    Kind,
    Notice,
    PostOutcome,
    Quota,
    Reason,
    Refusal,
    Rule,
    Service,
    Subject,
)

ACCOUNT = "100001"
START = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)

Amount = Decimal | int | str


def band(upper: Amount, lower: Amount | None = None) -> Band:
    return Band(Decimal(upper), None if lower is None else Decimal(lower))


SEED_BANDS = (band(20, 10), band(10, 5), band(5))


def banded(*bands: Band, mark: Mark = Mark.LAST_TOP_UP, quota: Quota | None = None) -> Rule:
    """The rule of seed 000, or one with other bands."""
    return Rule(name="bands", trigger=Bands(bands=bands or SEED_BANDS, mark=mark), quota=quota or Quota())


def below(amount: Amount, *, unit: str = "min", shadow: bool = False, quota: Quota | None = None) -> Rule:
    trigger = Below(amount=Decimal(amount), unit=unit)
    return Rule(name="below", trigger=trigger, shadow=shadow, quota=quota or Quota())


def quota(
    *,
    max_qty: int | None = None,
    period: float | None = None,
    hysteresis: Amount = 0,
    cooldown: float | None = None,
    first: First = First.NOW,
) -> Quota:
    """A quota with its times in hours."""
    return Quota(
        max_qty=max_qty,
        period=None if period is None else timedelta(hours=period),
        hysteresis=Decimal(hysteresis),
        cooldown=None if cooldown is None else timedelta(hours=cooldown),
        first=first,
    )


class Story:
    """A ledger with one account and two services in minutes, АД (`ad`) and АППС (`appps`), and a clock moved by hand.

    What changes something answers what was told because of it: bands as "20–10" or "5–", thresholds as "below 1" with
    the step. The rules are on from the start.
    """

    def __init__(self, *rules: Rule, rearm_from: Amount = 0) -> None:
        services = [Service(code=code, unit="min", rearm_from=Decimal(rearm_from)) for code in ("ad", "appps")]
        self.ledger = Ledger(services, [Account(number=ACCOUNT)])
        self.now = START
        self.refusals: list[Refusal] = []
        self._told = 0
        self._refs = 0
        for rule in rules:
            self.ledger.switch_on(rule, self.now)

    def wait(self, hours: float) -> None:
        self.now += timedelta(hours=hours)

    def top_up(self, amount: Amount, *, package: Amount | None = None, service: str = "ad") -> list[str]:
        return self._post(Kind.TOP_UP, amount, service=service, package=package)

    def charge(self, amount: Amount, *, service: str = "ad") -> list[str]:
        return self._post(Kind.CHARGE, -Decimal(amount), service=service)

    def adjust(self, amount: Amount) -> list[str]:
        return self._post(Kind.ADJUSTMENT, amount)

    def refund(self, amount: Amount) -> list[str]:
        return self._post(Kind.REFUND, -Decimal(amount))

    def open(self, amount: Amount, *, declared: Amount | None = None) -> list[str]:
        return self._post(Kind.OPENING, amount, declared=declared)

    def snapshot(self, difference: Amount, *, declared: Amount | None = None) -> list[str]:
        return self._post(Kind.SNAPSHOT, difference, declared=declared)

    def reverse(self, ref: str, amount: Amount) -> list[str]:
        return self._post(Kind.REVERSAL, amount, reverses=ref)

    def credit(self, limit: Amount) -> list[str]:
        self.ledger.change_limits(Subject(ACCOUNT, "ad"), self.now, credit_limit=Decimal(limit))
        return self.told()

    def hold(self, amount: Amount) -> list[str]:
        self.ledger.change_limits(Subject(ACCOUNT, "ad"), self.now, held=Decimal(amount))
        return self.told()

    def switch_on(self, rule: Rule, *, notify_now: bool = False) -> list[str]:
        self.ledger.switch_on(rule, self.now, notify_now=notify_now)
        return self.told()

    def edit(self, rule: Rule, *, notify_now: bool = False) -> list[str]:
        self.ledger.edit(rule.name, rule.trigger, self.now, notify_now=notify_now)
        return self.told()

    def sweep(self) -> list[str]:
        self.ledger.sweep(self.now)
        return self.told()

    def send(self) -> None:
        """Everything that waits is sent."""
        self._settle(sent=True)

    def fail(self) -> None:
        """Nothing that waits reaches anybody."""
        self._settle(sent=False)

    def told(self) -> list[str]:
        """What was told since this was last asked."""
        new = self.ledger.notices[self._told :]
        self._told += len(new)
        return [_in_short(notice) for notice in new]

    def alarm(self, rule: str) -> str:
        """The alarm of a rule on АД: armed, firing or silent."""
        state = self.ledger.alarms.get(AlarmKey(rule, Subject(ACCOUNT, "ad")))
        if state is None:
            return "armed"
        return "silent" if state.silent else "firing"

    def reason(self, rule: str) -> Reason | None:
        """Why the firing alarm of a rule on АД last told nothing."""
        return self.ledger.alarms[AlarmKey(rule, Subject(ACCOUNT, "ad"))].reason

    def left(self, service: str = "ad") -> Decimal:
        return self.ledger.balances[Subject(ACCOUNT, service)]

    def ref(self) -> str:
        """The ref of the latest entry."""
        return f"r{self._refs}"

    def entry(
        self,
        kind: Kind,
        amount: Amount,
        *,
        ref: str,
        service: str = "ad",
        reverses: str | None = None,
        declared: Amount | None = None,
    ) -> Entry:
        return Entry(
            ref=ref,
            account=ACCOUNT,
            service=service,
            kind=kind,
            amount=Decimal(amount),
            occurred_at=START,
            reverses=reverses,
            declared=None if declared is None else Declared(amount=Decimal(declared), at=START),
        )

    def post(self, *entries: Entry) -> PostOutcome:
        return self.ledger.post(entries, self.now)

    def _post(
        self,
        kind: Kind,
        amount: Amount,
        *,
        service: str = "ad",
        reverses: str | None = None,
        declared: Amount | None = None,
        package: Amount | None = None,
    ) -> list[str]:
        self._refs += 1
        entry = Entry(
            ref=self.ref(),
            account=ACCOUNT,
            service=service,
            kind=kind,
            amount=Decimal(amount),
            occurred_at=self.now,
            reverses=reverses,
            declared=None if declared is None else Declared(amount=Decimal(declared), at=self.now),
            package=None if package is None else Decimal(package),
        )
        outcome = self.post(entry)
        self.refusals += [refused.reason for refused in outcome.refused]
        return self.told()

    def _settle(self, *, sent: bool) -> None:
        for key in self.ledger.waiting:
            self.ledger.settle(key, sent=sent)


def _in_short(notice: Notice) -> str:
    edges = notice.key.band
    if edges is not None:
        return f"{edges.upper}–{'' if edges.lower is None else edges.lower}"
    return f"{notice.key.kind.removeprefix('balance_')} {notice.key.step}"
