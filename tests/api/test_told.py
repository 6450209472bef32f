"""What is told of balances, notices and deliveries: to whom it belongs, and to nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ostatok.api.resources import rule_previews
from ostatok.delivery.models import Attempt, Delivery, DeliveryMessage, DeliveryState
from ostatok.ledger.outlook import refresh
from ostatok.parties.access import Permission
from ostatok.parties.models import AuditRecord
from tests import faces
from tests.api.program import Program, problem, program, told
from tests.faces import MARKER, World

pytestmark = pytest.mark.django_db

BELOW = ["balances", "why", "notices", "deliveries", "rules"]


@pytest.fixture
def delivery(world: World) -> Delivery:
    """A delivery of the northern organization that was given up."""
    row = Delivery.objects.filter(organization=world.north).order_by("pk").last()
    assert row is not None
    row.state, row.reason, row.attempts = DeliveryState.DEAD, "rejected", 1
    row.settled_at = faces.NOW
    row.save()
    Attempt.objects.create(
        delivery=row, organization=world.north, number=1, at=faces.NOW, outcome="permanent", reason="rejected"
    )
    return row


def test_what_is_left_is_told_by_service(north: Program) -> None:
    balances = {each["service"]: each for each in told(north.get("accounts/100001/balances"))}
    ad = balances["ad"]
    assert (ad["amount"], ad["unit"], ad["percent"], ad["band"]) == ("15", "min", "15", "low")
    assert (ad["known"], ad["base"], ad["mark"]) == (True, "last_top_up", "100")
    assert ad["lasts_until"] > faces.NOW.isoformat()
    assert balances["internet"]["amount"] == "400"


def test_a_balance_never_posted_to_is_unknown_and_not_zero(north: Program) -> None:
    balances = {each["service"]: each for each in told(north.get("accounts/100002/balances"))}
    assert (balances["appps"]["known"], balances["appps"]["percent"], balances["appps"]["band"]) == (
        False,
        None,
        "none",
    )


@pytest.mark.parametrize("what", BELOW)
def test_what_belongs_to_an_account_is_not_an_outsiders(north: Program, south: Program, what: str) -> None:
    assert told(north.get(f"accounts/100001/{what}"))
    problem(south.get(f"accounts/100001/{what}"), 404, "not-found")
    problem(south.get(f"accounts/100001/{what}", organization="north"), 404, "not-found")
    problem(north.get(f"accounts/200001/{what}"), 404, "not-found")
    problem(Program().get(f"accounts/100001/{what}"), 401, "unauthenticated")


def test_why_is_told_in_words_of_the_language_asked_for(north: Program) -> None:
    answer = told(north.get("accounts/100002/why", language="ru", service="ad", limit=1))
    [balance] = answer["balances"]
    assert "осталось 3\u00a0минуты" in balance["explained"]
    [notice] = balance["notices"]
    assert notice["deliveries"][0]["address"] == "ric@north.test"
    assert notice["band"] == ["5", None]
    assert (balance["rules"][0]["speaks"], balance["rules"][0]["raised"]) == (True, 1)
    problem(north.get("accounts/100002/why", language="fr"), 422, "invalid")


def test_notices_are_listed_newest_first_and_filtered(world: World, north: Program) -> None:
    notices = told(north.get("notices"))["items"]
    assert [each["id"] for each in notices] == sorted((each["id"] for each in notices), reverse=True)
    assert {each["client"] for each in notices} >= {"romashka", "ric", "tszh"}
    assert MARKER not in str(notices)
    assert {each["account"] for each in told(north.get("notices", client="ric"))["items"]} == {"100002"}
    assert told(north.get("notices", account="100002", state="sent"))["items"] == []
    assert told(north.get("notices", since=(faces.NOW + timedelta(days=1)).isoformat()))["items"] == []
    assert told(north.get("notices", rule="Мало денег"))["items"] == []
    problem(north.get("notices", since="2026-11-21"), 422, "invalid")


def test_deliveries_are_listed_and_filtered(north: Program, delivery: Delivery) -> None:
    rows = told(north.get("deliveries", state="dead", language="ru"))["items"]
    assert [row["id"] for row in rows] == [delivery.pk]
    assert rows[0]["explained"].startswith("не отправлено")
    assert told(north.get("deliveries", client="nobody"))["items"] == []
    assert told(north.get("deliveries", address=delivery.address.upper()))["items"]
    assert MARKER not in str(told(north.get("deliveries", limit=500)))


def test_one_delivery_is_told_with_its_attempts(north: Program, south: Program, delivery: Delivery) -> None:
    assert told(north.get(f"deliveries/{delivery.pk}"))["state"] == "dead"
    [attempt] = told(north.get(f"deliveries/{delivery.pk}/attempts"))
    assert (attempt["outcome"], attempt["reason"]) == ("permanent", "rejected")
    for path in ("", "/attempts", "/message"):
        problem(south.get(f"deliveries/{delivery.pk}{path}"), 404, "not-found")
    problem(north.get(f"deliveries/{2**63 - 1}"), 404, "not-found")
    problem(north.get(f"deliveries/{10**30}"), 422, "invalid")


def test_reading_a_message_is_audited(north: Program, delivery: Delivery) -> None:
    problem(north.get(f"deliveries/{delivery.pk}/message"), 404, "not-found")
    headers = {"Message-ID": "<1@x.test>"}
    DeliveryMessage.objects.create(delivery=delivery, subject="АД", text="15 минут", html="<p>", headers=headers)
    message = told(north.get(f"deliveries/{delivery.pk}/message"))
    assert message == {"subject": "АД", "text": "15 минут", "html": "<p>", "headers": headers}
    record = AuditRecord.objects.get(action="data.seen")
    assert (record.actor, record.subject) == (str(north.key), f"delivery {delivery.pk}")


def test_what_was_given_up_waits_again_after_a_dry_run(
    north: Program, south: Program, looker: Program, delivery: Delivery
) -> None:
    path = f"deliveries/{delivery.pk}/retry"
    problem(south.post(path), 404, "not-found")
    assert problem(looker.post(path), 403, "forbidden")["permission"] == Permission.RESEND
    assert told(north.post(path, dry_run="true"))["dry_run"] is True
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.DEAD


def test_a_delivery_that_waits_is_not_retried(world: World, north: Program) -> None:
    waiting = Delivery.objects.filter(organization=world.north, state="waiting").first()
    assert waiting is not None
    problem(north.post(f"deliveries/{waiting.pk}/retry"), 409, "conflict")


def test_a_range_is_replayed_only_as_agreed(north: Program, looker: Program, delivery: Delivery) -> None:
    wanted: dict[str, Any] = {"states": ["dead"], "organization": "north"}
    assert problem(looker.post("deliveries/replay", wanted), 403, "forbidden")["permission"] == Permission.RESEND
    plan = told(north.post("deliveries/replay", wanted))
    assert plan["dry_run"] is True
    assert plan["would_send"] + sum(plan["staying"].values()) == 1
    missing = problem(north.post("deliveries/replay", {**wanted, "dry_run": False}), 422, "invalid")
    assert missing["errors"][0]["place"] == "body.at_most"
    with CaptureQueriesContext(connection) as ran:
        done = told(north.post("deliveries/replay", {**wanted, "dry_run": False, "at_most": plan["would_send"]}))
    assert len([one for one in ran.captured_queries if "LIMIT 10001" in one["sql"]]) == 1
    assert done["sent_again"] == plan["would_send"]
    problem(north.post("deliveries/replay", {"organization": "south"}), 404, "not-found")
    problem(north.post("deliveries/replay", {"colour": 1}), 422, "invalid")


def test_deliveries_and_ranges_narrow_by_provider(north: Program, delivery: Delivery) -> None:
    name = "smtp:mail.test:25"
    Delivery.objects.filter(pk=delivery.pk).update(provider=name)
    Attempt.objects.filter(delivery=delivery).update(provider=name)
    [found] = told(north.get("deliveries", provider=name))["items"]
    assert (found["id"], found["provider"]) == (delivery.pk, name)
    assert told(north.get(f"deliveries/{delivery.pk}/attempts"))[0]["provider"] == name
    others = told(north.get("deliveries", provider="-", limit=500))["items"]
    assert others
    assert delivery.pk not in [each["id"] for each in others]
    assert told(north.get("deliveries", run_out_lists="true"))["items"] == []
    for provider, count in ((name, 1), ("-", 0), ("smtp:other.test:25", 0)):
        plan = told(north.post("deliveries/replay", {"states": ["dead"], "provider": provider}))
        assert plan["would_send"] + sum(plan["staying"].values()) == count


def test_what_was_given_up_is_told_by_reason_provider_and_rule(
    north: Program, south: Program, delivery: Delivery
) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(provider="smtp:mail.test:25")
    found = told(north.get("deliveries/dead", language="ru"))
    [group] = found["groups"]
    assert (found["deliveries"], found["more"], found["groups_left_out"]) == (1, False, 0)
    named = {name: group[name] for name in ("reason", "provider", "rule", "organization", "deliveries")}
    assert named == {
        "reason": delivery.reason,
        "provider": "smtp:mail.test:25",
        "rule": "Остаток минут",
        "organization": "north",
        "deliveries": 1,
    }
    assert told(south.get("deliveries/dead"))["groups"] == []
    problem(north.get("deliveries/dead", organization="south"), 404, "not-found")


def test_a_preview_says_who_would_be_notified_now(north: Program, south: Program) -> None:
    preview = told(north.get("rules/Мало денег/preview"))
    assert (preview["below"], preview["notified"]) == (1, 1)
    [standing] = preview["items"]
    assert (standing["account"], standing["available"], standing["unit"]) == ("100001", "400", "KZT")
    problem(south.get("rules/Мало денег/preview"), 404, "not-found")


def test_a_preview_is_not_waited_for_longer_than_a_request_may(north: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_previews, "_PATIENCE", timedelta(0))
    assert "so many" in problem(north.get("rules/Мало денег/preview"), 409, "conflict")["detail"]
    monkeypatch.undo()
    assert told(north.get("rules/Мало денег/preview"))["below"] == 1


def test_a_preview_of_days_says_until_when_it_lasts(north: Program) -> None:
    rule = {"name": "Год", "trigger": {"kind": "forecast_below", "days": 365}, "recipients": [{"to": "client"}]}
    preview = told(north.post("rule-previews", rule))
    assert preview["below"] > 0
    for standing in preview["items"]:
        assert (standing["days"], standing["threshold"]) == (365, None)
    assert any(standing["lasts_until"] for standing in preview["items"])


def test_a_rule_is_looked_at_before_it_is_saved(north: Program, looker: Program) -> None:
    rule = {
        "name": "Мало минут",
        "trigger": {"kind": "balance_below", "amount": 50, "unit": "min"},
        "audience": {"service": "ad"},
        "recipients": [{"to": "client"}],
    }
    first = told(north.post("rule-previews", rule, limit=1))
    assert first["below"] == 3
    assert len(first["items"]) == 1
    second = told(north.post("rule-previews", rule, limit=2, cursor=first["next"]))
    assert len(second["items"]) == 2
    assert second["next"] is None
    assert first["letters"][0]["count"] == 3
    problem(north.get("rules/Мало минут"), 404, "not-found")
    problem(north.post("rule-previews", {"name": "x"}), 422, "invalid")
    problem(north.post("rule-previews", rule, cursor="x"), 400, "broken-cursor")
    assert problem(looker.post("rule-previews", rule), 403, "forbidden")["permission"] == Permission.CHANGE_RULES


def test_a_rule_is_switched_on_silently_or_not(north: Program, south: Program, looker: Program) -> None:
    path = "rules/Мало денег/state"
    problem(south.put(path, {"state": "active"}), 404, "not-found")
    assert problem(looker.put(path, {"state": "active"}), 403, "forbidden")["permission"] == Permission.CHANGE_RULES
    silently = told(north.put(path, {"state": "active"}, dry_run="true"))
    assert silently["rules"] == [{"rule": "Мало денег", "marked_silently": 1, "notified": 0}]
    aloud = told(north.put(path, {"state": "active", "notify_now": True}))
    assert aloud["rules"] == [{"rule": "Мало денег", "marked_silently": 0, "notified": 1}]
    assert told(north.get("rules/Мало денег"))["state"] == "active"
    assert told(north.put(path, {"state": "active"}))["outcome"] == "unchanged"
    problem(north.put(path, {"state": "deleted"}), 422, "invalid")


def test_the_shadow_report_counts_what_was_not_sent(north: Program, south: Program) -> None:
    told(north.put("rules/Мало денег/state", {"state": "shadow", "notify_now": True}))
    report = told(north.get("rules/Мало денег/shadow-report"))
    assert (report["notices"], report["recipients"], report["messages"]) == (1, 2, 2)
    assert report["by_day"][0]["notices"] == 1
    problem(south.get("rules/Мало денег/shadow-report"), 404, "not-found")
    long = {"since": "2020-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
    problem(north.get("rules/Мало денег/shadow-report", **long), 422, "invalid")


def test_rules_of_an_account_are_those_that_speak_to_it(world: World, north: Program) -> None:
    assert [rule["name"] for rule in told(north.get("accounts/100001/rules"))] == ["Остаток минут"]


def test_every_wording_that_was_in_force_stays(north: Program) -> None:
    path = "templates/balance_below/email/ru"
    told(north.put(path, {"subject": "Раз"}), 201)
    told(north.put(path, {"subject": "Два"}))
    told(north.delete(path))
    versions = told(north.get(f"{path}/versions"))["items"]
    assert [(each["version"], each["subject"], each["deleted"]) for each in versions] == [
        (3, "", True),
        (2, "Два", False),
        (1, "Раз", False),
    ]
    assert told(north.get("templates"))["items"] == []
    wrong = problem(north.put(path, {"text": "{{ secret }}"}), 422, "invalid")["errors"]
    assert wrong[0]["place"] == "body.text"
    problem(north.get("templates/nothing/email/ru"), 422, "invalid")


def test_units_are_told(north: Program) -> None:
    units = {each["code"]: each for each in told(north.get("units"))}
    assert units["min"] == {"code": "min", "base": "s", "factor": 60, "is_money": False}
    assert units["KZT"]["is_money"] is True


def test_a_key_of_the_root_reaches_both(world: World) -> None:
    root = program(world.organizations["energo"])
    assert MARKER in str(told(root.get("clients", limit=500)))
    assert MARKER not in str(told(root.get("clients", limit=500, organization="north")))


def test_entries_are_told_newest_first(north: Program, south: Program) -> None:
    entries = told(north.get("accounts/100001/entries", service="ad"))["items"]
    assert [(each["kind"], each["amount"]) for each in entries] == [
        ("charge", "-45"),
        ("charge", "-40"),
        ("top_up", "100"),
    ]
    assert len(told(north.get("accounts/100001/entries"))["items"]) == 6
    first = told(north.get("accounts/100001/entries", limit=4))
    rest = told(north.get("accounts/100001/entries", limit=4, cursor=first["next"]))
    refs = [each["ref"] for each in first["items"] + rest["items"]]
    assert len(set(refs)) == 6
    assert refs == [each["ref"] for each in told(north.get("accounts/100001/entries"))["items"]]
    problem(north.get("accounts/100001/entries", cursor=first["next"] + "x"), 400, "broken-cursor")
    problem(north.get("accounts/100002/entries", cursor=first["next"]), 400, "broken-cursor")
    narrower = told(north.get("accounts/100001/entries", cursor=first["next"], service="ad"))["items"]
    assert [each["ref"] for each in narrower] == [each["ref"] for each in rest["items"] if each["service"] == "ad"]
    problem(south.get("accounts/100001/entries"), 404, "not-found")


def test_history_goes_back_from_what_is_left_now(north: Program, south: Program) -> None:
    days = told(north.get("accounts/100001/history", service="ad", days=8))["days"]
    assert len(days) == 8
    assert days[-1]["left"] == "15"
    assert days[0]["left"] == "0"
    assert sum(float(day["change"]) for day in days) == 15
    problem(north.get("accounts/100001/history", service="tea"), 404, "not-found")
    problem(north.get("accounts/100001/history"), 422, "invalid")
    problem(south.get("accounts/100001/history", service="ad"), 404, "not-found")


@pytest.fixture
def outlook(world: World) -> None:
    with connection.cursor() as cursor:
        refresh(cursor, now=faces.NOW, bases={}, whole=True)


@pytest.mark.usefixtures("outlook")
def test_the_run_out_list_tells_who_is_next_and_what_came_of_the_last_call(north: Program, south: Program) -> None:
    day = f"{faces.NOW + timedelta(days=7):%Y-%m-%d}"
    promise = {"kind": "promised", "text": "через неделю", "promised_until": day, "account": "100001"}
    told(north.post("clients/romashka/notes", promise), 201)
    lines = {(each["account"], each["service"]): each for each in told(north.get("run-out"))["items"]}
    line = lines["100001", "ad"]
    assert (line["left"], line["band"], line["note"], line["promised_until"]) == ("15", "low", "promised", day)
    assert line["phone"] == "+7 921 000-00-01"
    assert MARKER not in str(lines)
    assert {each["band"] for each in told(north.get("run-out", band="crit"))["items"]} == {"crit"}
    assert all(MARKER in each["client_name"] for each in told(south.get("run-out"))["items"])


@pytest.mark.usefixtures("outlook")
def test_the_overview_counts_what_is_within_reach(north: Program, looker: Program) -> None:
    overview = told(looker.get("overview"))
    assert {each["organization"] for each in overview["services"]} == {"north"}
    ad = next(each for each in overview["services"] if each["service"] == "ad")
    assert (ad["bands"]["low"], ad["bands"]["crit"]) == (1, 2)
    assert overview["deliveries"]["waiting"] == 3


def test_notes_of_a_client_are_written_and_told(north: Program, south: Program, looker: Program) -> None:
    note = {"kind": "called", "text": "не берут трубку"}
    problem(south.post("clients/romashka/notes", note), 404, "not-found")
    assert problem(looker.post("clients/romashka/notes", note), 403, "forbidden")
    written = told(north.post("clients/romashka/notes", note), 201)
    assert told(looker.get("clients/romashka/notes"))["items"] == [written]
    problem(north.post("clients/romashka/notes", {"kind": "note"}), 422, "invalid")
    wrong = problem(north.post("clients/romashka/notes", {**note, "account": "200001"}), 422, "invalid")
    assert wrong["errors"][0]["place"] == "body.account"
    problem(north.post("clients/romashka/notes", {**note, "text": "\0"}), 422, "invalid")
    problem(south.get("clients/romashka/notes"), 404, "not-found")
