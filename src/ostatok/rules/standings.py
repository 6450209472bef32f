"""The standings of accounts: what is left of every balance, for panels, pages and programs (standings.sql)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from ostatok.kernel import sql
from ostatok.ledger import forecast, outlook
from ostatok.ledger.models import Account
from ostatok.ledger.standing import Base, Standing

_OF_ACCOUNTS = sql.load("ostatok.rules", "standings.sql")["of_accounts"].replace("{recent_use}", outlook.RECENT_USE)


def of_accounts(accounts: Iterable[Account], *, now: datetime) -> dict[int, tuple[Standing, ...]]:
    """The standings of these accounts by account id, each in the order of its service codes: one query.

    The accounts must have come through an access door. An account without services has an empty tuple.
    """
    ids = [account.pk for account in accounts]
    found: defaultdict[int, list[Standing]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_OF_ACCOUNTS, {"accounts": ids, "first_day": forecast.first_day(now)})
        names = [column.name for column in cursor.description]
        for row in cursor.fetchall():
            values = dict(zip(names, row, strict=True))
            values["base"] = Base(values["base"])
            found[values["account_id"]].append(Standing(**values, now=now))
    return {id_: tuple(found[id_]) for id_ in ids}
