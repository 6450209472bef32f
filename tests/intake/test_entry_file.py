from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ostatok.intake.balance_file import BalanceReader
from ostatok.intake.entry_file import COLUMNS, EntryReader
from ostatok.intake.table import Row
from ostatok.ledger.entries import NewEntry, Reason, RefusedError
from ostatok.ledger.models import EntryKind
from ostatok.ledger.snapshots import StatedBalance

ALMATY = ZoneInfo("Asia/Almaty")
GOOD = {
    "account": "000771",
    "service": "appps",
    "kind": "charge",
    "amount": "12.50",
    "occurred_at": "2026-11-22T09:00:00+03:00",
    "ref": "r1",
}


def entry(**cells: str) -> NewEntry:
    values = GOOD | cells
    return EntryReader(ALMATY)(Row(7, [values.get(column, "") for column in COLUMNS.all]))


def refusal(**cells: str) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        entry(**cells)
    return caught.value


def test_a_row_becomes_an_entry_at_its_line() -> None:
    assert entry(memo="звонок", unit="s") == NewEntry(
        position=7,
        account="000771",
        service="appps",
        kind=EntryKind.CHARGE,
        amount=Decimal("12.50"),
        occurred_at=datetime(2026, 11, 22, 6, tzinfo=UTC),
        ref="r1",
        memo="звонок",
        unit="s",
    )


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-11-22", datetime(2026, 11, 21, 19, tzinfo=UTC)),
        ("2026-11-22 09:00", datetime(2026, 11, 22, 4, tzinfo=UTC)),
        ("2026-11-22T09:00:00Z", datetime(2026, 11, 22, 9, tzinfo=UTC)),
        ("2026-11-22T09:00:00.5-01:30", datetime(2026, 11, 22, 10, 30, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_a_moment_without_a_zone_is_the_organizations(written: str, moment: datetime) -> None:
    assert entry(occurred_at=written).occurred_at == moment


@pytest.mark.parametrize(
    "written", ["", "22.11.2026", "2026-13-01", "20261122", "2026-W47-7", "now", "2026-11-22x09:00"]
)
def test_what_is_no_iso_date_is_refused(written: str) -> None:
    refused = refusal(occurred_at=written)

    assert refused.reason == Reason.BAD_DATE
    assert str(refused).startswith("occurred_at: ")


def test_a_year_that_no_billing_knew_is_refused() -> None:
    assert refusal(occurred_at="0026-11-22").reason == Reason.BAD_DATE


@pytest.mark.parametrize("written", ["", "abc", "1e30", "NaN", "Infinity", "1,5", "1 000", "1.1234567", "1" * 15])
def test_what_is_no_amount_is_refused(written: str) -> None:
    refused = refusal(amount=written)

    assert refused.reason == Reason.BAD_AMOUNT
    assert str(refused).startswith("amount: ")


def test_a_reversal_may_leave_its_amount_out() -> None:
    reversal = entry(kind="reversal", amount="", reverses="r0")

    assert (reversal.amount, reversal.reverses) == (None, "r0")


def test_an_unknown_kind_is_refused_with_the_nearest_one() -> None:
    refused = refusal(kind="topup")

    assert refused.reason == Reason.BAD_KIND
    assert 'did you mean "top_up"?' in str(refused)


def test_an_account_number_longer_than_any_is_refused_without_repeating_it() -> None:
    refused = refusal(account="9" * 60_000)

    assert refused.reason == Reason.UNKNOWN_ACCOUNT
    assert len(str(refused)) < 200


def test_a_stated_balance_may_leave_limit_and_top_up_out() -> None:
    row = Row(3, ["000771", "appps", "-5", "2026-11-22", "", "", ""])

    assert BalanceReader(ALMATY)(row) == StatedBalance(
        position=3,
        account="000771",
        service="appps",
        balance=Decimal(-5),
        as_of=datetime(2026, 11, 22, tzinfo=ALMATY),
    )


def test_a_stated_balance_carries_its_limit_and_last_top_up() -> None:
    row = Row(3, ["000771", "appps", "15", "2026-11-22", "10", "100", "2026-11-20"])

    stated = BalanceReader(ALMATY)(row)

    assert (stated.credit_limit, stated.last_top_up) == (Decimal(10), Decimal(100))
    assert stated.last_top_up_at == datetime(2026, 11, 20, tzinfo=ALMATY)
