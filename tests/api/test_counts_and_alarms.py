"""A program counts whom a rule would tell, in pieces, and lists whom it holds below."""

from datetime import timedelta

import pytest

from ostatok.api.resources import rule_previews
from tests.api.program import Program, problem, told

pytestmark = pytest.mark.django_db

RULE = {
    "name": "Мало минут",
    "state": "inactive",
    "trigger": {"kind": "balance_below", "amount": 50, "unit": "min"},
    "audience": {"service": "ad"},
    "recipients": [{"to": "client"}],
}
PATH = "rules/Мало минут"


@pytest.fixture(autouse=True)
def saved(north: Program) -> None:
    told(north.put(PATH, RULE), 201)


def test_a_rule_that_speaks_to_many_is_counted_in_pieces(
    north: Program, south: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_previews, "_PIECE", timedelta(0))
    monkeypatch.setattr(rule_previews, "_CHUNK", 2)
    pieces = [told(north.get(f"{PATH}/count"))]
    while cursor := pieces[-1]["next"]:
        pieces.append(told(north.get(f"{PATH}/count", cursor=cursor)))

    whole = told(north.get(f"{PATH}/preview"))
    looked = [piece["looked"] for piece in pieces]
    assert (len(pieces) > 1, looked) == (True, sorted(looked))
    assert looked[-1] == whole["watched"] > whole["below"] > 0
    for figure in ("watched", "unmeasured", "unknown", "below", "notified", "letters", "items"):
        assert (figure, pieces[-1][figure]) == (figure, whole[figure])
    problem(north.get(f"{PATH}/count", cursor="x"), 400, "broken-cursor")
    problem(south.get(f"{PATH}/count"), 404, "not-found")


def test_a_rule_that_was_changed_meanwhile_is_counted_anew(north: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_previews, "_PIECE", timedelta(0))
    monkeypatch.setattr(rule_previews, "_CHUNK", 2)
    begun = told(north.get(f"{PATH}/count"))
    told(north.put(PATH, {**RULE, "trigger": {"kind": "balance_below", "amount": 1, "unit": "min"}}))
    again = told(north.get(f"{PATH}/count", cursor=begun["next"]))
    assert (begun["looked"], again["looked"], again["below"]) == (2, 2, 0)


def test_whom_a_rule_holds_below_is_listed(north: Program, south: Program) -> None:
    path = f"{PATH}/alarms"
    assert told(north.get(path))["items"] == []
    told(north.put(f"{PATH}/state", {"state": "active"}))

    first = told(north.get(path, limit=2, language="pl"))
    rest = told(north.get(path, limit=2, cursor=first["next"]))

    held = [*first["items"], *rest["items"]]
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert {(one["service"], one["unit"], one["silent"], one["reason"]) for one in held} == {
        ("ad", "min", True, "silent")
    }
    assert first["items"][0]["explained"] == "tak było już, gdy reguła zaczęła działać, odnotowano bez powiadomienia"
    assert len({one["account"] for one in held}) == 3
    assert all(one["since"] and one["next_repeat_at"] is None for one in held)
    problem(south.get(path), 404, "not-found")
