"""What another billing says is left now, in a CSV file."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from ostatok.intake import cells
from ostatok.intake.table import Columns, Row
from ostatok.ledger.entries import Reason
from ostatok.ledger.snapshots import StatedBalance

COLUMNS: Final = Columns(
    required=("account", "service", "balance", "as_of"),
    optional=("credit_limit", "last_top_up", "last_top_up_at"),
    amounts=("balance", "credit_limit", "last_top_up"),
)


@dataclass(frozen=True, slots=True)
class BalanceReader:
    """Reads rows as stated balances; a moment without a zone is in `zone`."""

    zone: tzinfo
    columns: Columns = COLUMNS

    def __call__(self, row: Row) -> StatedBalance:
        """The balance a row states. Raises RefusedError."""
        account, service, balance, as_of, credit_limit, last_top_up, last_top_up_at = row.values
        return StatedBalance(
            position=row.line,
            account=cells.code(account, "account", Reason.UNKNOWN_ACCOUNT),
            service=cells.code(service, "service", Reason.UNKNOWN_SERVICE),
            balance=cells.amount(balance, "balance"),
            as_of=cells.moment(as_of, "as_of", self.zone),
            credit_limit=cells.amount(credit_limit, "credit_limit") if credit_limit else None,
            last_top_up=cells.amount(last_top_up, "last_top_up") if last_top_up else None,
            last_top_up_at=cells.moment(last_top_up_at, "last_top_up_at", self.zone) if last_top_up_at else None,
        )
