"""A template tried on a real client before it is saved: how it would look now, and what is wrong with it.

The client's own figures stand where they are known; what only an occasion would tell (which band, which threshold) is
made up so that every part of the letter can be seen. The PIN is masked.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

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
    found = facts_of(client, kind, template.language, now) if client else None
    facts = found or samples.full(kind, template.language)
    if any(problem.severity is Severity.ERROR for problem in problems):
        return Tried(problems=problems, rendered=None)
    values = variables.masked(variables.build(facts))
    try:
        rendered = rendering.render_message(defaults.completed(template, kind, channel), values, clock=clock)
    except TemplateError as error:
        return Tried(problems=(*problems, Problem(error.message, error.line)), rendered=None)
    return Tried(problems=problems, rendered=rendered)


def facts_of(client: Client, kind: str, language: str, now: datetime) -> variables.Facts | None:
    """The facts of the client's lowest balance as a notice of this kind would have them; None without balances."""
    accounts = list(Account.objects.filter(client=client).order_by("number")[:50])
    found = standings.of_accounts(accounts, now=now)
    known = [one for some in found.values() for one in some if one.known]
    if not known:
        return None
    lowest = min(known, key=lambda one: (one.percent is None, one.percent or 0, one.balance_id))
    account = next(account for account in accounts if account.pk == lowest.account_id)
    return _facts(client, account, lowest, kind, language, now)


def _facts(
    client: Client, account: Account, standing: Standing, kind: str, language: str, now: datetime
) -> variables.Facts:
    organization, known = client.organization, own(client.organization)
    facts = variables.Facts(
        kind=kind,
        language=language,
        zone=ZoneInfo(client.timezone or organization.timezone),
        as_of=now,
        raised_at=now,
        client_name=client.name,
        client_code=client.code,
        client_tax_id=client.tax_id,
        bank_account=client.bank_account,
        account_number=account.number,
        account_address=account.address,
        service_name=standing.service_name,
        service_full_name=standing.service_full_name,
        unit=standing.unit,
        balance=standing.amount,
        held=standing.held,
        credit_limit=standing.credit_limit,
        mark=standing.mark,
        mark_at=standing.topped_up_at,
        mark_kind=standing.base,
        last_payment=standing.last_top_up,
        lasts_until=standing.lasts_until,
        top_up_url=known.top_up_url,
        organization_name=organization.name,
        organization_phone=organization.phone,
        organization_email=known.email,
        rule_name="",
    )
    return _with_occasion(facts, kind, standing)


def own(organization: Organization) -> Organization:
    """The organization, with what it lacks from those above it, the nearest first."""
    found = Organization(email=organization.email, top_up_url=organization.top_up_url)
    above = sorted(Organization.objects.filter(pk__in=organization.path), key=lambda one: -len(one.path))
    for one in above:
        found.email, found.top_up_url = found.email or one.email, found.top_up_url or one.top_up_url
    return found


def _with_occasion(facts: variables.Facts, kind: str, standing: Standing) -> variables.Facts:
    """What a notice of this kind would say beside the balance."""
    if kind == TriggerKind.BALANCE_BAND:
        share = standing.percent if standing.percent is not None else Decimal(15)
        upper = min((edge for edge in _BANDS if share < edge), default=_BANDS[0])
        lower = next((edge for edge in _BANDS if edge < upper), None)
        return dataclasses.replace(facts, band_upper=upper, band_lower=lower, bands=_BANDS)
    if kind == TriggerKind.BALANCE_EXHAUSTED:
        return facts
    if kind == TriggerKind.FORECAST_BELOW:
        return dataclasses.replace(facts, days=_DAYS)
    return dataclasses.replace(facts, threshold=standing.available + (1 if kind == TriggerKind.BALANCE_BELOW else -1))
