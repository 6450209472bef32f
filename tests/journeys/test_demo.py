"""`ostatok demo`, on the first purchases of the sample; and what its shop is made of."""

import json
import shutil
import signal
import stat
from collections import defaultdict
from decimal import Decimal
from itertools import islice, pairwise
from pathlib import Path

import pytest

from ostatok.cli import _purchases
from ostatok.cli.demo import EXAMPLES
from tests.cli import serving
from tests.journeys import towns
from tests.journeys.desk import Desk, charge, end, query, top_up


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """The examples with 600 of the purchases."""
    copied = shutil.copytree(EXAMPLES, tmp_path / "examples")
    sample = copied / "cdnow_sample.csv"
    with sample.open() as file:
        head = list(islice(file, 601))
    sample.write_text("".join(head))
    return copied


def test_the_demo_runs_twice_and_posts_and_sends_once(desk: Desk, examples: Path, tmp_path: Path) -> None:
    first = desk.run("demo", "--examples", examples, "--no-serve")
    again = desk.run("demo", "--examples", examples, "--no-serve")

    mails = list((tmp_path / "demo" / "mails").glob("*.eml"))
    totals = first["totals"]
    assert first["posted"] == again["there_already"] == totals["entries"] > 600
    assert first["sent"] == totals["sent"] == len(mails) > 10
    assert (again["posted"], again["sent"]) == (0, 0)
    assert again["totals"] == totals
    assert list(totals["notices"])[:3] == ["20–10%", "10–5%", "below 5%"]
    assert {"superseded", "recovered", "no_address"} >= set(totals["not_sent"]) >= {"recovered", "no_address"}
    # Some rules tell the client's organization too.
    assert 80 < sum(totals["notices"].values()) < totals["sent"] + sum(totals["not_sent"].values())
    assert totals["check"]["differing"] == totals["waiting"] == 0


def test_the_demo_says_in_words_what_happened(desk: Desk, examples: Path) -> None:
    process = desk.start("demo", "--examples", examples, "--no-serve", json=False)

    status, out, _ = end(process)

    assert status == 0
    assert "mails sent" in out
    assert "not sent: the recipient has no address" in out
    assert "all follow from their entries" in out
    assert "ostatok why 770001" in out


def test_the_demo_serves_what_it_has_loaded_and_whom_it_names_may_sign_in(
    transactional_db: None, database_url: str, examples: Path, tmp_path: Path
) -> None:
    with serving.started(
        *("demo", "--examples", examples),
        log=tmp_path / "log",
        DATABASE_URL=database_url,
        OSTATOK_HOME=str(tmp_path),
    ) as demo:
        told = serving.announced(demo, "no second factor")
        sign_ins = {words[0]: words[1] for line in told if len(words := line.split()) > 2 and "@" in words[0]}
        places = {email: serving.sign_in(demo, email, password) for email, password in sign_ins.items()}
        children = demo.children()
        status, _ = demo.stop(signal.SIGINT)

    kept = tmp_path / "demo" / "sign-ins.json"
    assert (stat.S_IMODE(kept.stat().st_mode), json.loads(kept.read_text())) == (0o600, sign_ins)
    assert places["owner@energo.test"] == places["look@energo.test"] == "/console/"
    assert places["marina@ukprim.test"] == "/cabinet/"
    assert set(places.values()) == {"/console/", "/cabinet/"}
    assert status == 0
    assert "Traceback" not in (tmp_path / "log").read_text()
    serving.gone(children)


def test_the_demo_is_served_to_nobody_elses_people(desk: Desk, examples: Path) -> None:
    desk.apply(towns.description(1, code="real"))

    status, _, err = end(desk.start("demo", "--examples", examples, "--port", str(serving.free_port())))

    assert status == 1
    assert "the pages of the demo ask for no second factor" in err
    assert query("select code from organization") == [("real",)]


def test_the_demo_does_not_take_mails_that_wait_for_others(desk: Desk, examples: Path) -> None:
    desk.apply(towns.description(1, code="real"))
    desk.post(top_up(100, account="000000"), charge(90, account="000000"), organization="real")

    status, _, err = end(desk.start("demo", "--examples", examples, "--no-serve"))

    assert status == 1
    assert "mails of other organizations wait in this database" in err
    assert query("select code from organization") == [("real",)]


def test_every_purchase_is_a_charge_and_every_balance_is_topped_up_in_time_or_just_after() -> None:
    purchases = _purchases.read(EXAMPLES / "cdnow_sample.csv")
    movements = list(_purchases.movements(purchases))

    left: defaultdict[str, Decimal] = defaultdict(Decimal)
    below: defaultdict[str, int] = defaultdict(int)
    for one in movements:
        before = left[one.customer]
        left[one.customer] += one.dollars if one.kind == "top_up" else -one.dollars
        if one.kind == "charge" and left[one.customer] < 0:
            assert before >= 0
            below[one.customer] += 1
    charged = [(one.ref, one.dollars) for one in movements if one.kind == "charge"]
    assert charged == [(f"purchase-{one.number}", one.dollars) for one in purchases]
    assert len(purchases) == 6_919
    assert len(left) == 2_357
    assert 0 < len(below) < len(left) / 5
    assert all(earlier.at < later.at for earlier, later in pairwise(movements))
    assert len({one.ref for one in movements}) == len(movements)
