"""`ostatok check`: every balance proved from its entries (check.sql)."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from ostatok.kernel import sql

_SQL = sql.load("ostatok.ledger", "check.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """A balance that its entries do not prove; amounts in base units. `account` is None for entries of no balance."""

    balance_id: int
    account: str | None
    service: str | None
    unit: str | None
    amount: Decimal | None
    proved: Decimal
    seq: int | None
    last_entry: int
    epoch: int | None
    proved_epoch: int


def count(organization_id: int | None = None) -> int:
    """How many balances there are to prove."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL["count"], {"organization": organization_id})
        return int(cursor.fetchone()[0])


def differences(organization_id: int | None = None) -> Iterator[Difference]:
    """All balances, of one organization or of all, whose amount, order or epoch differs from what their entries say."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL["differences"], {"organization": organization_id})
        for row in cursor:
            balance, account, service, unit, amount, proved, seq, last_entry, epoch, proved_epoch = row
            yield Difference(
                balance_id=balance,
                account=account,
                service=service,
                unit=unit,
                amount=amount,
                proved=proved,
                seq=seq,
                last_entry=last_entry,
                epoch=epoch,
                proved_epoch=proved_epoch,
            )
