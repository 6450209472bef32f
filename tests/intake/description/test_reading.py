"""Every mistake in a description is told: where it stands, on which line, in words its writer understands."""

import pytest

from ostatok.intake.description import reading
from ostatok.intake.description.problems import DescriptionError

KINDS = ("balance_band", "balance_below", "balance_above", "balance_exhausted", "forecast_below")
RULE = "rules:\n  - organization: op\n    name: r\n    "


def problems(text: str) -> list[str]:
    with pytest.raises(DescriptionError) as caught:
        reading.read(text)
    return [str(problem) for problem in caught.value.problems]


MISTAKES = [
    ("[a]", "must be a mapping of sections (line 1)"),
    ("clients: x", "clients: must be a list (line 1)"),
    ("clients:\n  - x", "clients[0]: must be a mapping of fields (line 2)"),
    ("outlets: []", "outlets: comes with a later version (line 1)"),
    ("servces: []", 'servces: unknown section: did you mean "services"? (line 1)'),
    ("groups:\n  - {code: a}", "groups[0].organization: is missing (line 2)"),
    ("groups:\n  - {organization: a, code: ''}", "groups[0].code: must not be empty (line 2)"),
    ("groups:\n  - {organization: a, code: [b]}", "groups[0].code: must be text (line 2)"),
    (
        "groups:\n  - {organization: a, code: b, state: gone}",
        "groups[0].state: 'gone' is not one of deleted (line 2)",
    ),
    (
        "groups:\n  - {organization: a, code: b, nam: c}",
        'groups[0].nam: unknown field: did you mean "name"? (line 2)',
    ),
    ("groups:\n  - {organization: a, code: b, name: null}", "groups[0].name: must be text (line 2)"),
    (
        'groups:\n  - {organization: a, code: "b\\nc"}',
        "groups[0].code: only printable characters, on one line (line 2)",
    ),
    (
        "organizations:\n  - code: a\n    timezone: Europe/Moskow",
        "organizations[0].timezone: unknown time zone 'Europe/Moskow': did you mean \"Europe/Moscow\"? (line 3)",
    ),
    (
        "organizations:\n  - {code: a, language: rus}",
        "organizations[0].language: 'rus' is not one of en, ru, pl, kk: did you mean \"ru\"? (line 2)",
    ),
    (
        "clients:\n  - {organization: a, code: b, language: fr}",
        "clients[0].language: 'fr' is not one of en, ru, pl, kk (line 2)",
    ),
    (
        "clients:\n  - {organization: a, code: b, language: {a: b}}",
        "clients[0].language: must be one of en, ru, pl, kk (line 2)",
    ),
    (
        "clients:\n  - {organization: a, code: b, 'name[0]': c}",
        'clients[0].name[0]: unknown field: did you mean "name"? (line 2)',
    ),
    (
        "organizations:\n  - {code: a, email: 'x y'}",
        "organizations[0].email: 'x y' is not an e-mail address (line 2)",
    ),
    (
        "organizations:\n  - {code: a, may_send_pin: maybe}",
        "organizations[0].may_send_pin: must be true or false (line 2)",
    ),
    (
        "services:\n  - {organization: a, code: b, top_up_url: 'x:y'}",
        "services[0].top_up_url: 'x:y' is not a web address that begins with http:// or https:// (line 2)",
    ),
    (
        'organizations:\n  - {code: a, name: "x\\0"}',
        "organizations[0].name: the character \\0 is not allowed (line 2)",
    ),
    (
        "services:\n  - {organization: a, code: b, unit: mins}",
        "services[0].unit: unknown unit 'mins': did you mean 'min'? (line 2)",
    ),
    (
        "services:\n  - {organization: a, code: b, rearm_from: 1e5}",
        "services[0].rearm_from: '1e5' is not an amount: write it out without an exponent (line 2)",
    ),
    (
        "services:\n  - {organization: a, code: b, rearm_from: -1}",
        "services[0].rearm_from: an amount here is 0 or more (line 2)",
    ),
    (
        "accounts:\n  - organization: a\n    number: 1\n    services:\n      - x\n      - {code: y, hold: 5}",
        'accounts[0].services[1].hold: unknown field: did you mean "held"? (line 6)',
    ),
    (
        "contacts:\n  - {organization: a, code: b, points: [{kind: email, address: x}]}",
        "contacts[0].points[0].address: not an e-mail address (line 2)",
    ),
    ("users:\n  - {email: a@b.test, roles: [{organization: x}]}", "users[0].roles[0].role: is missing (line 2)"),
    (
        "users:\n  - {email: a@b.test, password: x}",
        "users[0].password: unknown field: known are state, email, name, language, roles (line 2)",
    ),
    (RULE + "trigger: {amount: 5}", "rules[0].trigger.kind: is missing (line 4)"),
    (
        RULE + "trigger: {kind: balance_blow}",
        "rules[0].trigger.kind: unknown kind 'balance_blow': did you mean \"balance_below\"? (line 4)",
    ),
    (
        RULE + "trigger: {kind: debt, amount: 100, unit: PLN}",
        f"rules[0].trigger.kind: debt comes with a later version; this one knows {', '.join(KINDS)} (line 4)",
    ),
    (RULE + "trigger: {kind: balance_below, unit: min}", "rules[0].trigger.amount: is missing (line 4)"),
    (
        RULE + "trigger: {kind: balance_exhausted, amount: 0}",
        "rules[0].trigger.amount: unknown field: known are kind, unit (line 4)",
    ),
    (RULE + "trigger: {kind: forecast_below}", "rules[0].trigger.days: is missing (line 4)"),
    (
        RULE + "trigger: {kind: forecast_below, days: 0}",
        "rules[0].trigger.days: must be 1 or more (line 4)",
    ),
    (
        RULE + "trigger: {kind: balance_band, bands: []}",
        "rules[0].trigger.bands: must not be an empty list (line 4)",
    ),
    (
        RULE + "trigger:\n      kind: balance_band\n      bands:\n        - [20, 10]\n        - [5, 10]",
        "rules[0].trigger.bands[1]: the upper edge comes first: [20, 10] (line 8)",
    ),
    (
        RULE + "trigger:\n      kind: balance_band\n      bands:\n        - [20, 10]\n        - [15, 5]",
        "rules[0].trigger.bands[1]: bands go down and may not overlap (line 8)",
    ),
    (
        RULE + "trigger: {kind: balance_band, bands: [[20, null], [5, 1]]}",
        "rules[0].trigger.bands[0]: only the last band has no lower edge (line 4)",
    ),
    (
        RULE + "trigger: {kind: balance_band, bands: [[20, 10, 5]]}",
        "rules[0].trigger.bands[0]: a band is written as its two edges, such as [20, 10] (line 4)",
    ),
    (
        RULE + "trigger: {kind: balance_band, bands: [[20.00001, 10]]}",
        "rules[0].trigger.bands[0]: an edge is below 100000 per cent and has at most 4 decimals (line 4)",
    ),
    (
        RULE + "audience: {service: []}",
        "rules[0].audience.service: an empty list matches nobody: leave it out, or name whom it is about (line 4)",
    ),
    (RULE + "audience: {link_type: fibre}", "rules[0].audience.link_type: comes with a later version (line 4)"),
    (
        RULE + "audience: {not: {stats: x}}",
        'rules[0].audience.not.stats: unknown field: did you mean "status"? (line 4)',
    ),
    (RULE + "when: {cron: '0 9 * * *'}", "rules[0].when: comes with a later version (line 4)"),
    (
        RULE + "recipients: [{to: clinet}]",
        "rules[0].recipients[0].to: 'clinet' is nobody: did you mean \"client\"? (line 4)",
    ),
    (
        RULE + "recipients: [{to: client, channel: sms}]",
        "rules[0].recipients[0].channel: sms comes with a later version (line 4)",
    ),
    (
        RULE + "recipients: [{to: user}]",
        "rules[0].recipients[0].user: is missing: {to: user, user: anna@operator.test} (line 4)",
    ),
    (
        RULE + "recipients: [{to: client, contact: x}]",
        "rules[0].recipients[0].contact: goes with `to: contact` only (line 4)",
    ),
    (RULE + "quota: {max_qty: 0}", "rules[0].quota.max_qty: must be 1 or more (line 4)"),
    (
        RULE + "quota: {period: 1 day}",
        "rules[0].quota.period: '1 day' is not a duration: write 30m, 24h, 7d or 1h30m (line 4)",
    ),
    (
        RULE + "quota: {cooldown: 0h}",
        "rules[0].quota.cooldown: a duration is longer than nothing and no longer than 36500d (line 4)",
    ),
    (RULE + "state: 'on'", "rules[0].state: 'on' is not one of active, shadow, inactive, deleted (line 4)"),
    (
        "templates:\n  - {organization: a, kind: debt, language: en}",
        f"templates[0].kind: 'debt' is not one of {', '.join(KINDS)} (line 2)",
    ),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES)
