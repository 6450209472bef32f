"""What a page tells of one balance: the amount, its mark, the word of its band, and the sentence for those who hear."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ostatok.kernel import moments
from ostatok.ledger.standing import Base, Standing
from ostatok.web import bands, reading
from ostatok.web.drawing import bar, bar_svg

_BASES: Final[dict[Base, Promise]] = {
    Base.LAST_TOP_UP: gettext_lazy("100 %% is the last top-up, %(day)s."),
    Base.BALANCE_AFTER: gettext_lazy("100 %% is what there was right after the top-up, %(day)s."),
    Base.PACKAGE: gettext_lazy("100 %% is the package granted."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A balance made ready for its reader; `of`, and `base`, which says what 100 % is, are empty without a mark."""

    standing: Standing
    drawing: bar.Bar
    amount: str
    of: str
    base: str
    percent: str
    word: str
    label: str
    credit: str
    over: str

    @property
    def svg(self) -> SafeString:
        """The bar, as on a card."""
        return self._drawn(tiny=False)

    @property
    def tiny_svg(self) -> SafeString:
        """The bar, as in a table."""
        return self._drawn(tiny=True)

    def _drawn(self, *, tiny: bool) -> SafeString:
        band, language = self.standing.band, reading.language()
        return bar_svg.draw(self.drawing, band=band, label=self.label, language=language, tiny=tiny)


def of(standing: Standing, *, long: bool = False) -> Panel:
    """The panel of a balance in the reader's language; `long` writes units out: 15 minutes."""
    share = standing.percent
    amount = _amount(standing, long=long)
    mark = reading.amount(standing.mark, standing.unit) if share is not None else ""
    percent = reading.percent(bar.floor(share)) if share is not None else ""
    told = str(word(standing))
    return Panel(
        standing=standing,
        drawing=bar.draw(share, used_lately=_used_in_a_day(standing)),
        amount=amount,
        of=mark,
        base=_base(standing),
        percent=percent,
        word=told,
        label=_label(amount, mark, percent, told),
        credit=reading.amount(standing.credit_limit, standing.unit) if standing.credit_limit else "",
        over=_over(standing),
    )


def word(standing: Standing) -> Promise:
    """The word beside the colour of a balance."""
    return bands.word(standing.band, standing.percent, standing.left, known=standing.known)


def shares(counts: Mapping[str, int]) -> list[tuple[str, str, str]]:
    """Band, x and width of each part of a bar that is divided by count; bands with nothing are left out."""
    whole = sum(counts.values())
    parts, start = [], Decimal(0)
    for band, count in counts.items():
        if not count:
            continue
        width = Decimal(count) * 100 / whole
        parts.append((str(band), bar.per_cent(start), bar.per_cent(width)))
        start += width
    return parts


def _amount(standing: Standing, *, long: bool) -> str:
    return reading.amount(standing.left, standing.unit, long=long) if standing.known else reading.NOTHING


def _base(standing: Standing) -> str:
    if standing.percent is None:
        return ""
    at, now = standing.topped_up_at, standing.now
    day = moments.near_day(at, now, reading.language(), reading.zone()) if at else ""
    return str(_BASES[standing.base]) % {"day": day} if day or standing.base is Base.PACKAGE else ""


def _label(amount: str, mark: str, percent: str, told: str) -> str:
    if not mark:
        return f"{amount}, {told}"
    return _("%(amount)s of %(mark)s, %(percent)s, %(word)s") % {
        "amount": amount,
        "mark": mark,
        "percent": percent,
        "word": told,
    }


def _used_in_a_day(standing: Standing) -> Decimal:
    if standing.mark is None or standing.mark <= 0:
        return bar.ZERO
    return standing.daily_use * 100 / standing.mark


def _over(standing: Standing) -> str:
    """What is left beyond the mark, if anything."""
    if standing.percent is None or standing.mark is None or standing.percent <= bar.FULL:
        return ""
    return reading.amount(standing.left - standing.mark, standing.unit)
