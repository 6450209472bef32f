"""What all files of lists share: how many rows there are at most, and how an amount is written."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Final

from django.utils.translation import gettext as _

from ostatok.kernel import units

#: The most rows one file has; its last line says where it was cut.
MOST: Final = 100_000


def whole(lines: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
    """At most so many lines; where there are more, the last line says that the file was cut."""
    rows = iter(lines)
    yield from islice(rows, MOST)
    if next(rows, None) is not None:
        yield [_("CUT HERE: the list has more than %(count)s rows. Narrow it, and take it in parts.") % {"count": MOST}]


def tidy(amount: Decimal | None, unit: str) -> Decimal | None:
    """An amount in bases as a file has it: in the unit, without zeros that say nothing."""
    if amount is None:
        return None
    in_unit = units.from_base(amount, unit)
    whole = in_unit.to_integral_value()
    return whole if whole == in_unit else in_unit.normalize()
