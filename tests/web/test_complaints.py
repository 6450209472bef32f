"""What is wrong with a change, said in the language of the page."""

import pytest
from django.utils import translation

from ostatok.intake.description import durations, reading, source, values
from ostatok.intake.description.problems import DescriptionError
from ostatok.intake.description.source import SourceError
from ostatok.ledger.models import EntryKind
from ostatok.parties.access import Role
from ostatok.web import complaints
from tests.intake.description.conftest import OPERATOR, Apply, apply
from tests.intake.description.test_permissions import MAY, SECTIONS, As, problems
from tests.intake.description.test_reading import MISTAKES, RULE
from tests.intake.description.test_removing import PEOPLE
from tests.intake.description.test_rules import LOW, edit, post
from tests.intake.description.test_source import FAULTS
from tests.web.leftovers import LANGUAGES, check

__all__ = ["apply", "problems"]

#: Values of these tests that stand in no quotes.
CODES = "op debt sms min pln gb"
MORE_MISTAKES = (
    "organizations:\n  - {code: a, timezone: Nowhere}",
    "services:\n  - {organization: a, code: b, unit: parsec}",
    "services:\n  - {organization: a, code: b, rearm_from: 999999999999999}",
    "services:\n  - {organization: a, code: b, rearm_from: '0.0000001'}",
    "services:\n  - {organization: a, code: b, rearm_from: '12,5'}",
    "services:\n  - {organization: a, code: b, rearm_from: [1]}",
    f"clients:\n  - {{organization: a, code: b, name: '{'x' * 251}'}}",
    "x: []",
    RULE + "trigger: {kind: nothing}",
    RULE + "trigger: {kind: forecast_below, days: 366}",
    RULE + "trigger: {kind: forecast_below, days: soon}",
    RULE + f"trigger: {{kind: forecast_below, days: '{'9' * 5000}'}}",
    RULE + "recipients: [{to: '?'}]",
)
DAYS = "trigger: {kind: forecast_below, days: 7, unit: PLN}, quota: {hysteresis: 1}"
#: What is there, then what is refused, or only warned of.
REFUSED = {
    "references": (
        [OPERATOR, PEOPLE],
        """
clients:
  - {organization: opp, code: c3, name: X}
  - {organization: op, code: c4, name: X, groups: [vap], manager: ana@op.test}
  - {organization: op, code: c5, name: X, groups: [zzz], manager: zzz@else.test}
accounts:
  - {organization: op, number: "9", client: c2x, services: [voise, zzz]}
  - {organization: op, number: "8", client: zzz, services: [net, net]}
rules:
  - organization: op
    name: r2
    trigger: {kind: balance_exhausted}
    audience: {service: [net, vois], not: {group: zzz}}
    recipients: [{to: user, user: zzz@b.test}, {to: contact, contact: dutty}, {to: contact, contact: zzz}]
""",
    ),
    "new things": (
        [OPERATOR],
        """
organizations: [{code: o}]
services: [{organization: op, code: x}]
groups: [{organization: op, code: x}]
contacts: [{organization: op, code: x}]
clients: [{organization: op, code: x}]
accounts: [{organization: op, number: "7"}]
rules: [{organization: op, name: x}]
""",
    ),
    "the same twice": (
        [OPERATOR],
        """
groups: [{organization: op, code: g, name: G}, {organization: op, code: g, name: H}]
contacts:
  - {organization: op, code: d, name: D, points: [{kind: phone, address: x}, {kind: phone, address: x}]}
""",
    ),
    "circles": (
        [],
        "organizations: [{code: a, parent: b, name: A}, {code: b, parent: a, name: B}, {code: c, parent: zzz}]",
    ),
    "an organization": ([OPERATOR, PEOPLE], "organizations: [{code: op, state: deleted}]"),
    "a service": ([OPERATOR], "services: [{organization: op, code: net, state: deleted}]"),
    "a client": ([OPERATOR], "clients: [{organization: op, code: c2, state: deleted}]"),
    "people": (
        [OPERATOR, PEOPLE, PEOPLE[PEOPLE.index("rules") :].replace("name: r", "name: r two")],
        """
contacts: [{organization: op, code: duty, state: deleted}]
users: [{email: anna@op.test, state: deleted}]
""",
    ),
    "a group": (
        [OPERATOR, edit("name: r 1, trigger: {kind: balance_exhausted}, audience: {not: {group: vip}}")],
        "groups: [{organization: op, code: vip, state: deleted}]",
    ),
    "units": (
        [OPERATOR, "services: [{organization: op, code: tv, name: TV, unit: min, rearm_from: 10}]"],
        """
services:
  - {organization: op, code: net, unit: GB}
  - {organization: op, code: tv, unit: GB}
  - {organization: op, code: voice, rearm_from: 5 GB}
""",
    ),
    "hysteresis": (
        [
            OPERATOR,
            LOW,
            edit("name: Low, quota: {hysteresis: 5}"),
            edit(f"name: days, {DAYS}"),
        ],
        """
rules:
  - {organization: op, name: Low, trigger: {kind: balance_below, amount: 5, unit: min}}
  - {organization: op, name: days, trigger: {kind: balance_below, amount: 5, unit: PLN}}
  - {organization: op, name: r, trigger: {kind: balance_exhausted}, quota: {hysteresis: 5}}
  - {organization: op, name: s, trigger: {kind: forecast_below, days: 7}, quota: {hysteresis: 366}}
  - {organization: op, name: t, trigger: {kind: balance_exhausted}, quota: {first: next_check}}
""",
    ),
    "roles": (
        [
            OPERATOR,
            "organizations: [{code: else, name: Else}]",
            "users: [{email: eve@else.test, roles: [{organization: else, role: clerk}]}]",
        ],
        """
clients: [{organization: op, code: c2, manager: eve@else.test}]
rules:
  - organization: op
    name: r
    trigger: {kind: balance_exhausted}
    recipients: [{to: user, user: eve@else.test}]
""",
    ),
    "templates": (
        [OPERATOR],
        """
templates:
  - organization: op
    kind: balance_below
    language: en
    subject: "%pin"
    text: "{{ clint_name }}"
    html: "{{ left"
""",
    ),
}
WARNED = (
    edit("name: a, trigger: {kind: balance_band, bands: [[20, 0]]}, quota: {period: 24h, first: next_check}"),
    edit("name: a, trigger: {kind: forecast_below, days: 7}, mark: package, quota: {first: next_check}"),
    "accounts:\n  - {organization: res, number: '9', client: c1, credit_limit: 5, services: [voice]}\n",
    "templates:\n  - {organization: op, kind: balance_below, language: en, subject: 'Dear %customr'}\n",
)


