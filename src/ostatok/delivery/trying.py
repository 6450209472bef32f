"""A template tried on a real client before it is saved: how it would look now, and what is wrong with it.

The client's own figures stand where they are known, and the words of the rule that speaks to it. What only an occasion
would tell (which band, which threshold) is made up where there is none, so that every part of the letter can be seen.
The PIN is masked.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import connection
from django.db.backends.utils import CursorWrapper

from ostatok.delivery import facts, message
from ostatok.ledger.models import Account
from ostatok.ledger.standing import Standing
from ostatok.notices import checking, defaults, rendering, samples, sandbox, variables
from ostatok.notices.checking import Problem, Severity
from ostatok.notices.rendering import MessageTemplate, Rendered
from ostatok.notices.sandbox import Clock
from ostatok.notices.source import TemplateError
from ostatok.parties.models import Client, Organization
from ostatok.rules import standings
from ostatok.rules.models import TriggerKind

#: Of a client with more accounts the first are looked at.
_ACCOUNTS: Final = 50
_BANDS: Final = (Decimal(20), Decimal(10), Decimal(5))
_DAYS: Final = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """What came of a template; `rendered` is None where an error keeps it from being a letter."""

    problems: tuple[Problem, ...]
    rendered: Rendered | None

    @property
    def errors(self) -> Sequence[Problem]:
        """What keeps it from being saved."""
        return [problem for problem in self.problems if problem.severity is Severity.ERROR]


def render(
    template: MessageTemplate,
    kind: str,
    channel: str,
    *,
    client: Client | None,
    may_send_pin: bool,
    now: datetime,
    clock: Clock = sandbox.clock,
) -> Tried:
    """Try a template on a client, or on made-up facts. The caller found the client through its door."""
    problems = tuple(checking.check_message(template, kind, may_send_pin=may_send_pin, clock=clock))
    if any(problem.severity is Severity.ERROR for problem in problems):
        return Tried(problems=problems, rendered=None)
    found = facts_of(client, kind, template.language, now) if client else None
    values = variables.masked(variables.build(found or samples.full(kind, template.language)))
    try:
        rendered = rendering.render_message(defaults.completed(template, kind, channel), values, clock=clock)
    except TemplateError as error:
        return Tried(problems=(*problems, Problem(error.message, error.line)), rendered=None)
    return Tried(problems=problems, rendered=rendered)


def facts_of(client: Client, kind: str, language: str, now: datetime) -> variables.Facts | None:
    """The facts of one of the client's balances as a notice of this kind would have them; None without balances.

    Looked up as a letter's are: of the same balance at the same moment both say the same.
    """
    with connection.cursor() as cursor:
        found = _balance(cursor, client, kind, now)
        if found is None:
            return None
        balance, rule = found
        words = facts.fetch_trial_now(cursor, kind=kind, language=language, balance=balance, rule=rule, now=now)
        use = facts.fetch_use_now(cursor, [balance], now)[balance]
        entries = facts.fetch_last_entries_now(cursor, [balance]).get(balance, ())
    return _with_occasion(message.facts_of(words, use, now, entries))


def _balance(cursor: CursorWrapper, client: Client, kind: str, now: datetime) -> tuple[int, int | None] | None:
    """The client's lowest balance of those that a rule of this kind speaks to, and the rule; or the lowest of all."""
    accounts = Account.objects.filter(client=client).order_by("number")[:_ACCOUNTS]
    known = [one for some in standings.of_accounts(accounts, now=now).values() for one in some if one.known]
    rules = facts.fetch_rules_now(cursor, kind, [one.balance_id for one in known])

    def order(one: Standing) -> tuple[bool, bool, Decimal, int]:
        return one.balance_id not in rules, one.percent is None, one.percent or Decimal(0), one.balance_id

    lowest = min(known, key=order, default=None)
    return None if lowest is None else (lowest.balance_id, rules.get(lowest.balance_id))


def _with_occasion(told: variables.Facts) -> variables.Facts:
    """With what only an occasion would tell made up, where the rule does not say it of this balance."""
    available = told.left + told.credit_limit
    match told.kind:
        case TriggerKind.BALANCE_BAND if told.band_upper is None:
            upper, lower = _band(told.percent)
            return dataclasses.replace(told, band_upper=upper, band_lower=lower, bands=_BANDS)
        case TriggerKind.BALANCE_BELOW if told.threshold is None or available >= told.threshold:
            return dataclasses.replace(told, threshold=available + 1)
        case TriggerKind.BALANCE_ABOVE if told.threshold is None or available <= told.threshold:
            return dataclasses.replace(told, threshold=available - 1)
        case TriggerKind.FORECAST_BELOW if told.days is None:
            return dataclasses.replace(told, days=_DAYS)
    return told


def _band(percent: Decimal | None) -> tuple[Decimal, Decimal | None]:
    share = Decimal(15) if percent is None else percent
    upper = min((edge for edge in _BANDS if share < edge), default=_BANDS[0])
    return upper, next((edge for edge in _BANDS if edge < upper), None)


def sender_address(organization: Organization) -> str:
    """The organization's e-mail, or that of the nearest above it that has one."""
    above = sorted(Organization.objects.filter(pk__in=organization.path), key=lambda one: -len(one.path))
    return next((one.email for one in (organization, *above) if one.email), "")
