from itertools import count

import pytest

from ostatok.notices import checking, defaults
from ostatok.notices.checking import Severity
from ostatok.notices.rendering import MessageTemplate


def problems(written: str, *, html: bool = False, may_send_pin: bool = False) -> list[str]:
    return [str(problem) for problem in checking.check(written, html=html, may_send_pin=may_send_pin)]


FAULTS = [
    ("Hello,\n{{ clientname }}", "line 2: there is no variable 'clientname'; did you mean 'client_name'?"),
    ("{{ client.name }}", "line 1: there is no variable 'client.name'; did you mean 'client_name'?"),
    ("{{ left | amnt }}", "line 1: there is no filter 'amnt'; did you mean 'amount'?"),
    ("{{ now }}", "line 1: there is no variable 'now'"),
    ("\n{% include 'other' %}", "line 2: the tag 'include' is not available"),
    ("{% render 'other' %}", "line 1: the tag 'render' is not available"),
    ("{% tablerow a in last_entries %}", "line 1: the tag 'tablerow' is not available"),
    ("{{ left", "line 1: '{{' is not closed by '}}'"),
    ("{% if left %}", "expected tag endif, found end of expression"),
    ("{{ left mark }}", "line 1: expected end of expression, found word"),
    ("x" * 64_001, "the template is 64,001 characters long; at most 64,000 are allowed"),
    ("{{ pin }}", "line 1: the PIN is off: the organization does not allow it in messages"),
    ("PIN:\n%pin", "line 2: the PIN is off: the organization does not allow it in messages"),
]


@pytest.mark.parametrize(("written", "expected"), FAULTS)
def test_a_template_is_refused_with_a_reason_and_its_line(written: str, expected: str) -> None:
    assert problems(written) == [expected]
    assert problems(written, html=True) == [expected]


def test_all_unknown_names_are_told_at_once_each_once() -> None:
    assert problems("{{ one }}{{ one }}\n{{ left | two }}{{ three }}") == [
        "line 1: there is no variable 'one'",
        "line 2: there is no variable 'three'",
        "line 2: there is no filter 'two'",
    ]


def test_names_that_the_template_makes_itself_are_known() -> None:
    written = "{% assign a = left %}{{ a }}{% for e in last_entries %}{{ e.amount }}{{ forloop.index }}{% endfor %}"
    assert problems(written) == []
    assert problems("{{ last_entries.size }}{{ last_entries[0].amount }}") == []


def test_the_pin_may_be_used_where_the_organization_allows_it() -> None:
    assert problems("%pin", may_send_pin=True) == []


def test_an_unknown_percent_word_is_a_warning_with_what_was_meant() -> None:
    [found] = checking.check("20% скидка, %balanse")
    assert found.severity is Severity.WARNING
    assert found.message == "there is no name '%balanse'; did you mean '%balance'?; it is sent as it stands"


def test_problems_of_a_message_name_their_part() -> None:
    template = MessageTemplate(language="ru", subject="{{ a }}", text="{{ left }}", html="<p>\n{{ b }}")
    assert [str(problem) for problem in checking.check_message(template, "balance_band")] == [
        "subject: line 1: there is no variable 'a'",
        "html: line 2: there is no variable 'b'",
    ]


def test_what_only_shows_when_a_template_is_rendered_is_found_by_trying_it() -> None:
    template = MessageTemplate(language="ru", text="ok", html="<p>\n{{ left | amount: 'KZT' }}")
    [found] = checking.check_message(template, "balance_band")
    assert (found.part, found.line) == ("html", 2)
    assert found.message.startswith("an amount in min cannot be shown in KZT")


def test_a_template_that_fails_only_when_little_is_known_is_found_too() -> None:
    template = MessageTemplate(language="ru", text="{{ last_entries[0].amount }}")
    [found] = checking.check_message(template, "balance_band")
    assert found.message == "index out of range (in a notice of which only the least is known)"


def test_a_template_that_takes_too_long_is_refused_with_its_line() -> None:
    loops = "{% for a in last_entries %}" * 3 + "{% endfor %}" * 3
    template = MessageTemplate(language="ru", text="\n" + loops)
    [found] = checking.check_message(template, "balance_band", clock=count().__next__)
    assert (found.part, found.line, found.severity) == ("text", 2, Severity.ERROR)
    assert found.message.startswith("it takes longer than 0.25 s; look at its loops")


def test_a_filter_on_a_long_text_in_loops_is_refused() -> None:
    loops = "{% for a in last_entries %}" * 3 + "{% assign y = x | url_encode %}" + "{% endfor %}" * 3
    text = "{% capture x %}" + "я" * 10_000 + "{% endcapture %}" + loops
    [found] = checking.check_message(MessageTemplate(language="ru", text=text), "balance_band")
    assert found.message.startswith("it takes more than 20,000 steps; look at its loops")


def test_a_letter_too_long_only_with_its_frame_is_refused() -> None:
    template = MessageTemplate(language="ru", html="x" * 63_900)
    assert "characters long" in str(checking.check_message(template, "balance_band"))


@pytest.mark.parametrize("kind", defaults.KINDS)
@pytest.mark.parametrize("language", ["en", "ru", "pl", "kk"])
def test_the_products_own_templates_have_no_problems(kind: str, language: str) -> None:
    assert checking.check_message(defaults.message(kind, "email", language), kind) == []
