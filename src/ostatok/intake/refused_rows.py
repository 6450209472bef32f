"""Refused rows as a file of their own, separated as the one they come from: to be corrected and imported as it is."""

import csv
from typing import TextIO

from ostatok.intake.table import DECIMAL_COMMA, REMARKS, Columns, Row, UnreadRow, with_comma
from ostatok.ledger.entries import Refusal


class RefusedRows:
    """Writes each refused row with its line, its reason and what to do."""

    def __init__(self, file: TextIO, columns: Columns, delimiter: str = ",") -> None:
        self._writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        self._with_commas = columns.places_of_amounts if delimiter == DECIMAL_COMMA else ()
        self._empty = [""] * len(columns.all)
        self._writer.writerow([*columns.all, *REMARKS])

    def write(self, row: Row | None, refusal: Refusal) -> None:
        """Add a row; a line that could not be taken apart stands as it was in the last column."""
        values = list(row.values) if row else self._empty
        for place in self._with_commas:
            values[place] = with_comma(values[place])
        text = refusal.text if isinstance(refusal, UnreadRow) else ""
        self._writer.writerow([*values, refusal.position, refusal.reason, refusal.message, text])
