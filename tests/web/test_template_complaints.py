"""What is wrong with a template, said in the language of the page."""

from itertools import count

import pytest

from ostatok.notices import checking
from ostatok.notices.checking import Problem
from ostatok.notices.rendering import MessageTemplate
from tests.notices.test_checking import FAULTS
from tests.notices.test_filters import MISUSED
from tests.web.leftovers import LANGUAGES, check

LATIN = "amount money plus upcase replace currency other old form first last entries"
LATIN += " min kzt pln left mark client_name clientname foo bar en ru"
LOOPS = "{% for e in last_entries %}" * 3 + "x" + "{% endfor %}" * 3
#: What the library that reads templates refuses.
UNREAD = (
    "{% if left %}{% elsif %}{% endif %}",
    "{% endif %}",
    "{% break %}",
    "{% %}",
    "{{ }}",
    "{% if %}{% endif %}",
    "{% if left == %}{% endif %}",
    "{% if left === mark %}{% endif %}",
    "{% if left ! mark %}{% endif %}",
    "{% if left mark %}{% endif %}",
    "{% if (left) %}{% endif %}",
    "{% if not left %}{% endif %}",
    "{% if left | %}{% endif %}",
    "{% for e last_entries %}{% endfor %}",
    "{% for e in last_entries",
    "{% for e in last_entries foo %}{% endfor %}",
    "{% for e in last_entries limit %}{% endfor %}",
    "{% for e in last_entries %}",
    "{% for 'e' in last_entries %}{% endfor %}",
    "{% for a.b in last_entries %}{% endfor %}",
    "{% for e in (1..3) %}{% endfor %}",
    "{% assign a %}",
    "{% assign a = %}",
    "{% assign a.b = 1 %}",
    "{% assign 'a' = 1 %}",
    "{% assign a? = 1 %}",
    "{% capture %}{% endcapture %}",
    "{% capture a b %}{% endcapture %}",
    "{% capture a %}",
    "{% case left %}{% foo %}{% endcase %}",
    "{% case %}{% endcase %}",
    "{% case left %}{% when %}{% endcase %}",
    "{% case left %}{% when 1 %}",
    "{% case left %}{% if left %}{% endif %}{% endcase %}",
    "{% comment %}",
    "{% # a\nb %}",
    "{{ left | }}",
    "{{ left | amount: 1 2 }}",
    "{{ left | amount 'h' }}",
    "{{ left | default: x: }}",
    "{{ left. }}",
    "{{ left[ }}",
    "{{ left[0 }}",
    "{{ left.. }}",
    "{{ left if mark }}",
    "{{ 'left }}",
    "{{ left & mark }}",
    "{{ last_entries.1a }}",
    "{{ , }}",
    "{{ 1..2 }}",
    "{{ " + "9" * 500 + " | plus: left }}",
    "{% if left %}" * 25,
    "{{ left }}" * 1_001,
)
#: What shows only when it is rendered.
UNRENDERED = (
    "{{ last_entries[20].amount }}",
    "{{ last_entries[0].foo }}",
    "{{ last_entries.first.foo.bar }}",
    "{{ client_name.first }}",
    "{{ foo }}",
    "{% if left < client_name %}{% endif %}",
    "{% if last_entries > mark_at %}{% endif %}",
    "{% if left contains client_name %}{% endif %}",
    "{% for e in last_entries limit: client_name %}{% endfor %}",
    "{{ left | amount: 'h', 1, 2 }}",
    "{{ left | amount: foo: 1 }}",
    "{{ left | amount: 'h', form: 'h' }}",
    "{{ left | money }}",
    "{{ left | replace }}",
    "{{ left | plus }}",
    "{{ left | plus: 1, 2 }}",
    "{{ left | upcase: 1 }}",
    "{{ left | truncate: client_name }}",
    "{{ client_name | truncate: foo }}",
    "{{ left | money: 'gold' }}",
    "{{ left | amount: 'Min' }}",
    "{{ mark_at | date: 'g' }}",
    "{{ mark_at | date: 'qqqqqqqqqq' }}",
    "{{ 99999999999999 | amount: 'h' }}",
    "{{ 0.0000001 | amount: 'KZT' }}",
    "{{ mark_at | plus: 1 }}",
    "{{ true | plus: 1 }}",
    "{{ level | plus: 1 }}",
    "{{ lasts_days | plus: 1 }}",
    "{{ last_10_in_a_table | plus: 1 }}",
    "{{ nil | plus: 1 }}",
    "{{ left | plural: 'a', 'b', 'c', 'd', 'e' }}",
    "{% assign a = client_name %}" + "{% assign a = a | append: a | append: a %}" * 20,
    LOOPS * 40,
    "{% assign a = client_name | append: '" + "x" * 900 + "' %}" + LOOPS.replace("x", "{{ a }}"),
)


def wrong(written: str) -> list[Problem]:
    template = MessageTemplate(language="ru", text=written)
    found = checking.check_message(template, "balance_band")
    assert found
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("written", [*(written for written, _ in FAULTS), *UNREAD], ids=lambda written: written[:50])
def test_what_cannot_be_read_is_said_in_every_language(written: str, language: str) -> None:
    for problem in wrong(written):
        check(problem.message, language, keeps=LATIN)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "written", [*(written for written, _ in MISUSED), *UNRENDERED], ids=lambda written: written[:50]
)
def test_what_cannot_be_rendered_is_said_in_every_language(written: str, language: str) -> None:
    for problem in wrong(written):
        check(problem.message, language, keeps=LATIN)


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_it_takes_too_long_is_said_in_every_language(language: str) -> None:
    template = MessageTemplate(language="ru", text=LOOPS)
    for problem in checking.check_message(template, "balance_band", clock=count().__next__):
        check(problem.message, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_that_is_sent_as_it_stands_is_said_in_every_language(language: str) -> None:
    for problem in checking.check("20% скидка, %balanse, %qqq"):
        check(problem.message, language)