def refused(apply: Apply, text: str) -> list[str]:
    with pytest.raises(DescriptionError) as caught:
        apply(text)
    return [problem.message for problem in caught.value.problems]


def unread(text: str) -> list[str]:
    with pytest.raises(DescriptionError) as caught:
        reading.read(text)
    return [problem.message for problem in caught.value.problems]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "text", [*(text for text, _ in MISTAKES), *MORE_MISTAKES], ids=range(len(MISTAKES) + len(MORE_MISTAKES))
)
def test_what_cannot_stand_in_a_field_is_said_in_every_language(text: str, language: str) -> None:
    for message in unread(text):
        check(message, language, keeps=CODES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", [text for text, message in FAULTS if "did not find" not in message])
def test_what_cannot_be_read_is_said_in_every_language(text: str, language: str) -> None:
    with pytest.raises(SourceError) as caught:
        source.read(text)
    check(caught.value.message, language, keeps="nobody tag yaml org python object os system")


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_description_cannot_do_is_said_in_every_language(apply: Apply, name: str) -> None:
    known, text = REFUSED[name]
    apply(*known, "organizations: []")
    for message in refused(apply, text):
        for language in LANGUAGES:
            check(message, language, keeps=f"{CODES} clint_name client_name groups")


def test_why_an_account_with_entries_stays_is_said_in_every_language(apply: Apply) -> None:
    apply(OPERATOR)
    post("op", ("2", "net", EntryKind.TOP_UP, "100"))
    account = "accounts:\n  - {organization: op, number: '2', "
    whole = refused(apply, account + "state: deleted}\n")
    for message in [*whole, *refused(apply, account + "services: [{code: net, state: deleted}]}\n")]:
        for language in LANGUAGES:
            check(message, language, keeps="net")


def test_why_an_organization_keeps_its_deleted_rules_is_said_in_every_language() -> None:
    for language in LANGUAGES:
        check("cannot be removed: it still has clients (1), deleted rules whose notices stay (12)", language)


@pytest.mark.parametrize("text", WARNED)
def test_what_does_nothing_is_said_in_every_language(apply: Apply, text: str) -> None:
    warnings = apply(OPERATOR, text).warnings
    assert warnings
    for warning in warnings:
        for language in LANGUAGES:
            check(warning.message, language, keeps="customr customer")


@pytest.mark.parametrize("section", SECTIONS)
def test_what_a_role_may_not_change_is_said_in_every_language(problems: As, section: str) -> None:
    role = next(role for role in Role if section not in MAY[role])
    for message in problems(role, SECTIONS[section]):
        for language in LANGUAGES:
            check(message, language, keeps="res")


@pytest.mark.parametrize(
    "text",
    [
        "users:\n  - {email: boss@op.test, name: Mine}\n",
        "users:\n  - {email: both@op.test, name: Mine}\n",
        "organizations:\n  - {code: op, name: Mine, parent: res}\n",
        SECTIONS["clients"].replace("res", "op"),
    ],
)
def test_what_an_owner_may_not_change_is_said_in_every_language(problems: As, apply: Apply, text: str) -> None:
    apply("users: [{email: both@op.test, roles: [{organization: op, role: look}, {organization: res, role: look}]}]")
    found = problems(Role.OWNER, text)
    assert found
    for message in found:
        for language in LANGUAGES:
            check(message, language)


@pytest.mark.parametrize(
    "message",
    [
        "you may not change this user",
        "a rule of an organization above asks for it",
        "cannot be removed: told by a rule that you do not see",
        "stands for nobody: you see everybody whom this rule tells",
    ],
)
def test_what_is_out_of_sight_is_refused_without_its_name_in_every_language(message: str) -> None:
    for language in LANGUAGES:
        check(message, language)


@pytest.mark.parametrize(
    "message",
    [
        "you may not give a role that may do more than you",
        "you may not change the role of somebody who may do more than you",
        "you may not remove somebody who may do more than you",
    ],
)
def test_who_may_do_more_is_left_alone_in_every_language(message: str) -> None:
    for language in LANGUAGES:
        check(message, language)


def test_values_stand_in_it_as_they_were_given_and_words_in_the_readers_language() -> None:
    with translation.override("ru"):
        assert complaints.said("it's not known") == "it's not known"
        given = durations_refused("24 часа")
        assert complaints.said(given) == "«24 часа» — не длительность: напишите 30m, 24h, 7d или 1h30m"
        assert "«d'or@x»" in complaints.said(email_refused("d'or@x"))
        unit = "cannot become another unit than min: accounts have balances in it (3)"
        assert "«мин»" in complaints.said(unit)
        hint = 'unknown service "voise": did you mean "voice"?'
        assert complaints.said(hint) == "услуга «voise» не найдена; может быть, «voice»?"
        told = 'cannot be removed: told by the rules "a, b", "c"'
        assert complaints.said(told) == "удалить нельзя: ему сообщают правила «a, b», «c»"


def test_several_complaints_are_said_line_by_line() -> None:
    with translation.override("ru"):
        assert complaints.said("is missing\nmust be text") == "не заполнено\nдолжен быть текст"
        assert complaints.said("is missing\nthe moon is full") == "не заполнено\nthe moon is full"


@pytest.mark.parametrize("message", ["is missing", 'the moon is full: did you mean "sun"?', "line 3: the moon is full"])
def test_english_and_what_nobody_knows_stand_as_they_are(message: str) -> None:
    with translation.override("en"):
        assert complaints.said(message) == message
    if "moon" in message:
        with translation.override("kk"):
            assert complaints.said(message) == message


def durations_refused(written: str) -> str:
    with pytest.raises(ValueError, match="not a duration") as caught:
        durations.parse(written)
    return str(caught.value)


def email_refused(written: str) -> str:
    with pytest.raises(ValueError, match="not an e-mail") as caught:
        values._email(written)
    return str(caught.value)
