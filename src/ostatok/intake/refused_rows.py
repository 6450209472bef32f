"""Refused rows as a file of their own: to be corrected and imported as it is."""

import csv
from typing import TextIO

from ostatok.intake.table import REMARKS, Columns, Row, UnreadRow
from ostatok.ledger.entries import Refusal


class RefusedRows:
    """Writes each refused row with its line, its reason and what to do."""

    def __init__(self, file: TextIO, columns: Columns) -> None:
        self._writer = csv.writer(file, lineterminator="\n")
        self._empty = [""] * len(columns.all)
        self._writer.writerow([*columns.all, *REMARKS])

    def write(self, row: Row | None, refusal: Refusal) -> None:
        """Add a row; a line that could not be taken apart stands as it was in the last column."""
        values = row.values if row else self._empty
        text = refusal.text if isinstance(refusal, UnreadRow) else ""
        self._writer.writerow([*values, refusal.position, refusal.reason, refusal.message, text])
