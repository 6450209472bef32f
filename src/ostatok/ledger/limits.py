"""Credit limits, holds and packages: each change is a look at the rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.backends.utils import CursorWrapper

from ostatok.kernel import sql

_SQL = sql.load("ostatok.ledger", "limits.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class LimitChange:
    """New limits of one balance in base units; None leaves one as it is."""

    balance_id: int
    credit_limit: Decimal | None = None
    held: Decimal | None = None
    package: Decimal | None = None


def write(cursor: CursorWrapper, changes: Sequence[LimitChange]) -> int:
    """Set limits within the caller's transaction; leaves what moved in `touched` and `look`, returns how many looks."""
    cursor.execute(
        _SQL["change"],
        {
            "ids": [change.balance_id for change in changes],
            "credit_limits": [change.credit_limit for change in changes],
            "held": [change.held for change in changes],
            "packages": [change.package for change in changes],
        },
    )
    return int(cursor.rowcount)