def test_a_mistake_is_told_with_its_place_and_line(text: str, message: str) -> None:
    assert problems(text) == [message]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = (
        "rules:\n  - {organization: a, name: x, state: y}\nclients:\n  - {organization: a}\n  - {code: b, email: c}\n"
    )
    assert problems(text) == [
        "rules[0].state: 'y' is not one of active, shadow, inactive, deleted (line 2)",
        "clients[0].code: is missing (line 4)",
        "clients[1].organization: is missing (line 5)",
        "clients[1].email: 'c' is not an e-mail address (line 5)",
    ]


def test_a_file_that_is_not_yaml_is_told_with_its_line() -> None:
    assert problems("a: [1\n") == ["did not find expected ',' or ']' (line 2)"]


def test_a_great_many_mistakes_are_cut_short() -> None:
    with pytest.raises(DescriptionError) as caught:
        reading.read("clients:\n" + "  - {}\n" * 200)
    assert len(caught.value.problems) == 400
    assert str(caught.value).endswith("and 300 more problems")


@pytest.mark.parametrize("text", ["", "# nothing yet", "clients:", "clients: []", "null"])
def test_an_empty_description_describes_nothing(text: str) -> None:
    assert reading.read(text).clients == ()


def test_a_single_code_is_a_list_of_one() -> None:
    rule = reading.read(RULE + "audience: {service: ad, not: {tag: [a, a, b]}}").rules[0]
    assert rule.audience is not None
    assert rule.audience.none_of is not None
    assert rule.audience.service == ("ad",)
    assert rule.audience.none_of.tag == ("a", "b")


@pytest.mark.parametrize("last", ["0", "0.0", "null"])
def test_the_last_band_has_no_lower_edge_however_it_is_written(last: str) -> None:
    rule = reading.read(RULE + f"trigger: {{kind: balance_band, bands: [[20, 10], [5, {last}]]}}").rules[0]
    assert rule.trigger is not None
    assert rule.trigger.kind == "balance_band"
    assert rule.trigger.bands[-1].lower is None


def test_what_is_written_with_digits_keeps_its_zeros() -> None:
    client = reading.read("clients:\n  - {organization: op, code: 007, tax_id: 0771234567, phone: +7701}").clients[0]
    assert (client.code, client.tax_id, client.phone) == ("007", "0771234567", "+7701")
