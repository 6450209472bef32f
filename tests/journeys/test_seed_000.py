"""The story of seed 000 as its operator lives it: minutes of two modules, and letters at 20–10 %, 10–5 % and 5–0 %."""

import re

import pytest

from tests.journeys.desk import Desk, Letter, charge, end, entries, query, succeed, top_up

ENERGO = """
organizations:
  - {code: energo, name: "ООО «Энергосбыт»", tax_id: "7701234567", email: ops@energo.test,
     timezone: Europe/Moscow, language: ru}
services:
  - {organization: energo, code: appps, name: АППС, full_name: Автоматический приём показаний, unit: min}
  - {organization: energo, code: ad, name: АД, full_name: Автоматический обзвон должников, unit: min}
clients:
  - {organization: energo, code: c1, name: "ООО «Ромашка»", tax_id: "7812345678", email: c1@client.test, language: ru}
accounts:
  - {organization: energo, number: "100001", client: c1, services: [appps, ad]}
rules:
  - organization: energo
    name: Остаток минут
    trigger: {kind: balance_band, bands: [[20, 10], [10, 5], [5, null]]}
    audience: {service: [appps, ad]}
    recipients: [{to: client, channel: email}]
"""

MODULES = {"appps": "Автоматический приём показаний", "ad": "Автоматический обзвон должников"}


@pytest.fixture
def operator(desk: Desk) -> Desk:
    """The operator of the seed, with one client."""
    desk.apply(ENERGO)
    return desk


def stated(letter: Letter) -> str:
    """The percentage that a letter states."""
    found = re.search(r"Остаток: .*\((.*)\)", letter.text)
    assert found
    return found[1]


def named(letters: list[Letter]) -> list[str]:
    """The modules that letters name."""
    return [module for letter in letters for module, name in MODULES.items() if name in letter.text]


def notices() -> list[tuple[int, str, str]]:
    """Upper edge of the band, state and reason of every notice, in the order of their raising."""
    rows = query(
        "select b.upper::integer, n.state, n.reason from notice n join rule_band b on b.id = n.band_id order by n.id"
    )
    return [(upper, state, reason) for upper, state, reason in rows]


@pytest.mark.parametrize("service", MODULES)
def test_one_letter_for_each_band_and_none_in_between(operator: Desk, service: str) -> None:
    def left_after(minutes: str) -> list[str]:
        operator.post(charge(minutes, service=service))
        return [stated(letter) for letter in operator.send()]

    operator.post(top_up(100, service=service))
    assert operator.send() == []
    assert left_after("80") == []  # 20 % exactly is not yet in 20–10 %
    assert left_after("5") == ["15 %"]
    assert left_after("2") == []
    assert left_after("3") == []  # 10 % exactly is still in 20–10 %
    assert left_after("1") == ["9 %"]
    assert left_after("3") == []
    assert left_after("5") == ["1 %"]
    assert left_after("1") == []
    assert left_after("3") == []  # below zero
    operator.check()


def test_a_letter_is_in_russian_and_names_the_module_what_is_left_and_the_percentage(operator: Desk) -> None:
    operator.post(top_up(100), charge(85))

    [letter] = operator.send()

    assert letter.to == "c1@client.test"
    assert "АППС" in letter.subject
    assert "15 минут" in letter.subject
    for body in (letter.text, letter.html):
        assert "Автоматический приём показаний" in body
        assert "осталось" in body
        assert "15 минут" in body
        assert "15 %" in body
        assert "100 минут, 3 марта 2025" in body
        assert "ООО «Ромашка»" in body
        assert "7812345678" in body
        assert "100001" in body
        assert "{{" not in body
        assert "{%" not in body
        assert "None" not in body


def test_files_imported_twice_repeat_nothing(operator: Desk) -> None:
    rows = (top_up(100), charge(85))
    operator.post(*rows)
    assert len(operator.send()) == 1

    again = operator.post(*rows)

    assert (again["posted"], again["duplicates"], again["notices"]) == (0, 2, 0)
    assert operator.send() == []


def test_a_top_up_re_arms_all_three(operator: Desk) -> None:
    operator.post(top_up(100), charge(99))
    assert len(operator.send()) == 1

    operator.post(top_up(99))
    assert operator.send() == []

    for minutes in (85, 6, 8):
        operator.post(charge(minutes))
        assert len(operator.send()) == 1
    assert [upper for upper, _, _ in notices()] == [5, 20, 10, 5]


def test_a_jump_over_all_bands_sends_one_letter_for_the_lowest(operator: Desk) -> None:
    operator.post(top_up(100), charge(97))

    [letter] = operator.send()

    assert stated(letter) == "3 %"
    assert notices() == [(5, "sent", "")]


def test_the_modules_do_not_disturb_each_other(operator: Desk) -> None:
    operator.post(top_up(100, service="appps"), top_up(100, service="ad"))
    operator.post(charge(97, service="appps"))
    assert named(operator.send()) == ["appps"]

    operator.post(charge(97, service="ad"))
    assert named(operator.send()) == ["ad"]


def test_all_of_it_in_one_file_sends_one_letter_and_shows_three_notices(operator: Desk) -> None:
    result = operator.post(top_up(100), charge(85), charge(6), charge(8))

    letters = operator.send()

    assert result["notices"] == 3
    assert [stated(letter) for letter in letters] == ["1 %"]
    assert notices() == [(20, "dropped", "superseded"), (10, "dropped", "superseded"), (5, "sent", "")]


def test_topped_up_before_it_was_sent_nothing_is_sent(operator: Desk) -> None:
    operator.post(top_up(100), charge(97))
    operator.post(top_up(100))

    assert operator.send() == []
    assert notices() == [(5, "dropped", "recovered")]


def test_six_thousand_calls_of_a_second_take_exactly_a_hundred_minutes(operator: Desk) -> None:
    operator.post(top_up(100), *(charge(1, unit="s") for _ in range(6_000)))

    assert query("select amount from balance where seq = 6001") == [(0,)]
    assert [upper for upper, _, _ in notices()] == [20, 10, 5]
    assert len(operator.send()) == 1
    operator.check()


def test_why_tells_what_was_sent_what_not_and_why(operator: Desk) -> None:
    operator.post(top_up(100), charge(85), charge(6))
    operator.send()

    told = str(operator.run("why", "100001"))

    assert "c1@client.test" in told
    assert "superseded" in told


def test_the_same_with_every_command_a_process_of_its_own(desk: Desk) -> None:
    succeed([desk.start("apply", desk.file(ENERGO, ".yaml"))])
    for rows in ([top_up(100), charge(85)], [charge(6)], [charge(8)]):
        file = desk.file(entries(rows))
        [imported] = succeed([desk.start("import", "entries", file, "--organization", "energo")])
        [worked] = succeed([desk.start("worker", "--once")])
        assert (imported["notices"], worked["sent"]) == (1, 1)

    assert len(desk.sink.mails) == 3
    status, out, _ = end(desk.start("why", "100001"))
    assert status == 0
    assert "c1@client.test" in out
    succeed([desk.start("check")])
