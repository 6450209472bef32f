"""`ostatok check`: prove every balance from its entries."""

import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import click

from ostatok.cli import _organizations, main
from ostatok.intake.description.writing import amount, plain
from ostatok.ledger import checking
from ostatok.ledger.checking import Difference
from ostatok.parties.models import Organization


@click.command(cls=main.Command)
@click.option("--organization", "code", metavar="CODE", help="Only this organization and those below it.")
@main.json_option
def command(code: str | None) -> None:
    """Prove every balance from its entries and say which differ; exit status 1 if any does."""
    organizations = _reached(code)
    proved = sum(checking.count(one) for one in organizations)
    found = [difference for one in organizations for difference in checking.differences(one)]
    main.report(
        {"balances": proved, "differing": [_result(difference) for difference in found]},
        [*(line for difference in found for line in _lines(difference)), _summary(proved, len(found))],
    )
    if found:
        sys.exit(1)


def _reached(code: str | None) -> list[int | None]:
    if code is None:
        return [None]
    root = _organizations.by_code(code)
    below = Organization.objects.filter(path__contains=[root.pk]).order_by("path")
    return list(below.values_list("pk", flat=True))


def _summary(proved: int, differing: int) -> str:
    return f"balances proved from their entries: {proved}, differing: {differing}"


def _result(difference: Difference) -> dict[str, Any]:
    return {
        "balance_id": difference.balance_id,
        "account": difference.account,
        "service": difference.service,
        "balance": _amount(difference.amount, difference.unit),
        "entries_make": _amount(difference.proved, difference.unit),
        "looks": difference.seq,
        "last_entry": difference.last_entry,
        "epoch": difference.epoch,
        "entries_epoch": difference.proved_epoch,
        "explained": list(_lines(difference)),
    }


def _lines(difference: Difference) -> Iterator[str]:
    name = f"account {difference.account}, service {difference.service}"
    if difference.account is None:
        yield f"balance {difference.balance_id}: has entries and does not exist"
        return
    if difference.amount != difference.proved:
        kept, proved = (_amount(value, difference.unit) for value in (difference.amount, difference.proved))
        yield f"{name}: holds {kept}, its entries make {proved}"
    if difference.seq is not None and difference.seq < difference.last_entry:
        yield f"{name}: counts {difference.seq} looks, its last entry is number {difference.last_entry}"
    if difference.epoch != difference.proved_epoch:
        yield f"{name}: lives on top-up {difference.epoch}, its entries say {difference.proved_epoch}"


def _amount(value: Decimal | None, unit: str | None) -> str | None:
    """An amount to the last digit, not as rounded for people: what differs by a second must not look the same."""
    if value is None or unit is None:
        return None if value is None else plain(value)
    written = amount(value, unit)
    return written if isinstance(written, str) else f"{plain(written)} {unit}"
