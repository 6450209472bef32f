"""`ostatok why`: what was sent to whom, what not, and why."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import click

from ostatok.cli import _organizations, main
from ostatok.delivery import history
from ostatok.delivery.history_text import Teller
from ostatok.intake.description import writing
from ostatok.kernel import text, units
from ostatok.ledger.models import Account
from ostatok.parties.access import System

# What history keeps in base units.
_AMOUNTS: Final = frozenset({"amount", "held", "available", "top_up"})


@click.command(cls=main.Command)
@click.argument("number", metavar="ACCOUNT")
@click.option("--organization", "code", metavar="CODE", help="Whose account, if several have one of that number.")
@click.option("--service", metavar="CODE", help="Only this service of the account.")
@click.option(
    "--language", type=click.Choice(text.LANGUAGES), default="en", show_default=True, help="In which language."
)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many notices, newest first.")
@main.json_option
def command(number: str, code: str | None, service: str | None, language: str, limit: int) -> None:
    """Tell what became of ACCOUNT's balances: which rules speak to them, what was sent to whom, what not, and why."""
    account = _account(number, code)
    balances = history.of_account(account, service=service, limit=limit)
    if service is not None and not balances:
        raise click.BadParameter(f"account {number} has no service {service!r}", param_hint="'--service'")
    teller = Teller(language=language, zone=ZoneInfo(account.organization.timezone))
    heading = teller.account(number=account.number, client=account.client.name, organization=account.organization.code)
    main.report(_result(account, balances, teller), [heading, *teller.balances(balances)])


def _account(number: str, code: str | None) -> Account:
    found = Account.objects.visible_to(System()).filter(number=number).select_related("organization", "client")
    if code is not None:
        found = found.filter(organization=_organizations.by_code(code))
    accounts = list(found.order_by("organization__code")[:20])
    if not accounts:
        raise click.BadParameter(f"there is no account {number!r}", param_hint="'ACCOUNT'")
    if len(accounts) > 1:
        codes = ", ".join(account.organization.code for account in accounts)
        raise click.BadParameter(f"several have an account {number!r}: {codes}", param_hint="'--organization'")
    return accounts[0]


def _result(account: Account, balances: Sequence[history.ToldBalance], teller: Teller) -> dict[str, Any]:
    """Amounts are in the unit named beside them; `explained` says the same in words."""
    return {
        "account": account.number,
        "organization": account.organization.code,
        "client": account.client.code,
        "balances": [
            {
                **_figures(balance, balance.unit),
                "percent": _written(balance.percent),
                "explained": teller.left(balance),
                "rules": [{**_figures(rule, balance.unit), "explained": teller.rule(rule)} for rule in balance.rules],
                "notices": [_notice(notice, teller) for notice in balance.notices],
            }
            for balance in balances
        ],
    }


def _notice(notice: history.ToldNotice, teller: Teller) -> dict[str, Any]:
    return {
        **_figures(notice, notice.unit),
        "explained": teller.notice(notice),
        "deliveries": [
            {
                **_figures(delivery, notice.unit),
                "explained": teller.delivery(delivery),
                "attempts": [
                    {**_figures(attempt, notice.unit), "explained": teller.attempt(attempt)}
                    for attempt in delivery.attempts
                ],
            }
            for delivery in notice.deliveries
        ],
    }


def _figures(told: Any, unit: str) -> dict[str, Any]:
    """What history tells of one thing by name, amounts in `unit`; the things within it are its caller's to tell."""
    values = {field.name: getattr(told, field.name) for field in fields(told)}
    return {
        name: _written(units.from_base(value, unit) if name in _AMOUNTS and value is not None else value)
        for name, value in values.items()
    }


def _written(value: Any) -> Any:
    """Figures as plain digits, at most as fine as amounts are kept; moments as in ISO 8601."""
    if isinstance(value, Decimal):
        return writing.plain(text.round_to(value, units.DECIMALS))
    if isinstance(value, datetime):
        return value.isoformat()
    return [_written(item) for item in value] if isinstance(value, tuple) else value
