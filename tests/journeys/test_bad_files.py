"""Files as they really come: whatever is wrong is said with its line and reason, and the good rows are posted."""

import csv
from datetime import UTC, datetime, timedelta

import pytest

from tests.journeys import towns
from tests.journeys.desk import Desk, charge, end, entries, query, top_up

HEADER = "account,service,kind,amount,occurred_at,ref,memo"
GOOD = "000001,appps,top_up,100,2025-03-03,good,"


@pytest.fixture
def operator(desk: Desk) -> Desk:
    desk.apply(towns.description(3))
    return desk


def post(desk: Desk, *lines: str, status: int = 3) -> dict[int, tuple[str, str]]:
    """Import lines below the header; reason and message of what was refused, by line."""
    file = desk.file("\n".join([HEADER, *lines]) + "\n")
    result = desk.run("import", "entries", file, "--organization", "energo", status=status)
    assert result["refused"] == len(result["refusals"])
    return {refusal["line"]: (refusal["reason"], refusal["message"]) for refusal in result["refusals"]}


def refs() -> set[str]:
    return {ref for (ref,) in query("select ref from entry")}


IN_TWO_DAYS = (datetime.now(UTC) + timedelta(days=2)).isoformat()

BAD_ROWS = {
    "a bad number": ("000001,appps,charge,12;5,2025-03-03,x,", "bad_amount", "'12;5' is not an amount"),
    "1e30": ("000001,appps,charge,1e30,2025-03-03,x,", "bad_amount", "without an exponent"),
    "thirty digits": (f"000001,appps,charge,{'9' * 30},2025-03-03,x,", "bad_amount", "too large"),
    "NaN": ("000001,appps,charge,NaN,2025-03-03,x,", "bad_amount", "must be a number"),
    "Infinity": ("000001,appps,charge,Infinity,2025-03-03,x,", "bad_amount", "must be a number"),
    "a top-up of nothing": ("000001,appps,top_up,0,2025-03-03,x,", "bad_amount", "of 0 changes nothing"),
    "a charge below nothing": ("000001,appps,charge,-5,2025-03-03,x,", "bad_amount", "the kind gives the sign"),
    "an unknown account": ("999999,appps,charge,5,2025-03-03,x,", "unknown_account", "no account '999999'"),
    "an unknown service": ("000001,water,charge,5,2025-03-03,x,", "unknown_service", "no service 'water'"),
    "an unknown kind": ("000001,appps,fee,5,2025-03-03,x,", "bad_kind", "'fee' is unknown"),
    "a snapshot": ("000001,appps,snapshot,5,2025-03-03,x,", "bad_kind", "imported as balances"),
    "no date": ("000001,appps,charge,5,03.03.2025,x,", "bad_date", "'03.03.2025' is not a date"),
    "a date two days ahead": (f"000001,appps,charge,5,{IN_TWO_DAYS},x,", "in_future", "more than a day in the future"),
    "no ref": ("000001,appps,charge,5,2025-03-03,,", "bad_ref", "1 to 200 characters"),
    "too long a ref": (f"000001,appps,charge,5,2025-03-03,{'x' * 201},", "bad_ref", "1 to 200 characters"),
    "too few columns": ("000001,appps,charge,5", "bad_row", "the row has 4 columns, the header 7"),
    "an open quote": ('000001,appps,charge,5,2025-03-03,x,"oops', "bad_row", "a quote is opened here and not closed"),
    "a NUL byte": ("000001,appps,charge,5,2025-03-03,x,a\0b", "bad_row", "NUL byte"),
    "ten megabytes": ("000001,appps,charge,5,2025-03-03,x," + "y" * 10_000_000, "bad_row", "10,000,035 bytes long"),
    "a reversal of nothing": ("000001,appps,reversal,,2025-03-03,x,", "reverses_missing", "names the ref it reverses"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_is_told_with_its_line_and_the_good_ones_are_posted(operator: Desk, name: str) -> None:
    row, reason, words = BAD_ROWS[name]

    refused = post(operator, GOOD, row, GOOD.replace("good", "good too"))

    assert list(refused) == [3]
    assert refused[3][0] == reason
    assert words in refused[3][1]
    assert refs() == {"good", "good too"}


def test_all_bad_rows_in_one_file_are_told_in_the_order_of_their_lines(operator: Desk) -> None:
    rows = [row for row, _, _ in BAD_ROWS.values()]

    refused = post(operator, *rows, GOOD)

    assert list(refused) == list(range(2, len(rows) + 2))
    assert [reason for reason, _ in refused.values()] == [reason for _, reason, _ in BAD_ROWS.values()]
    assert refs() == {"good"}


def test_the_same_ref_with_other_content_is_refused_with_both_named(operator: Desk) -> None:
    refused = post(operator, GOOD, GOOD.replace("100", "200"), GOOD)

    reason, message = refused[3]
    assert list(refused) == [3]
    assert reason == "conflict"
    assert "ref good is already a top_up of 100 min on account 000001" in message
    assert "this one is a top_up of 200 min" in message
    assert query("select amount from entry") == [(6000,)]


def test_the_same_ref_with_other_content_in_another_file_is_refused(operator: Desk) -> None:
    post(operator, GOOD, status=0)

    refused = post(operator, GOOD.replace("000001", "000002"))

    assert refused[2][0] == "conflict"
    assert "account 000001" in refused[2][1]
    assert "account 000002" in refused[2][1]


def test_rows_in_another_encoding_are_told_with_their_lines_and_how_to_read_them(operator: Desk) -> None:
    content = f"{HEADER}\n{GOOD}\n{GOOD.replace('good,', 'r2,звонок')}\n"
    file = operator.file(content.encode("cp1251"))

    refused = operator.run("import", "entries", file, "--organization", "energo", status=3)
    read = operator.run("import", "entries", file, "--organization", "energo", "--encoding", "cp1251")

    assert [refusal["line"] for refusal in refused["refusals"]] == [3]
    assert "--encoding cp1251" in refused["refusals"][0]["message"]
    assert (refused["posted"], read["posted"], read["duplicates"]) == (1, 1, 1)
    assert query("select memo from entry where ref = 'r2'") == [("звонок",)]


def test_a_wrong_header_is_told_and_nothing_is_posted(operator: Desk) -> None:
    file = operator.file(f"{HEADER.replace('service', 'servise')}\n{GOOD}\n")

    said = operator.complaint("import", "entries", file, "--organization", "energo")

    assert "unknown column 'servise': did you mean \"service\"?" in " ".join(said.split())
    assert "missing service" in said
    assert refs() == set()


def test_an_unknown_organization_is_told_with_the_nearest_one(operator: Desk) -> None:
    said = operator.complaint("import", "entries", operator.file(HEADER), "--organization", "enrgo")

    assert 'did you mean "energo"?' in said


def test_refused_rows_are_kept_corrected_and_imported(operator: Desk) -> None:
    bad = operator.file(entries([top_up(100, account="000001"), charge("5,5", account="000001", memo="a, b")]))
    kept = bad.with_name("refused.csv")
    operator.run("import", "entries", bad, "--organization", "energo", "--refused", kept, status=3)
    [row] = csv.DictReader(kept.read_text().splitlines())
    assert (row["refused_line"], row["refused_reason"], row["memo"]) == ("3", "bad_amount", "a, b")

    kept.write_text(kept.read_text().replace('"5,5"', "5.5"))
    corrected = operator.run("import", "entries", kept, "--organization", "energo")

    assert corrected["posted"] == 1
    assert query("select amount from balance where number = '000001'") == [(5670,)]


def test_refused_rows_do_not_overwrite_the_file_they_come_from(operator: Desk) -> None:
    file = operator.file(f"{HEADER}\n{GOOD}\n")

    said = operator.complaint("import", "entries", file, "--organization", "energo", "--refused", file)

    assert "it is the file to be imported" in said
    assert GOOD in file.read_text()


def test_a_process_says_all_this_on_its_standard_output_and_ends_with_3(operator: Desk) -> None:
    file = operator.file(f"{HEADER}\n{GOOD}\n000001,appps,charge,NaN,2025-03-03,x,\n")

    status, out, err = end(operator.start("import", "entries", file, "--organization", "energo"))

    assert status == 3
    assert '"line": 3' in out
    assert err == ""


def test_refused_rows_that_cannot_be_kept_are_a_usage_error_and_nothing_is_posted(operator: Desk) -> None:
    file = operator.file(f"{HEADER}\n{GOOD}\n")
    nowhere = file.parent / "nowhere" / "refused.csv"

    said = operator.complaint("import", "entries", file, "--organization", "energo", "--refused", nowhere)

    assert "No such file or directory" in said
    assert refs() == set()
