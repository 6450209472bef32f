"""What is so now about claimed deliveries (facts.sql), asked for the whole batch at once."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.backends.utils import CursorWrapper
from psycopg import AsyncConnection
from psycopg.rows import class_row

from ostatok.delivery import checks
from ostatok.kernel import sql
from ostatok.ledger import forecast, outlook
from ostatok.ledger.models import EntryKind
from ostatok.notices.rendering import MessageTemplate
from ostatok.notices.values import EntryLine
from ostatok.notices.variables import ENTRIES_SHOWN

_SQL = sql.load("ostatok.delivery", "facts.sql")
_PLACE = re.compile(r"\{(words|around)\}")
_FACTS, _TRIAL = (_PLACE.sub(lambda place: _SQL[place[1]], _SQL[name]) for name in ("facts", "trial"))
_RECENT_USE = _SQL["recent_use"].replace("{recent_use}", outlook.RECENT_USE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What a letter about a balance says, as facts.sql names it; amounts in bases of `unit`.

    `rule_name` is None where no rule of the kind speaks of the balance: only a trial is worded then.
    """

    kind: str
    language: str
    timezone: str
    raised_at: datetime
    rule_name: str | None
    threshold: Decimal | None
    days: int | None
    mark_kind: str
    band_upper: Decimal | None
    band_lower: Decimal | None
    bands: Sequence[Decimal]
    balance_id: int
    amount: Decimal
    held: Decimal
    credit_limit: Decimal
    mark: Decimal | None
    mark_at: datetime | None
    last_payment: Decimal | None
    client_name: str
    client_code: str
    client_tax_id: str
    bank_account: str
    account_number: str
    account_address: str
    service_name: str
    service_full_name: str
    unit: str
    top_up_url: str
    organization_name: str
    organization_phone: str
    may_send_pin: bool
    sender_address: str

    @property
    def available(self) -> Decimal:
        """Balance + credit limit − held."""
        return self.amount + self.credit_limit - self.held


@dataclass(frozen=True, kw_only=True, slots=True)
class Row(Words):
    """One claimed delivery and everything around it."""

    id: int
    attempts: int
    channel: str
    created_at: datetime
    organization_id: int
    notice_id: int
    address: str
    recipient_active: bool
    address_taken: bool
    epoch_raised: int
    rule_id: int
    occasion: int
    step: int
    superseded: bool
    rule_active: bool
    keep_for: timedelta | None
    epoch: int
    topped_up_at: datetime | None
    client_active: bool
    template_id: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """What was used of one balance lately, as of `now`, in bases of its unit: see ledger/forecast.py."""

    used: Decimal
    first_entry_at: datetime | None
    now: datetime

    def lasts_until(self, available: Decimal) -> datetime | None:
        """When what is available will be used up at that rate."""
        return forecast.lasts_until(available, self.used, self._span, self.now)

    def lasts(self, available: Decimal) -> Decimal | None:
        """For how many seconds it will do at that rate; None where nothing was used."""
        return forecast.lasts(available, self.used, self._span)

    @property
    def _span(self) -> timedelta:
        return forecast.span(self.first_entry_at, self.now)


async def fetch(connection: AsyncConnection, ids: Sequence[int]) -> list[Row]:
    """The rows of these deliveries, in the order of their ids."""
    cursor = connection.cursor(row_factory=class_row(Row))
    return await (await cursor.execute(_FACTS, {"ids": list(ids)})).fetchall()


