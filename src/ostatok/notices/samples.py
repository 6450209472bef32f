"""Made-up facts, to try a template before a real notice meets it: once with everything known, once with the least."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from ostatok.notices import values, variables

_RAISED_AT = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)
_MARK = Decimal(6000)
_BALANCES = {"balance_above": Decimal(1500), "balance_exhausted": Decimal(0)}
_DAYS = 7
_BANDS = (Decimal(20), Decimal(10), Decimal(5))


def minimal(kind: str, language: str) -> variables.Facts:
    """A notice of which only that is known without which there would be none."""
    is_band, has_threshold = kind == "balance_band", kind in {"balance_below", "balance_above"}
    return variables.Facts(
        kind=kind,
        language=language,
        zone=ZoneInfo("UTC"),
        raised_at=_RAISED_AT,
        as_of=_RAISED_AT,
        client_name="ООО «Ромашка»",
        client_code="c1",
        account_number="100001",
        service_name="АД",
        unit="min",
        balance=_BALANCES.get(kind, Decimal(900)),
        organization_name="ООО «Энергосбыт»",
        rule_name="Остаток минут",
        mark=_MARK if is_band else None,
        band_upper=_BANDS[0] if is_band else None,
        band_lower=_BANDS[1] if is_band else None,
        threshold=Decimal(1200) if has_threshold else None,
        days=_DAYS if kind == "forecast_below" else None,
    )


def full(kind: str, language: str) -> variables.Facts:
    """A notice about which everything is known."""
    return dataclasses.replace(
        minimal(kind, language),
        zone=ZoneInfo("Europe/Moscow"),
        as_of=_RAISED_AT + timedelta(minutes=1),
        client_tax_id="7812345678",
        account_address="Санкт-Петербург, Садовая ул., 12",
        service_full_name="Автоматический обзвон должников",
        mark=_MARK,
        mark_at=_RAISED_AT - timedelta(days=5),
        bands=_BANDS if kind == "balance_band" else (),
        lasts_until=_RAISED_AT + (timedelta(days=3, hours=2) if kind == "forecast_below" else timedelta(days=1)),
        top_up_url="https://pay.example.com/100001",
        last_payment=_MARK,
        last_entries=tuple(_entries()),
        bank_account="40702810900000000001",
        pin="2468",
        may_send_pin=True,
        organization_phone="8 800 555-01-48",
        organization_email="help@energo.example",
        organization_logo_url="https://energo.example/logo.png",
    )


def _entries() -> Iterator[values.EntryLine]:
    for day in range(variables.ENTRIES_SHOWN - 1):
        yield values.EntryLine(_RAISED_AT - timedelta(days=day), "charge", Decimal(-60))
    yield values.EntryLine(_RAISED_AT - timedelta(days=variables.ENTRIES_SHOWN), "top_up", _MARK, "Договор 17")
