"""Random rules. Their figures are few and round, so that rules, amounts and waits meet at the same edges."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st

from tests.model.triggers import Above, Band, Bands, Below, Exhausted, Forecast, Mark, Trigger
from tests.model.words import Audience, First, Quota, Rule

_AMOUNTS = st.sampled_from([Decimal(amount) for amount in ("0", "5", "12.5", "20", "50")])
_UNITS = st.sampled_from(["min", "min", "min", "kWh"])
_LADDERS = st.sampled_from(
    [
        ((20, 10), (10, 5), (5, None)),
        ((100, 50), (50, 25), (25, None)),
        ((30, 20), (10, None)),
        ((50, None),),
    ]
)
_DAYS = st.sampled_from([1, 3, 7, 30])
_PERIODS = st.sampled_from([None, timedelta(hours=1), timedelta(hours=1), timedelta(hours=24)])
_COOLDOWNS = st.sampled_from([None, None, timedelta(minutes=30), timedelta(hours=1), timedelta(hours=24)])
_HYSTERESES = st.sampled_from([Decimal(0), Decimal(0), Decimal("0.01"), Decimal(5)])


@st.composite
def bands(draw: st.DrawFn, marks: Sequence[Mark]) -> Bands:
    ladder = tuple(Band(Decimal(upper), None if lower is None else Decimal(lower)) for upper, lower in draw(_LADDERS))
    return Bands(bands=ladder, mark=draw(st.sampled_from(marks)))


def triggers(marks: Sequence[Mark]) -> st.SearchStrategy[Trigger]:
    below = st.builds(Below, amount=_AMOUNTS, unit=_UNITS)
    above = st.builds(Above, amount=_AMOUNTS, unit=_UNITS)
    exhausted = st.builds(Exhausted)
    forecast = st.builds(Forecast, days=_DAYS)
    return st.one_of(bands(marks), bands(marks), bands(marks), below, below, above, exhausted, forecast, forecast)


@st.composite
def quotas(draw: st.DrawFn) -> Quota:
    period = draw(_PERIODS)
    return Quota(
        max_qty=draw(st.sampled_from([None, 1, 2, 3])),
        period=period,
        hysteresis=draw(_HYSTERESES),
        cooldown=draw(_COOLDOWNS),
        first=First.NOW if period is None else draw(st.sampled_from(First)),
    )


def rules(name: str, marks: Sequence[Mark]) -> st.SearchStrategy[Rule]:
    """Rules of this name, whose bands measure by one of these marks."""
    audiences = st.builds(
        Audience,
        services=st.sampled_from([None, None, None, None, frozenset({"ad"}), frozenset({"power"})]),
        groups=st.sampled_from([None, None, None, None, frozenset("A"), frozenset("AB")]),
    )
    return st.builds(
        Rule,
        name=st.just(name),
        trigger=triggers(marks),
        audience=audiences,
        quota=quotas(),
        shadow=st.sampled_from([False, False, False, True]),
    )