def fetch_now(cursor: CursorWrapper, ids: Sequence[int]) -> list[Row]:
    """The same for whoever asks from a page or a command."""
    cursor.execute(_FACTS, {"ids": list(ids)})
    names = [column[0] for column in cursor.description]
    return [Row(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def fetch_rules_now(cursor: CursorWrapper, kind: str, balances: Sequence[int]) -> Mapping[int, int]:
    """The rule of this kind that speaks to each of the balances, by their ids."""
    cursor.execute(_SQL["rules"], {"kind": kind, "balances": list(balances)})
    return dict(cursor.fetchall())


def fetch_trial_now(
    cursor: CursorWrapper, *, kind: str, language: str, balance: int, rule: int | None, now: datetime
) -> Words:
    """What a letter would say of a balance if a notice of this kind were raised about it now."""
    asked: dict[str, Any] = {"kind": kind, "language": language, "balance": balance, "rule": rule, "now": now}
    cursor.execute(_TRIAL, asked)
    names = [column[0] for column in cursor.description]
    return Words(**dict(zip(names, cursor.fetchone(), strict=True)))


async def fetch_templates(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, MessageTemplate]:
    """Organizations' own wordings by id; a version once saved never changes."""
    rows = await (await connection.execute(_SQL["templates"], {"ids": list(ids)})).fetchall()
    return {
        id_: MessageTemplate(language=language, subject=subject, text=text, html=html)
        for id_, language, subject, text, html in rows
    }


async def fetch_last_entries(connection: AsyncConnection, balances: Sequence[int]) -> Mapping[int, list[EntryLine]]:
    """The latest entries of each balance, the newest first."""
    parameters = {"balances": list(balances), "shown": ENTRIES_SHOWN}
    return _lines(await (await connection.execute(_SQL["last_entries"], parameters)).fetchall())


def fetch_last_entries_now(cursor: CursorWrapper, balances: Sequence[int]) -> Mapping[int, list[EntryLine]]:
    """The same for whoever asks from a page or a command."""
    cursor.execute(_SQL["last_entries"], {"balances": list(balances), "shown": ENTRIES_SHOWN})
    return _lines(cursor.fetchall())


def _lines(rows: Iterable[tuple[Any, ...]]) -> Mapping[int, list[EntryLine]]:
    lines: defaultdict[int, list[EntryLine]] = defaultdict(list)
    for balance, occurred_at, kind, amount, memo in rows:
        lines[balance].append(EntryLine(occurred_at, EntryKind(kind).label, amount, memo))
    return lines


async def fetch_use(connection: AsyncConnection, balances: Sequence[int], now: datetime) -> Mapping[int, Use]:
    """What was used of each balance lately, by its id."""
    parameters = {"balances": list(balances), "first_day": forecast.first_day(now)}
    return _uses(await (await connection.execute(_RECENT_USE, parameters)).fetchall(), now)


def fetch_use_now(cursor: CursorWrapper, balances: Sequence[int], now: datetime) -> Mapping[int, Use]:
    """The same for whoever asks from a page or a command."""
    cursor.execute(_RECENT_USE, {"balances": list(balances), "first_day": forecast.first_day(now)})
    return _uses(cursor.fetchall(), now)


def _uses(rows: Iterable[tuple[Any, ...]], now: datetime) -> Mapping[int, Use]:
    return {balance: Use(used=used, first_entry_at=first, now=now) for balance, used, first in rows}


def for_checks(row: Row, use: Use, *, channel_open: bool, address_valid: bool) -> checks.Facts:
    """What the checks look at; whether the channel is there and likes the address is the channel's to say."""
    return checks.Facts(
        channel_open=channel_open,
        client_active=row.client_active,
        recipient_active=row.recipient_active,
        rule_active=row.rule_active,
        kind=row.kind,
        raised_at=row.raised_at,
        queued_at=row.created_at,
        keep_for=row.keep_for,
        epoch_raised=row.epoch_raised,
        epoch=row.epoch,
        topped_up_at=row.topped_up_at,
        amount=row.amount,
        available=row.available,
        held=row.held,
        mark=row.mark,
        threshold=row.threshold,
        days=row.days,
        lasts=use.lasts(row.available),
        band_upper=row.band_upper,
        superseded=row.superseded,
        address=row.address,
        address_valid=address_valid,
        address_taken=row.address_taken,
    )
