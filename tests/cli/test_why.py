"""`ostatok why` tells what was sent to whom, what not, and why."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ostatok.delivery import history_words, reasons
from ostatok.delivery.models import Attempt, Delivery
from ostatok.ledger.models import EntryKind
from ostatok.notices.models import Notice
from ostatok.rules import reason_words
from ostatok.rules.reasons import AlarmReason
from tests.cli.conftest import Desk
from tests.intake.description.conftest import NOW
from tests.intake.description.test_rules import LOW, post

BANDS = """
organizations:
  - {code: res, timezone: Asia/Almaty}
contacts:
  - {organization: op, code: duty, name: Дежурный, points: [{kind: email, address: duty@op.test}]}
rules:
  - organization: res
    name: Bands
    trigger: {kind: balance_band, bands: [[20, 10], [10, 5], [5, 0]]}
    audience: {service: voice}
    quota: {max_qty: 3}
    recipients: [{to: client}, {to: contact, contact: duty}]
"""


def told(desk: Desk, *arguments: str) -> list[str]:
    """The lines of what is told, every space looking like any other."""
    said = desk.run("why", *arguments)
    assert said.status == 0, said.errors
    return said.output.replace("\N{NO-BREAK SPACE}", " ").splitlines()


@pytest.fixture
def banded(operator: Desk) -> Desk:
    """Voice of account 1 of the reseller fell into the first band, and into the second."""
    assert operator.apply(BANDS).status == 0
    post("res", ("1", "voice", EntryKind.TOP_UP, "100"), ("1", "voice", EntryKind.CHARGE, "85"))
    post("res", ("1", "voice", EntryKind.CHARGE, "6"), later=10)
    return operator


def settle(delivery: Delivery, state: str, reason: str = "", detail: str = "") -> None:
    """Give a delivery an end."""
    delivery.state, delivery.reason, delivery.detail = state, reason, detail
    delivery.settled_at = NOW + timedelta(minutes=11)
    delivery.save()


def try_to_send(delivery: Delivery, number: int, outcome: str, reason: str, detail: str = "") -> None:
    """Record an attempt."""
    Attempt.objects.create(
        delivery=delivery,
        organization=delivery.organization,
        number=number,
        at=NOW + timedelta(minutes=number),
        outcome=outcome,
        reason=reason,
        detail=detail,
    )


def test_a_balance_tells_what_is_left_its_rules_and_its_notices(banded: Desk) -> None:
    assert told(banded, "1", "--service", "voice") == [
        "Account 1, Anna (res)",
        "",
        "Voice: 9 minutes left, 9% of the last top-up (100 minutes, 21 November 2026, 14:00)",
        "  Rule “Bands”: earlier: raised a notice, 21 November 2026, 14:10; 2 of 3 notices since the top-up",
        "  21 November 2026, 14:10, “Bands”: 10–5%, 9 minutes left (9%)",
        "    E-mail to anna@client.test (the client): waiting",
        "    E-mail to duty@op.test (Дежурный): waiting",
        "  21 November 2026, 14:00, “Bands”: 20–10%, 15 minutes left (15%)",
        "    E-mail to anna@client.test (the client): waiting",
        "    E-mail to duty@op.test (Дежурный): waiting",
    ]


def test_what_became_of_every_message_is_told_with_its_attempts(banded: Desk) -> None:
    first, second, third, _ = Delivery.objects.order_by("pk")
    settle(first, "dropped", "superseded")
    settle(second, "sent")
    try_to_send(second, 1, "delivered", "")
    settle(third, "sent")
    try_to_send(third, 1, "temporary", "try_later", "451 later")
    try_to_send(third, 2, "delivered", "")
    lines = told(banded, "1", "--service", "voice")
    assert lines[5:8] == [
        "    E-mail to anna@client.test (the client): sent, 21 November 2026, 14:11",
        f"      attempt 1, 21 November 2026, 14:01: {reasons.words('try_later', '451 later', 'en')}",
        "      attempt 2, 21 November 2026, 14:02: accepted",
    ]
    superseded = reasons.words("superseded", "", "en")
    assert f"    E-mail to anna@client.test (the client): not sent: {superseded}, 21 November 2026, 14:11" in lines
    assert "    E-mail to duty@op.test (Дежурный): sent, 21 November 2026, 14:11" in lines


def test_a_message_that_waits_for_another_try_says_when(banded: Desk) -> None:
    delivery = Delivery.objects.order_by("-pk")[0]
    try_to_send(delivery, 1, "temporary", "try_later", "451")
    Delivery.objects.filter(pk=delivery.pk).update(reason="try_later", due_at=NOW + timedelta(hours=1))
    lines = told(banded, "1", "--service", "voice")
    assert lines[6].endswith("; again 21 November 2026, 15:00")


def test_it_is_told_in_russian_in_the_zone_of_the_organization(banded: Desk) -> None:
    assert told(banded, "1", "--service", "voice", "--language", "ru")[2:6] == [
        "Voice: осталось 9 минут, 9 % последнего пополнения (100 минут, 21 ноября 2026, 14:00)",
        "  Правило «Bands»: ранее: уведомление создано, 21 ноября 2026, 14:10; уведомлений после пополнения: 2 из 3",
        "  21 ноября 2026, 14:10, «Bands»: 10–5 %, осталось 9 минут (9 %)",
        "    Письмо, anna@client.test (клиент): ждёт отправки",
    ]


def test_the_word_for_left_agrees_with_the_figure(banded: Desk) -> None:
    post("res", ("1", "voice", EntryKind.CHARGE, "8"), later=20)
    lines = told(banded, "1", "--service", "voice", "--language", "ru")
    assert lines[2].startswith("Voice: осталась 1 минута, 1 % ")
    assert lines[4].endswith("ниже 5 %, осталась 1 минута (1 %)")


@pytest.mark.parametrize(
    ("language", "tries", "end"),
    [
        ("en", 1, "given up after 1 attempt: {}, 21 November 2026, 14:11"),
        ("en", 2, "given up after 2 attempts: {}, 21 November 2026, 14:11"),
        ("ru", 2, "отправка прекращена после 2 попыток: {}, 21 ноября 2026, 14:11"),
        ("pl", 1, "zaniechano po 1 próbie: {}, 21 listopada 2026, 14:11"),
        ("kk", 2, "2 әрекеттен кейін тоқтатылды: {}, 2026 ж. 21 қараша, 14:11"),
    ],
)
def test_a_message_given_up_tells_after_how_many_attempts(banded: Desk, language: str, tries: int, end: str) -> None:
    delivery = Delivery.objects.order_by("-pk")[0]
    for number in range(1, tries + 1):
        try_to_send(delivery, number, "temporary", "try_later", "451")
    settle(delivery, "dead", "try_later", "451")
    said = told(banded, "1", "--service", "voice", "--language", language)
    ending = end.format(reasons.words("try_later", "451", language))
    assert [line for line in said if line.endswith(ending)]


def test_a_balance_never_posted_to_is_unknown(operator: Desk) -> None:
    assert told(operator, "2") == [
        "Account 2, Bob (op)",
        "",
        "Internet: nothing was ever posted, so what is left is unknown and nothing is told",
        "  No rule speaks to it.",
        "  No notices so far.",
    ]


def test_who_was_passed_over_silently_is_told_so(operator: Desk) -> None:
    post("op", ("2", "net", EntryKind.TOP_UP, "40"))
    operator.apply(LOW.replace("name: Low", "name: Low\n    state: shadow"))
    (line,) = [line for line in told(operator, "2") if "Rule" in line]
    assert line.startswith("  Rule “Low”: so since ")
    assert reason_words.explain("silent", "en") in line
    assert line.endswith("; it only records")


def test_a_rule_that_was_switched_off_or_looks_elsewhere_is_still_told_of(operator: Desk) -> None:
    operator.apply(LOW)
    post("op", ("2", "net", EntryKind.TOP_UP, "40"), ("2", "net", EntryKind.CHARGE, "1"))
    operator.apply("rules:\n  - {organization: op, name: Low, audience: {service: voice}}\n")
    assert any(line.endswith("; it no longer speaks to this balance") for line in told(operator, "2"))
    operator.apply("rules:\n  - {organization: op, name: Low, state: inactive}\n")
    assert any(line.endswith("; it is switched off") for line in told(operator, "2"))


def test_a_notice_that_nobody_was_to_get_tells_why(operator: Desk) -> None:
    operator.apply(LOW.replace("recipients: [{to: client, channel: email}]", "recipients: []"))
    post("op", ("2", "net", EntryKind.TOP_UP, "100"), ("2", "net", EntryKind.CHARGE, "70"))
    assert told(operator, "2")[-1] == (
        f"  21 November 2026, 10:00, “Low”: PLN 30.00 left – not sent: {reasons.words('no_recipient', '', 'en')}"
    )


def test_json_holds_the_figures_and_the_words(banded: Desk) -> None:
    data = banded.run("why", "1", "--service", "voice", "--json").data
    (balance,) = data["balances"]
    assert (data["account"], data["client"], data["organization"]) == ("1", "c1", "res")
    assert (balance["service"], balance["unit"], balance["amount"]) == ("voice", "min", "9")
    assert (balance["top_up"], balance["percent"], balance["held"]) == ("100", "9", "0")
    assert datetime.fromisoformat(balance["topped_up_at"]) == NOW
    assert "T" in balance["topped_up_at"]
    newest = balance["notices"][0]
    assert (newest["rule"], newest["band"], newest["state"]) == ("Bands", ["10", "5"], "waiting")
    assert (newest["amount"], newest["available"], newest["percent"]) == ("9", "9", "9")
    assert datetime.fromisoformat(newest["raised_at"]) == NOW + timedelta(minutes=10)
    assert "T" in newest["deliveries"][0]["due_at"]
    assert [delivery["address"] for delivery in newest["deliveries"]] == ["anna@client.test", "duty@op.test"]
    assert balance["rules"][0]["reason"] == "raised"
    assert newest["explained"].endswith("(9%)")


def test_the_newest_notices_come_first_and_are_limited(banded: Desk) -> None:
    data = banded.run("why", "1", "--json", "--limit", "1").data
    notices = [notice for balance in data["balances"] for notice in balance["notices"]]
    assert [notice["id"] for notice in notices] == [Notice.objects.order_by("-pk")[0].pk]


def test_a_longer_history_takes_no_more_queries(banded: Desk) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            banded.run("why", "1")
        return len(captured)

    before = queries()
    for turn in range(1, 6):
        post(
            "res", ("1", "voice", EntryKind.TOP_UP, "100"), ("1", "voice", EntryKind.CHARGE, "97"), later=10 * turn + 20
        )
    assert queries() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["9"], "there is no account '9'"),
        (["1", "--service", "nett"], "account 1 has no service 'nett'"),
        (["1", "--organization", "op"], "there is no account '1'"),
    ],
)
def test_what_is_not_there_is_a_usage_error(operator: Desk, arguments: list[str], message: str) -> None:
    said = operator.run("why", *arguments)
    assert said.status == 2
    assert message in said.errors


def test_a_number_that_several_have_asks_for_the_organization(operator: Desk) -> None:
    operator.apply("accounts:\n  - {organization: op, number: '1', client: c2}\n")
    said = operator.run("why", "1")
    assert said.status == 2
    assert "several have an account '1': op, res" in said.errors
    assert told(operator, "1", "--organization", "op") == ["Account 1, Bob (op)", "No services."]


def test_every_word_is_there_in_every_language() -> None:
    languages = {"en", "ru", "pl", "kk"}
    for table in (history_words.SENTENCES, history_words.CHANNELS, history_words.RECIPIENTS):
        for sentences in table.values():
            assert sentences.keys() == languages
    for reason in AlarmReason:
        said = {reason_words.explain(reason, language) for language in languages}
        assert len(said) == len(languages)
    assert reason_words.explain("unheard_of", "ru") == "unheard_of"
