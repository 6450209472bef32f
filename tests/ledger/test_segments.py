"""Sorting balances into segments, whatever the planner knows of the tables."""

import pytest
from django.db import connection

from ostatok.ledger import segments
from ostatok.ledger.models import Account, Balance, Service
from ostatok.parties.models import Client, Organization

pytestmark = pytest.mark.django_db(transaction=True)

TABLES = ("client", "account", "balance")


def ask(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def believed() -> list[float]:
    """How many rows the planner takes each table for."""
    named = ", ".join(f"'{table}'" for table in TABLES)
    return [rows for (rows,) in ask(f"select reltuples from pg_class where relname in ({named})")]  # type: ignore[misc]


def fill(organization: Organization, service: Service) -> list[int]:
    clients = Client.objects.bulk_create(Client(organization=organization, code=str(n), name="x") for n in range(100))
    accounts = Account.objects.bulk_create(
        Account(organization=organization, number=client.code, client=client) for client in clients
    )
    Balance.objects.bulk_create(
        Balance(organization=organization, number=account.number, service=service, account=account)
        for account in accounts
    )
    return [client.pk for client in clients]


def test_tables_filled_since_they_were_found_empty_are_looked_at_again() -> None:
    organization = Organization.objects.create(code="o", name="O")
    service = Service.objects.create(organization=organization, code="s", name="s", unit="min")
    fill(organization, service)
    for table in reversed(TABLES):
        ask(f"delete from {table}")
    ask(f"analyze {', '.join(TABLES)}")
    assert believed() == [0, 0, 0]
    ids = fill(organization, service)
    with connection.cursor() as cursor:
        segments.prepare(cursor)
        segments.find(cursor, segments.Scope.CLIENTS, ids)
        cursor.execute("select count(*) from sorted")
        assert cursor.fetchone() == (100,)
        cursor.execute("drop table sorted")
    assert believed() == [100, 100, 100]
