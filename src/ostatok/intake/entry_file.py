"""Charges, top-ups and other entries in a CSV file."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from ostatok.intake import cells
from ostatok.intake.description.problems import did_you_mean
from ostatok.intake.table import Columns, Row
from ostatok.ledger.entries import NewEntry, Reason, RefusedError
from ostatok.ledger.models import EntryKind

COLUMNS: Final = Columns(
    required=("account", "service", "kind", "amount", "occurred_at", "ref"),
    optional=("memo", "reverses", "unit"),
    amounts=("amount",),
)
_KINDS: Final = {str(kind.label): kind for kind in EntryKind}
_TO_WRITE: Final = [name for name, kind in _KINDS.items() if kind != EntryKind.SNAPSHOT]


@dataclass(frozen=True, slots=True)
class EntryReader:
    """Reads rows as entries; a moment without a zone is in `zone`, an amount without a unit in the service's."""

    zone: tzinfo
    columns: Columns = COLUMNS

    def __call__(self, row: Row) -> NewEntry:
        """The entry a row states. Raises RefusedError."""
        account, service, kind, amount, occurred_at, ref, memo, reverses, unit = row.values
        known = _kind(kind)
        left_out = not amount and known == EntryKind.REVERSAL
        return NewEntry(
            position=row.line,
            account=cells.code(account, "account", Reason.UNKNOWN_ACCOUNT),
            service=cells.code(service, "service", Reason.UNKNOWN_SERVICE),
            kind=known,
            amount=None if left_out else cells.amount(amount, "amount"),
            occurred_at=cells.moment(occurred_at, "occurred_at", self.zone),
            ref=ref,
            memo=memo,
            reverses=reverses or None,
            unit=unit or None,
        )


def _kind(written: str) -> EntryKind:
    try:
        return _KINDS[written]
    except KeyError:
        hint = did_you_mean(written, _TO_WRITE) or f": write {', '.join(_TO_WRITE)}"
        raise RefusedError(Reason.BAD_KIND, f"kind: {written[:40]!r} is unknown{hint}") from None
