"""Entries and balances in bulk: as a JSON array, as lines, as CSV; what is bad does not stop what is good."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from ostatok.api.bulk import bodies, posting
from ostatok.api.bulk.bodies import Body, Form
from ostatok.api.problems import Refused
from ostatok.intake import importing
from ostatok.ledger.models import Entry
from ostatok.notices.models import Notice
from ostatok.parties import wall
from ostatok.parties.access import Permission
from ostatok.parties.models import AuditRecord
from tests import faces
from tests.api.program import PREFIX, Program, problem, program, told
from tests.faces import World

pytestmark = pytest.mark.django_db

AT = (faces.NOW - timedelta(hours=1)).isoformat()
NDJSON = "application/x-ndjson"
HEAD = "account,service,kind,amount,occurred_at,ref"


def entry(ref: str, amount: Any = "1", **changes: Any) -> dict[str, Any]:
    made = {"account": "100001", "service": "ad", "kind": "charge", "amount": amount, "occurred_at": AT, "ref": ref}
    return made | changes


def lines(*items: object) -> str:
    return "".join(f"{item if isinstance(item, str) else json.dumps(item)}\n" for item in items)


def test_an_array_is_posted_and_a_notice_raised_with_it(world: World, north: Program) -> None:
    before = Notice.objects.count()
    answer = told(north.post("entries", [entry("a1", 5.25), entry("a2", "1.5")]))
    assert (answer["organization"], answer["posted"], answer["duplicates"], answer["refused"]) == ("north", 2, 0, 0)
    assert answer["notices"] == Notice.objects.count() - before == 1
    assert answer["deliveries"] == 1
    assert world.balance("100001", "ad").amount == 495  # 15 minutes less 6.75


def test_the_same_twice_is_a_duplicate(north: Program) -> None:
    told(north.post("entries", [entry("a1")]))
    answer = told(north.post("entries", [entry("a1")]))
    assert (answer["posted"], answer["duplicates"], answer["refused"]) == (0, 1, 0)


def test_each_refusal_of_an_array_names_its_index(north: Program) -> None:
    rows = [
        entry("a1"),
        entry("a2", account="nobody"),
        entry("a3", "many"),
        "not an object",
        {**entry("a5"), "colour": "red"},
        entry("a6", ["1"]),
        entry("a7", True),
        entry("a8"),
    ]
    answer = told(north.post("entries", rows))
    assert (answer["posted"], answer["refused"], answer["refusals_left_out"]) == (2, 6, 0)
    assert [(each["index"], each["line"], each["reason"]) for each in answer["refusals"]] == [
        (1, None, "unknown_account"),
        (2, None, "bad_amount"),
        (3, None, "bad_row"),
        (4, None, "bad_row"),
        (5, None, "bad_row"),
        (6, None, "bad_row"),
    ]
    assert answer["refusals"][0]["ref"] == "a2"


def test_lines_are_posted_around_the_bad_ones(north: Program) -> None:
    body = lines(entry("n1"), "{broken", "", entry("n3", service="tea"), "[1]", '{"ref": "\\ud800"}', entry("n4"))
    answer = told(north.send("entries", body, NDJSON))
    assert (answer["posted"], answer["refused"]) == (2, 4)
    assert [(each["index"], each["line"], each["reason"]) for each in answer["refusals"]] == [
        (None, 2, "bad_row"),
        (None, 4, "unknown_service"),
        (None, 5, "bad_row"),
        (None, 6, "bad_row"),
    ]


def test_a_csv_body_is_a_file_as_any_other(north: Program) -> None:
    body = f"{HEAD}\n100001,ad,charge,1,{AT},c1\n100001,ad,charge,one,{AT},c2\n100001;ad\n100001,ad,charge,2,{AT},c3\n"
    answer = told(north.send("entries", body, "text/csv"))
    assert (answer["posted"], answer["refused"]) == (2, 2)
    assert [(each["line"], each["reason"]) for each in answer["refusals"]] == [(3, "bad_amount"), (4, "bad_row")]


def test_a_csv_body_may_be_in_another_encoding(world: World, north: Program) -> None:
    body = f"{HEAD},memo\n100001,ad,charge,1,{AT},c1,Списание\n".encode("cp1251")
    assert told(north.send("entries", body, "text/csv; charset=windows-1251"))["posted"] == 1
    assert Entry.objects.get(organization=world.north, ref="c1").memo == "Списание"
    assert told(north.send("entries", body.replace(b"c1", b"c2"), "text/csv"))["refused"] == 1
    problem(north.send("entries", body, "text/csv; charset=utf-16"), 400, "malformed")


def test_a_csv_body_without_its_columns_is_not_read(north: Program) -> None:
    body = problem(north.send("entries", "account,amount\n1,2\n", "text/csv"), 400, "malformed")
    assert "missing service" in body["detail"]


def test_a_broken_array_is_told_with_its_place(world: World, north: Program) -> None:
    posted = Entry.objects.count()
    body = problem(north.send("entries", '[\n{"account": "1",}\n]', "application/json"), 400, "malformed")
    assert "line 2, column 17" in body["detail"]
    for broken in ("{}", " ", "[" * 100_000, b"\xff", "[NaN]", '"x"'):
        problem(north.send("entries", broken, "application/json"), 400, "malformed")
    assert Entry.objects.count() == posted


def test_what_is_not_read_here_is_refused_by_its_type(north: Program) -> None:
    response = north.send("entries", "<entry/>", "application/xml")
    problem(response, 415, "unsupported-type")
    assert "text/csv" in response.headers["Accept-Post"]
    assert north.send("entries", "[]", "").status_code == 415


def test_an_array_beyond_ten_megabytes_is_refused(north: Program) -> None:
    body = "[" + " " * bodies.LARGEST_ARRAY + "]"
    problem(north.send("entries", body, "application/json"), 413, "too-large")


def test_a_program_posts_for_an_organization_below_its_own(world: World) -> None:
    root = program(world.organizations["energo"])
    assert told(root.post("entries", [entry("a1")], organization="north"))["posted"] == 1
    assert told(root.post("entries", [entry("a2")]))["refusals"][0]["reason"] == "unknown_service"


def test_outsiders_post_nothing_here(world: World, south: Program) -> None:
    problem(south.post("entries", [entry("a1")], organization="north"), 404, "not-found")
    problem(south.post("entries", [entry("a1")], organization="energo"), 404, "not-found")
    assert told(south.post("entries", [entry("a1")]))["refusals"][0]["reason"] == "unknown_account"


def test_posting_takes_its_permission_and_no_other(world: World, looker: Program) -> None:
    assert problem(looker.post("entries", [entry("a1")]), 403, "forbidden")["permission"] == Permission.POST_ENTRIES
    poster = program(world.north, [Permission.POST_ENTRIES])
    assert told(poster.post("entries", [entry("a1")]))["posted"] == 1
    assert told(poster.post("entries", [entry("a2")], organization="north"))["posted"] == 1
    problem(Program().post("entries", [entry("a3")]), 401, "unauthenticated")


def test_parameters_are_checked(north: Program) -> None:
    problem(north.post("entries", [], organisation="north"), 422, "invalid")
    problem(north.post("entries", [], organization="\0"), 422, "invalid")
    problem(north.post("entries", [], organization="nowhere"), 404, "not-found")


def test_what_was_posted_is_in_the_audit_one_entry_by_its_content_many_by_their_refs(
    world: World, north: Program
) -> None:
    told(north.post("entries", [entry("a1", "2")]))
    told(north.post("entries", [entry("a2"), entry("a3", account="nobody"), entry("a4")]))
    told(north.send("entries", lines(entry("n1"), entry("n2")), NDJSON))
    one, *several = AuditRecord.objects.filter(action__endswith=".posted").order_by("pk")
    assert (one.action, one.subject, one.organization) == ("entry.posted", "account north/100001 ad", world.north)
    assert one.changes == {"kind": [None, "charge"], "amount": [None, "2.000000"], "ref": [None, "a1"]}
    assert [(each.action, each.changes) for each in several] == [
        ("entries.posted", {"posted": [None, 2], "refs": [None, "a2 … a4"]}),
        ("entries.posted", {"posted": [None, 2], "refs": [None, "n1 … n2"]}),
    ]
    assert {each.actor for each in (one, *several)} == {str(north.key)}


def test_what_posts_nothing_is_not_in_the_audit(north: Program) -> None:
    told(north.post("entries", [entry("a1")]))
    told(north.post("entries", [entry("a1")]))
    told(north.post("entries", [entry("a2", account="nobody")]))
    assert AuditRecord.objects.filter(action__endswith=".posted").count() == 1


def test_nothing_is_posted_that_is_not_in_the_audit(north: Program) -> None:
    before = Entry.objects.count(), Notice.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("alter table audit_record add check (split_part(action, '.', 2) <> 'posted') not valid")
    stated = {"account": "100002", "service": "ad", "balance": "50", "as_of": AT}
    for path, rows in (
        ("entries", [entry("a1", 5.25)]),
        ("entries", [entry("a2"), entry("a3")]),
        ("balances", [stated]),
    ):
        for answer in (north.post(path, rows), north.send(path, lines(*rows), NDJSON)):
            problem(answer, 500, "broken")
    assert (Entry.objects.count(), Notice.objects.count()) == before


def test_what_was_posted_before_a_body_broke_off_is_in_the_audit(world: World, north: Program) -> None:
    batch = lines(*[entry(f"n{number:05d}", "0.01") for number in range(importing.BATCH + 1)]).encode()
    cut: Any = {"wsgi.input": io.BytesIO(batch), "CONTENT_TYPE": NDJSON, "CONTENT_LENGTH": str(len(batch) + 1)}
    answer = north.browser.generic("POST", f"{PREFIX}entries", headers={"Authorization": f"Bearer {north.text}"}, **cut)
    problem(answer, 400, "malformed")  # type: ignore[arg-type]
    assert Entry.objects.filter(organization=world.north, ref__regex=r"^n\d{5}$").count() == importing.BATCH
    record = AuditRecord.objects.get(action="entries.posted")
    assert record.changes == {"posted": [None, importing.BATCH], "refs": [None, "n00000 … n09999"]}


def test_balances_are_taken_over(world: World, north: Program) -> None:
    stated = {"account": "100002", "service": "ad", "balance": "50", "as_of": AT}
    answer = told(north.post("balances", [stated, {**stated, "account": "x"}]))
    assert (answer["posted"], answer["refused"]) == (1, 1)
    assert world.balance("100002", "ad").amount == 3000
    assert AuditRecord.objects.get(action="balances.posted").changes == {"posted": [None, 1]}
    again = told(north.send("balances", lines(stated), NDJSON))
    assert (again["posted"], again["duplicates"]) == (0, 1)


def test_the_first_thousand_refusals_are_told_and_the_rest_is_counted(north: Program) -> None:
    answer = told(north.send("entries", lines(*[entry(f"n{n}", "x") for n in range(1200)]), NDJSON))
    assert (answer["refused"], len(answer["refusals"]), answer["refusals_left_out"]) == (1200, 1000, 200)


def test_the_wall_is_down_only_while_entries_are_posted(north: Program) -> None:
    told(north.post("entries", [entry("a1")]))
    assert not wall.is_raised()


class _CutOff(io.BytesIO):
    """A connection that breaks."""


def test_a_body_that_was_cut_off_loses_its_last_line_rather_than_posting_half_of_it(world: World) -> None:
    whole = lines(entry("n1"), entry("n2", "125"))
    cut = whole[: whole.index("125") + 2].encode()
    raw = bodies.Counted(_CutOff(cut), length=len(whole), largest=bodies.LARGEST_STREAM)
    stream = io.BufferedReader(raw)
    assert json.loads(stream.readline())["ref"] == "n1"
    with pytest.raises(OSError, match="bytes of"):
        stream.readline()


def test_a_stream_ends_at_its_limit() -> None:
    raw = bodies.Counted(io.BytesIO(b"x" * 100), length=None, largest=50)
    with pytest.raises(Refused):
        io.BufferedReader(raw).read()


def test_told_counts_what_it_does_not_keep() -> None:
    assert posting.Told(by_index=True).as_fields()["refusals_left_out"] == 0
    assert Body(form=Form.CSV, encoding="utf-8", stream=io.BufferedReader(io.BytesIO())).form is Form.CSV
