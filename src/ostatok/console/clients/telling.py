"""What was told to a client and why not, made ready for the page: the sentences are those of `ostatok why`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from ostatok.console.templatetags import fates
from ostatok.delivery.history import ToldBalance, ToldDelivery, ToldNotice, ToldRule
from ostatok.delivery.history_text import Teller
from ostatok.delivery.reasons import DropReason
from ostatok.ledger import standing
from ostatok.ledger.models import Entry, EntryKind
from ostatok.ledger.standing import Band
from ostatok.notices import words
from ostatok.parties.models import Client
from ostatok.web import reading


@dataclass(frozen=True, slots=True)
class Sentence:
    """Something said, the colour of its state, and the delivery or the rule it speaks of, if it does.

    `when` is what the rule waits for, as its own page says it.
    """

    text: str
    band: str = "none"
    delivery: int | None = None
    more: Sequence[str] = ()
    rule: int | None = None
    when: str = ""


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice in a sentence, and below it what became of its deliveries."""

    text: str
    deliveries: Sequence[Sentence]


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownNotice:
    """A notice with what became of its deliveries; `fate` where it has none."""

    rule: str
    band: Band
    figures: str
    fate: str
    deliveries: Sequence[Sentence]


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownBalance:
    """A balance, every rule that speaks to it, and what was told of it lately."""

    left: str
    rules: Sequence[Sentence]
    notices: Sequence[NoticeLine]


def teller_of(client: Client) -> Teller:
    """Who tells it: in the reader's language, by the clock of the client's organization."""
    return Teller(language=reading.language(), zone=ZoneInfo(client.organization.timezone))


def posted_later(entry: Entry) -> datetime | None:
    """When an entry was posted, if on a later day of the reader's calendar than it is about."""
    return reading.posted_later(entry.posted_at, entry.occurred_at)


def kind_of(entry: Entry) -> str:
    """What kind of entry it is, in the reader's language: `Top-up`."""
    word = words.ENTRY_KINDS[reading.language()][EntryKind(entry.kind).name.lower()]
    return word[:1].upper() + word[1:]


def notice(told: ToldNotice, teller: Teller) -> ShownNotice:
    """A notice as the timeline shows it."""
    figures = reading.amount(told.amount, told.unit)
    if told.band is not None:
        figures = f"{teller.band(*told.band)}, {figures}"
    if told.percent is not None:
        figures = f"{figures} ({reading.percent(told.percent)})"
    return ShownNotice(
        rule=told.rule,
        band=standing.band_of(told.percent),
        figures=figures,
        fate="" if told.deliveries else teller.fate(told.state, told.reason),
        deliveries=[_delivery(each, teller) for each in told.deliveries],
    )


def balances(
    told: Sequence[ToldBalance], teller: Teller, rules: Mapping[int, str] = MappingProxyType({})
) -> list[ShownBalance]:
    """All balances of an account, as `ostatok why` tells them; `rules` says when those tell that its reader sees."""
    return [
        ShownBalance(
            left=teller.left(one),
            rules=[_rule(rule, teller, rules.get(rule.rule_id, "")) for rule in one.rules],
            notices=[_notice_line(each, teller, _next(each, one.notices)) for each in one.notices],
        )
        for one in told
    ]


def _rule(told: ToldRule, teller: Teller, when: str) -> Sentence:
    band = "low" if told.firing else "none"
    return Sentence(teller.rule(told), band, rule=told.rule_id if when else None, when=when)


def _notice_line(told: ToldNotice, teller: Teller, following: ToldNotice | None) -> NoticeLine:
    """With the notice that overtook it, where one did."""
    said = [_delivery(each, teller) for each in told.deliveries]
    overtaken = any(each.reason == DropReason.SUPERSEDED for each in told.deliveries)
    if following is None or not overtaken:
        return NoticeLine(teller.notice(told), said)
    return NoticeLine(teller.notice(told), [*said, Sentence(teller.overtaken(following))])


def _next(told: ToldNotice, notices: Sequence[ToldNotice]) -> ToldNotice | None:
    """The notice of the same rule that came after it; the newest stand first."""
    later = [one for one in notices if one.rule == told.rule and one.id > told.id]
    return later[-1] if later else None


def _delivery(told: ToldDelivery, teller: Teller) -> Sentence:
    attempts = [teller.attempt(each) for each in told.attempts] if len(told.attempts) > 1 else []
    return Sentence(teller.delivery(told), fates.band(told.state, told.reason), told.id, attempts)
