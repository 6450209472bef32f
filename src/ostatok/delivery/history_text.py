"""The history of an account in plain words: what was told to whom, what not, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from ostatok.delivery import reasons
from ostatok.delivery.history import ToldAttempt, ToldBalance, ToldDelivery, ToldNotice, ToldRule
from ostatok.delivery.history_words import ATTEMPTS, CHANNELS, RECIPIENTS, SENTENCES
from ostatok.delivery.models import AttemptOutcome, DeliveryState
from ostatok.kernel import text, units
from ostatok.rules import reason_words
from ostatok.rules.models import RuleState
from ostatok.rules.reasons import AlarmReason


@dataclass(frozen=True, kw_only=True, slots=True)
class Teller:
    """Tells a history in one language, with times in one zone."""

    language: str
    zone: tzinfo

    def account(self, *, number: str, client: str, organization: str) -> str:
        """The heading."""
        return self._say("account", number=number, client=client, organization=organization)

    def balances(self, balances: list[ToldBalance]) -> Iterator[str]:
        """Every balance: what is left, its rules, its notices with their deliveries and attempts."""
        if not balances:
            yield self._say("no_balances")
        for balance in balances:
            yield ""
            yield self.left(balance)
            yield from (f"  {self.rule(rule)}" for rule in balance.rules)
            if not balance.rules:
                yield f"  {self._say('no_rules')}"
            yield from self._notices(balance)

    def left(self, balance: ToldBalance) -> str:
        """`АД: осталось 15 минут, 15 % последнего пополнения (100 минут, 20 ноября 2026, 12:00)`."""
        if not balance.known:
            return self._say("unknown", service=balance.service_name)
        left = balance.amount - balance.held
        told = [self._say("left", service=balance.service_name, **self._left(left, balance.unit))]
        if balance.top_up is None or balance.topped_up_at is None or balance.percent is None:
            told.append(self._say("no_top_up"))
        else:
            top_up = self._amount(balance.top_up, balance.unit)
            percent = text.percent(balance.percent, self.language)
            when = self._when(balance.topped_up_at)
            told.append(self._say("of_top_up", percent=percent, top_up=top_up, when=when))
        if balance.available != left:
            told.append(self._say("available", available=self._amount(balance.available, balance.unit)))
        return ", ".join(told)

    def rule(self, rule: ToldRule) -> str:
        """How one rule stands to a balance, and why it told something last, or did not."""
        told = list(self._standing(rule))
        if rule.max_qty is not None and rule.raised:
            told.append(self._say("told_of_max", raised=rule.raised, max_qty=rule.max_qty))
        if rule.next_repeat_at is not None:
            told.append(self._say("next", when=self._when(rule.next_repeat_at)))
        if rule.state == RuleState.SHADOW:
            told.append(self._say("shadow"))
        elif rule.state != RuleState.ACTIVE:
            told.append(self._say("switched_off"))
        elif not rule.speaks:
            told.append(self._say("other_audience"))
        return self._say("rule", rule=rule.rule, state="; ".join(told))

    def _standing(self, rule: ToldRule) -> Iterator[str]:
        if rule.firing and rule.since is not None:
            yield self._say("so_since", when=self._when(rule.since))
        if rule.reason and rule.reason_at is not None:
            reason, when = reason_words.explain(rule.reason, self.language), self._when(rule.reason_at)
            past = rule.reason == AlarmReason.RAISED and not rule.firing
            yield self._say("earlier", reason=reason, when=when) if past else f"{reason}, {when}"
        else:
            yield self._say("on_guard")

    def _notices(self, balance: ToldBalance) -> Iterator[str]:
        if not balance.notices:
            yield f"  {self._say('no_notices')}"
        for notice in balance.notices:
            yield f"  {self.notice(notice)}"
            for delivery in notice.deliveries:
                yield f"    {self.delivery(delivery)}"
                yield from (f"      {self.attempt(attempt)}" for attempt in delivery.attempts if _worth(delivery))

    def notice(self, notice: ToldNotice) -> str:
        """`21 ноября 2026, 12:00, «Остаток минут»: 20–10 %, осталось 15 минут (15 %)`."""
        figures = self._say("figures", **self._left(notice.amount, notice.unit))
        if notice.percent is not None:
            figures = f"{figures} ({text.percent(notice.percent, self.language)})"
        if notice.lasts_until is not None:
            figures = f"{figures}, {self._say('lasts', when=self._when(notice.lasts_until))}"
        if notice.band is not None:
            figures = f"{self.band(*notice.band)}, {figures}"
        told = self._say("notice", when=self._when(notice.raised_at), rule=notice.rule, figures=figures)
        if notice.deliveries:
            return told
        return f"{told} – {self.fate(notice.state, notice.reason)}"

    def band(self, upper: Decimal, lower: Decimal | None) -> str:
        """`20–10 %`, `ниже 5 %`."""
        if lower is None:
            return self._say("below_edge", upper=text.percent(upper, self.language))
        return f"{text.number(upper, self.language, decimals=1)}–{text.percent(lower, self.language)}"

    def delivery(self, delivery: ToldDelivery) -> str:
        """`Письмо, anna@x.test (клиент): отправлено, 21 ноября 2026, 12:00`."""
        who = delivery.name or RECIPIENTS.get(delivery.recipient, {}).get(self.language, delivery.recipient)
        channel = CHANNELS.get(delivery.channel, {}).get(self.language, delivery.channel)
        address = delivery.address or self._say("nobody")
        what = self._fate_of(delivery)
        if delivery.settled_at is not None:
            what = f"{what}, {self._when(delivery.settled_at)}"
        elif delivery.state == DeliveryState.WAITING and delivery.attempts:
            what = f"{what}; {self._say('again', when=self._when(delivery.due_at))}"
        return self._say("delivery", channel=channel, who=f"{address} ({who})", what=what)

    def overtaken(self, by: ToldNotice) -> str:
        """`вытеснено уведомлением от 21 ноября 2026, 12:00`."""
        return self._say("overtaken", when=self._when(by.raised_at))

    def attempt(self, attempt: ToldAttempt) -> str:
        """`попытка 1, 21 ноября 2026, 12:00: сервер просит позже (451 …)`."""
        if attempt.outcome == AttemptOutcome.DELIVERED:
            what = self._say("accepted")
        else:
            what = reasons.words(attempt.reason, attempt.detail, self.language)
        return self._say("attempt", number=attempt.number, when=self._when(attempt.at), what=what)

    def _fate_of(self, delivery: ToldDelivery) -> str:
        if delivery.state != DeliveryState.DEAD or not delivery.attempts:
            return self.fate(delivery.state, delivery.reason, delivery.detail)
        tried = len(delivery.attempts)
        attempts = text.plural(tried, self.language, ATTEMPTS[self.language]).format(number=tried)
        why = reasons.words(delivery.reason, delivery.detail, self.language)
        return self._say("given_up", attempts=attempts, why=why)

    def fate(self, state: str, reason: str, detail: str = "") -> str:
        """What became of a notice or a delivery."""
        return reasons.explain(state=state, reason=reason, detail=detail, language=self.language)

    def _say(self, sentence: str, **values: object) -> str:
        return SENTENCES[sentence][self.language].format(**values)

    def _left(self, amount: Decimal, unit: str) -> dict[str, str]:
        """An amount, and the word for "left" that agrees with it."""
        return {"left": self._amount(amount, unit), "remains": units.remains(amount, unit, self.language)}

    def _amount(self, amount: Decimal, unit: str) -> str:
        return units.format_amount(amount, unit, self.language)

    def _when(self, moment: datetime) -> str:
        return text.day_and_time(moment, self.language, self.zone)


def _worth(delivery: ToldDelivery) -> bool:
    """One attempt that was accepted tells nothing that its delivery does not."""
    return len(delivery.attempts) > 1 or delivery.state != DeliveryState.SENT
