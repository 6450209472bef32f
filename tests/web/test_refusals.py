"""Reasons of refusals, said in the language of the page."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.utils import translation

from ostatok.intake import cells, entry_file, uploads
from ostatok.intake.lines import Lines
from ostatok.intake.table import Table, UnreadRow
from ostatok.intake.uploads import UploadRefused
from ostatok.ledger import entries, posting, snapshots
from ostatok.ledger.entries import KnownService, NewEntry, Reason, RefusedError
from ostatok.ledger.models import EntryKind
from ostatok.web import refusals

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
GOOD = NewEntry(
    position=1,
    account="100001",
    service="ad",
    kind=EntryKind.CHARGE,
    amount=Decimal(5),
    occurred_at=NOW,
    ref="r1",
)
SERVICES = {"ad": KnownService(id=1, unit="min", rearm_from=Decimal(0))}
STATED = snapshots.StatedBalance(position=1, account="100001", service="ad", balance=Decimal(5), as_of=NOW)


def _refused(work: Callable[[], object]) -> str:
    with pytest.raises(RefusedError) as caught:
        work()
    return str(caught.value)


def _of_entries() -> Iterator[str]:
    bad = [
        {"service": "gas"},
        {"ref": ""},
        {"ref": "snapshot:1"},
        {"memo": "x" * 3000},
        {"account": "1\0"},
        {"reverses": "r0"},
        {"kind": EntryKind.SNAPSHOT},
        {"occurred_at": NOW.replace(tzinfo=None)},
        {"occurred_at": NOW + timedelta(days=3)},
        {"amount": None},
        {"kind": EntryKind.TOP_UP, "amount": Decimal(0)},
        {"amount": Decimal(-5)},
        {"amount": Decimal("nan")},
        {"unit": "KZT"},
        {"unit": "minn"},
        {"unit": "parsec"},
        {"amount": Decimal(10) ** 15},
        {"amount": Decimal("0.00000001")},
    ]
    for wrong in bad:
        yield _refused(lambda wrong=wrong: entries.stage(replace(GOOD, **wrong), SERVICES, NOW))  # type: ignore[misc]


def _of_balances() -> Iterator[str]:
    bad = [
        {"last_top_up": Decimal(5)},
        {"last_top_up": Decimal(0), "last_top_up_at": NOW},
        {"credit_limit": Decimal(-1)},
        {"last_top_up": Decimal(5), "last_top_up_at": NOW + timedelta(hours=1)},
    ]
    for wrong in bad:
        yield _refused(lambda wrong=wrong: snapshots.stage(replace(STATED, **wrong), SERVICES, NOW))  # type: ignore[misc]


def _of_cells() -> Iterator[str]:
    for written in ("", "nan", "1e5", "12,5", "1 000", "abc", "9" * 70):
        yield _refused(lambda written=written: cells.amount(written, "amount"))  # type: ignore[misc]
    for written in ("", "22.11.2026", "1812-09-07"):
        yield _refused(lambda written=written: cells.moment(written, "occurred_at", UTC))  # type: ignore[misc]
    yield _refused(lambda: cells.code("x" * 100, "account", Reason.UNKNOWN_ACCOUNT))
    for kind in ("chrge", "?"):
        yield _refused(lambda kind=kind: entry_file._kind(kind))  # type: ignore[misc]


def _of_lines() -> Iterator[str]:
    head = ",".join(entry_file.COLUMNS.required).encode()
    for line in (b"a,b", b'"a"x,b,c,d,e,f', b'"a,b', b"a\0", b"\xff\xfe", b"x" * 200_000):
        table = Table(Lines(BytesIO(head + b"\n" + line + b"\n"), "utf-8"), entry_file.COLUMNS)
        yield from (item.message for item in table if isinstance(item, UnreadRow))


def _of_postings() -> Iterator[str]:
    for text in posting._SIMPLE.values():
        yield text.format(ref="r1", reverses="r0", clash="r2")
    row = entries.stage(GOOD, SERVICES, NOW)
    for staged in (row, row._replace(amount=None, kind=EntryKind.REVERSAL)):
        yield posting._conflict(staged, ("100002", "tv", 1, Decimal(600), NOW, "min"))
    for accounts in (set(), {"100001"}):
        yield posting._explain(row, "unknown_balance", "", accounts, ("", "", 0, Decimal(0), NOW, ""))[1]
    for verdict in ("unknown_balance", "older_snapshot", "conflict"):
        yield snapshots._refusal(STATED, verdict, NOW).message


def _of_files() -> Iterator[str]:
    for head in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"\xff\xfe", b"a\0", b"acount,x,x"):
        with pytest.raises(UploadRefused) as caught:
            uploads._refuse_what_is_no_table(BytesIO(head), "entries", "utf-8")
        yield str(caught.value)
    yield "The file is larger than 64 MB: split it."


ALL = [*_of_entries(), *_of_balances(), *_of_cells(), *_of_lines(), *_of_postings(), *_of_files()]


@pytest.mark.parametrize("language", ["ru", "pl", "kk"])
@pytest.mark.parametrize("message", ALL)
def test_every_refusal_is_said_in_every_language(message: str, language: str) -> None:
    with translation.override(language):
        said = refusals.said(message)
    assert said != message
    assert "%(" not in said


def test_what_a_refusal_names_stands_in_it_as_it_was_written() -> None:
    with translation.override("ru"):
        assert refusals.said("there is no account '10%' in this organization").count("'10%'") == 1
        said = refusals.said("amount: '12,5' is not an amount: write a dot before the decimals, not a comma")
        assert said == "amount: '12,5' — не сумма: перед дробной частью ставьте точку, а не запятую"
        row = entries.stage(GOOD, SERVICES, NOW)
        conflict = posting._conflict(row, ("100002", "tv", 1, Decimal(600), NOW, "min"))
        assert "пополнение, 10 min" in refusals.said(conflict)


def test_english_and_what_nobody_knows_stand_as_they_are() -> None:
    with translation.override("en"):
        assert refusals.said("the amount is missing") == "the amount is missing"
    with translation.override("kk"):
        assert refusals.said("the moon is in the wrong quarter") == "the moon is in the wrong quarter"
