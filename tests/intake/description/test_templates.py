"""Templates of a description: checked before they are saved, and never written over."""

from collections.abc import Callable

from ostatok.notices.models import Template
from tests.intake.description.conftest import OPERATOR, Apply

Refusal = Callable[..., list[str]]

TEMPLATE = """
templates:
  - organization: op
    kind: balance_below
    language: pl
    subject: "{{ service_name }}: {{ left }}"
    text: |
      {{ client_name }},
      zostało {{ left }}.
"""


def versions() -> list[tuple[int, str, bool]]:
    return list(Template.objects.order_by("version").values_list("version", "subject", "deleted"))


def test_a_template_is_saved_as_written(apply: Apply) -> None:
    assert apply(OPERATOR, TEMPLATE).counts == {"templates": {"created": 1}}
    saved = Template.objects.get()
    assert (saved.kind, saved.channel, saved.language, saved.version) == ("balance_below", "email", "pl", 1)
    assert saved.text == "{{ client_name }},\nzostało {{ left }}.\n"


def test_only_another_wording_makes_another_version(apply: Apply) -> None:
    apply(OPERATOR, TEMPLATE)
    assert not apply(TEMPLATE).changed
    text = "templates:\n  - {organization: op, kind: balance_below, language: pl, subject: 'Zostało {{ left }}'}\n"
    assert apply(text).counts == {"templates": {"changed": 1}}
    assert versions() == [(1, "{{ service_name }}: {{ left }}", False), (2, "Zostało {{ left }}", False)]
    assert Template.objects.get(version=2).text == Template.objects.get(version=1).text


def test_a_removed_template_is_another_version_and_can_come_back(apply: Apply) -> None:
    removed = "templates:\n  - {organization: op, kind: balance_below, language: pl, state: deleted}\n"
    assert apply(OPERATOR, TEMPLATE, removed).counts == {"templates": {"deleted": 1}}
    assert not apply(removed).changed
    assert apply(TEMPLATE).counts == {"templates": {"created": 1}}
    assert [(version, deleted) for version, _, deleted in versions()] == [(1, False), (2, True), (3, False)]


def test_a_template_that_cannot_be_rendered_is_refused_with_line_and_hint(refusal: Refusal) -> None:
    text = """
templates:
  - organization: op
    kind: balance_below
    language: en
    subject: "{{ clint_name }}"
    text: |
      Hello,
      {% if left %}
"""
    found = refusal(OPERATOR, text)
    assert found[0] == (
        "templates[0].subject: line 1: there is no variable 'clint_name'; did you mean 'client_name'? (line 6)"
    )
    assert found[1].startswith("templates[0].text: ")
    assert found[1].endswith("(line 7)")
    assert not Template.objects.exists()


def test_the_pin_is_refused_where_the_organization_does_not_allow_it(apply: Apply, refusal: Refusal) -> None:
    text = "templates:\n  - {organization: op, kind: balance_below, language: en, subject: 'PIN %pin'}\n"
    assert refusal(OPERATOR, text) == [
        "templates[0].subject: line 1: the PIN is off: the organization does not allow it in messages (line 2)"
    ]
    assert apply("organizations:\n  - {code: op, may_send_pin: true}\n" + text).counts["templates"] == {"created": 1}


def test_a_name_that_is_sent_as_it_stands_is_warned_of(apply: Apply) -> None:
    text = "templates:\n  - {organization: op, kind: balance_below, language: en, subject: 'Dear %customr'}\n"
    assert tuple(map(str, apply(OPERATOR, text).warnings)) == (
        "templates[0].subject: line 1: there is no name '%customr'; did you mean '%customer'?; it is sent as it stands",
    )
