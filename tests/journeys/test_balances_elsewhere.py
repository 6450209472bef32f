"""Beside a billing that can only say what is left now: balances in bulk (FEATURES F11)."""

from typing import Any

import pytest

from tests.journeys import towns
from tests.journeys.desk import Desk, query

HEADER = "account,service,balance,as_of,credit_limit,last_top_up,last_top_up_at"


@pytest.fixture
def operator(desk: Desk) -> Desk:
    desk.apply(towns.description(3))
    return desk


def state(desk: Desk, *rows: str, status: int = 0) -> Any:
    file = desk.file("\n".join([HEADER, *rows]))
    return desk.run("import", "balances", file, "--organization", "energo", status=status)


def test_the_opening_load_tells_nobody(operator: Desk) -> None:
    result = state(operator, "000000,appps,3,2025-03-01,,100,2025-02-20", "000001,appps,50,2025-03-01,,100,2025-02-20")

    assert (result["posted"], result["notices"]) == (2, 0)
    assert operator.send() == []


def test_what_changed_since_becomes_an_entry_and_a_letter(operator: Desk) -> None:
    state(operator, "000001,appps,50,2025-03-01,,100,2025-02-20")

    result = state(operator, "000001,appps,15,2025-03-02,,100,2025-02-20")

    assert (result["posted"], result["notices"]) == (1, 1)
    [letter] = operator.send()
    assert "15 %" in letter.text
    assert query("select kind, amount from entry order by seq") == [(6, 3000), (7, -2100)]


def test_a_declared_top_up_is_the_new_hundred_per_cent(operator: Desk) -> None:
    state(operator, "000001,appps,15,2025-03-01,,100,2025-02-20")
    state(operator, "000001,appps,38,2025-03-05,,200,2025-03-03")

    [letter] = operator.send()

    assert "19 %" in letter.text
    assert "200 минут, 3 марта 2025" in letter.text


def test_an_older_statement_is_refused_and_the_same_one_is_known(operator: Desk) -> None:
    newest = "000001,appps,50,2025-03-02,,,"
    state(operator, newest)

    again = state(operator, newest)
    older = state(operator, "000001,appps,60,2025-03-01,,,", status=3)
    other = state(operator, "000001,appps,49,2025-03-02,,,", status=3)

    assert (again["posted"], again["duplicates"]) == (0, 1)
    assert older["refusals"][0]["reason"] == "older_snapshot"
    assert other["refusals"][0]["reason"] == "conflict"
    assert query("select amount from balance where seq > 0") == [(3000,)]


def test_bad_rows_are_told_with_their_lines_and_the_good_ones_are_taken_over(operator: Desk) -> None:
    result = state(
        operator,
        "000001,appps,fifty,2025-03-02,,,",
        "000001,appps,50,yesterday,,,",
        "000001,appps,50,2025-03-02,,100,",
        "999999,appps,50,2025-03-02,,,",
        "000002,appps,50,2025-03-02,10,,",
        status=3,
    )

    assert [(bad["line"], bad["reason"]) for bad in result["refusals"]] == [
        (2, "bad_amount"),
        (3, "bad_date"),
        (4, "bad_date"),
        (5, "no_such_balance"),
    ]
    assert query("select amount, credit_limit from balance where seq > 0") == [(3000, 600)]
    operator.check()
