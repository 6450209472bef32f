"""The outlook: how low every balance is and when it will run out, kept ready for lists and counts (outlook.sql).

It is refreshed every few minutes and after imports, at the cost of what was posted since; once a day all of it.
Pages of one client and letters do not wait for that: `RECENT_USE` adds the entries since to what the refresh knew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.backends.utils import CursorWrapper

from ostatok.kernel import sql
from ostatok.ledger import forecast
from ostatok.ledger.standing import Base

_SQL = sql.load("ostatok.ledger", "outlook.sql")
# Clocks differ, and whoever waits for another's refresh comes with the moment at which he began to wait.
_SLACK = timedelta(minutes=15)
_DAY_BY_DAY = ", ".join(f"coalesce(sum(f.{{0}}) filter (where d.nth = {n}), 0)" for n in range(forecast.DAYS + 1))
_PARTS = {
    "{fresh_used}": _DAY_BY_DAY.format("used"),
    "{fresh_net}": _DAY_BY_DAY.format("net"),
    "{is_use}": _SQL["is_use"],
    "{used_at}": _SQL["used_at"],
}


def _assembled(block: str, **more: str) -> str:
    text = _SQL[block]
    for name, part in ({f"{{{name}}}": part for name, part in more.items()} | _PARTS).items():
        text = text.replace(name, part)
    return text


#: A query of one row `used` for a balance `b` of the query around it; asks for the parameter `first_day`.
RECENT_USE: Final = _assembled("recent_use", until="")
#: A query of one value, for how many seconds balance `b` lasts (ledger/forecast.py); asks for what `asked` gives.
LASTS: Final = _assembled("lasts", recent_use=RECENT_USE, available="b.amount + b.credit_limit - b.held")
#: The same as of a look `l` in the middle of a posting: what was posted after it is left out.
LASTED_AT_LOOK: Final = _assembled(
    "lasts",
    recent_use=_assembled("recent_use", until=" and e.seq <= l.seq"),
    available="l.amount + l.credit_limit - l.held",
)
_WRITE: Final = _assembled("write")


def asked(now: datetime) -> dict[str, Any]:
    """The parameters of RECENT_USE and LASTS."""
    return {"now": now, "first_day": forecast.first_day(now)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Refreshed:
    """What a refresh did: `whole` if it was that of a new day or of everything; how many balances it found changed.

    It is as of `at`: the moment of the last refresh, where that was a little after the one asked for.
    """

    at: datetime
    whole: bool
    balances: int


def refresh(cursor: CursorWrapper, *, now: datetime, bases: Mapping[int, Base], whole: bool = False) -> Refreshed:
    """Bring the outlook to what is so now, within the caller's transaction.

    `bases` says what counts as 100 % for the balances of a segment, where that is not the last top-up. Looks at what
    changed since the last refresh; on a new day (UTC) also at whatever was used lately; at everything if told to.
    """
    cursor.execute(_SQL["lock"])
    cursor.execute(_SQL["prepare"])
    last = _last_pass(cursor)
    if last and timedelta(0) < last - now < _SLACK:
        now = last
    everything = whole
    whole = whole or last is None or now < last or now.astimezone(UTC).date() != last.astimezone(UTC).date()
    context: dict[str, Any] = {
        "everything": everything,
        "now": now,
        "posted_from": last and last - _SLACK,
        "last": last,
        "today": now.astimezone(UTC).date(),
        "first_day": forecast.first_day(now),
        "horizon": forecast.HORIZON.days * 86_400,
        "segments": list(bases),
        "bases": [str(base) for base in bases.values()],
    }
    cursor.execute(_SQL["bases"], context)
    for step in ("find_all", "forget_marks", "analyze", "forget_closed") if whole else ("find_changed", "analyze"):
        cursor.execute(_SQL[step], context)
    cursor.execute(_WRITE, context)
    (written,) = cursor.fetchone()
    for step in ("recount", "count_soon", "passed") if whole else ("count_soon", "passed"):
        cursor.execute(_SQL[step], context)
    return Refreshed(at=now, whole=whole, balances=written)


def _last_pass(cursor: CursorWrapper) -> datetime | None:
    cursor.execute(_SQL["last_pass"])
    row = cursor.fetchone()
    return row[0] if row else None
