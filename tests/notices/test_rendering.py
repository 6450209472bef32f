import dataclasses
from itertools import count
from typing import Any

import pytest
from liquid import Environment

from ostatok.notices import defaults, filters, rendering, samples, variables
from ostatok.notices.rendering import MessageTemplate
from ostatok.notices.source import TemplateError, TooMuchWork

NESTED = "{% for a in last_entries %}" * 5 + "x" + "{% endfor %}" * 5
LONG = "{% capture x %}" + "я" * 10_000 + "{% endcapture %}"


def in_loops(body: str) -> str:
    """Something done up to a thousand times."""
    return "{% for a in last_entries %}" * 3 + body + "{% endfor %}" * 3


def values(**changes: Any) -> dict[str, object]:
    return variables.build(dataclasses.replace(samples.full("balance_band", "ru"), **changes))


def message(**parts: str) -> MessageTemplate:
    return MessageTemplate(language="ru", **parts)


def test_html_in_a_name_is_text_in_a_letter() -> None:
    known = values(client_name='<b>"Ромашка"</b>&', organization_name="<script>alert(1)</script>")
    html = rendering.render_message(defaults.message("balance_band", "email", "ru"), known).html
    assert "&lt;b&gt;&#34;Ромашка&#34;&lt;/b&gt;&amp;" in html
    assert "<script" not in html


@pytest.mark.parametrize(
    "written",
    [
        "{{ client_name | append: '<i>' }}",
        "{{ '<i>' | append: client_name }}",
        "{{ client_name | replace: 'x', '<i>' }}",
        "{{ client_name | upcase | downcase }}",
        "{{ client_name | newline_to_br }}",
        "{% capture name %}{{ client_name }}{% endcapture %}{{ name }}",
        "{% assign name = client_name %}{{ name | strip }}",
        "{{ last_entries[0].memo }}",
    ],
)
def test_no_filter_lets_markup_out_of_a_value(written: str) -> None:
    known = values() | {"client_name": "<b>x", "last_entries": [{"memo": "<b>x"}]}
    assert "<b>" not in rendering.render(written, known, html=True).lower()


@pytest.mark.parametrize("name", ["safe", "url_decode", "escape_once", "strip_html", "base64_decode", "json"])
def test_filters_that_could_undo_escaping_are_not_there(name: str) -> None:
    with pytest.raises(TemplateError, match=f"unknown filter '{name}'"):
        rendering.render("{{ client_name | " + name + " }}", values(), html=True)


def test_a_subject_is_one_line_whatever_stands_in_it() -> None:
    template = message(subject="Счёт\r\nBcc: a@x.test\n {{ account_address }}\t!")
    known = values() | {"account_address": "Садовая\r\n\r\nX-Evil: 1"}
    assert rendering.render_message(template, known).subject == "Счёт Bcc: a@x.test Садовая X-Evil: 1 !"


def test_a_subject_that_is_too_long_is_cut() -> None:
    subject = rendering.render_message(message(subject="{{ client_name }}"), values(client_name="я" * 1000)).subject
    assert len(subject) == rendering.SUBJECT_LIMIT
    assert subject.endswith("…")


def test_paragraphs_of_a_text_stand_one_line_apart() -> None:
    template = message(text="Один\n\n{% if pin == nil %}x{% endif %}\n \n\nДва\r\nТри\n\n\n")
    assert rendering.render_message(template, values()).text == "Один\n\nДва\nТри\n"


def test_a_part_that_is_not_written_is_empty() -> None:
    rendered = rendering.render_message(message(text="{{ left }}"), values())
    assert (rendered.subject, rendered.html) == ("", "")


def test_free_html_gets_the_frame_and_a_whole_document_is_left_alone() -> None:
    framed = rendering.render_message(message(html="<p>Привет, %customer!</p>"), values()).html
    assert framed.startswith('<!doctype html>\n<html lang="ru"')
    assert "<p>Привет, ООО «Ромашка»!</p>" in framed
    assert "help@energo.example" in framed
    whole = "<HTML><p>{{ client_name }}</p></HTML>"
    assert rendering.render_message(message(html=whole), values()).html == "<HTML><p>ООО «Ромашка»</p></HTML>"


def test_sections_make_the_balance_letter() -> None:
    html = rendering.render_message(message(html="<!-- headline -->\nМало\n<!-- button -->\nОплатить"), values()).html
    assert ">Мало</h1>" in html
    assert ">Оплатить</a>" in html


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (NESTED, "more than 20,000 steps; look at its loops"),
        ("{% for i in (1..1000000000) %}x{% endfor %}", r"ranges such as \(1..1000000000\) are not available"),
        ("{{ (1..1000000000) | size }}", "ranges such as"),
        ("{% assign a = (1..account_number) %}", "ranges such as"),
        (
            "{% for e in last_entries %}" + "{{ client_name }}" * 900 + "{% endfor %}",
            "writes more than 256,000 characters",
        ),
        ("{% assign x = client_name %}" + "{% assign x = x | append: x %}" * 40, "grew longer than 64,000 characters"),
        ("{{ long | replace: 'a', long }}", "grew longer than 64,000 characters"),
        ("{{ now }}", "'now' is undefined"),
        ("{{ clientname }}", "'clientname' is undefined"),
        ("{{ client_name.__class__ }}", "is undefined"),
        ("{% include 'x' %}", "the tag 'include' is not available"),
        ("{% if left %}", "expected tag endif"),
        ("{% if left %}" * 25 + "{% endif %}" * 25, "nesting limit"),
    ],
)
def test_a_template_that_goes_too_far_is_cut_with_a_clear_error(written: str, reason: str) -> None:
    known = values(client_name="я" * 250) | {"long": "a" * 1000}
    for html in (False, True):
        with pytest.raises(TemplateError, match=reason):
            rendering.render(written, known, html=html)


@pytest.mark.parametrize(
    "body",
    [
        "{% assign y = x | url_encode %}",
        "{% capture y %}{{ x | upcase | size }}{% endcapture %}",
        "{% capture y %}{{ x }}{% endcapture %}",
        "{% assign y = x %}",
        "{% if x contains 'яяb' %}{% endif %}",
        "{% if 'ab' contains x %}{% endif %}",
        "{% assign y = client_code | append: x %}",
        "{% assign y = client_name | replace: 'о', '" + "о" * 900 + "' | size %}" * 20,
    ],
)
def test_a_long_text_costs_steps_by_its_length_whatever_is_done_with_it(body: str) -> None:
    with pytest.raises(TooMuchWork, match="more than 20,000 steps"):
        rendering.render(LONG + in_loops(body), values())


def test_short_texts_in_the_same_loops_are_no_matter() -> None:
    written = "{% assign x = client_name %}" + in_loops("{% assign y = x | url_encode %}")
    assert rendering.render(written, values()) == ""


def test_a_rendering_that_takes_too_long_is_cut_with_a_clear_error() -> None:
    with pytest.raises(TooMuchWork, match=r"html: line 2: it takes longer than 0\.5 s; look at its loops"):
        rendering.render_message(message(html="<html>\n" + in_loops("")), values(), clock=count().__next__)


def test_all_parts_of_a_message_share_its_time() -> None:
    """By this clock a part takes nearly half of what there is."""
    ticks = count(step=rendering.PATIENCE / 250)
    template = message(subject=in_loops(""), text=in_loops(""), html=in_loops(""))
    with pytest.raises(TooMuchWork, match=r"html: .* longer than"):
        rendering.render_message(template, values(), clock=ticks.__next__)


@pytest.mark.parametrize("kind", defaults.KINDS)
def test_the_products_own_letters_never_look_at_the_clock_again(kind: str) -> None:
    ticks = count()
    template, known = defaults.message(kind, "email", "ru"), variables.build(samples.full(kind, "ru"))
    rendering.render_message(template, known, clock=ticks.__next__)
    assert next(ticks) == 1


def test_the_same_template_takes_the_same_steps_every_time() -> None:
    loops = "{% for a in last_entries %}" * 4 + "x" + "{% endfor %}" * 4
    assert [len(rendering.render(loops, values())) for _ in range(3)] == [10_000] * 3


def test_an_error_names_the_part_and_the_line_it_stands_in() -> None:
    with pytest.raises(TemplateError, match="text: line 3: 'nobody' is undefined"):
        rendering.render_message(message(subject="ok", text="a\nb\n{{ nobody }}"), values())


def test_what_is_kept_of_a_message_has_its_pin_masked() -> None:
    template = message(subject="ПИН", text="Ваш ПИН: %pin", html="<p>{{ pin }}</p>")
    sent = rendering.render_message(template, values(pin="2468"))
    kept = rendering.for_keeping(template, values(pin="2468"), sent)
    assert "2468" in sent.text
    assert "2468" in sent.html
    assert "2468" not in kept.text + kept.html
    assert kept.text == f"Ваш ПИН: {variables.MASKED_PIN}\n"


def test_a_message_without_a_pin_is_kept_as_it_is() -> None:
    template = defaults.message("balance_band", "email", "ru")
    sent = rendering.render_message(template, values())
    assert rendering.for_keeping(template, values(), sent) is sent


def test_a_template_tells_which_variables_it_needs() -> None:
    template = message(subject="%cid", text="{% assign x = mark %}{{ x }}", html="{{ last_10_in_a_table }}")
    assert {"client_code", "mark", "last_10_in_a_table"} <= rendering.names_used(template)
    assert not {"x", "pin", "lasts_until"} & rendering.names_used(template)


@pytest.mark.parametrize("kind", defaults.KINDS)
def test_lookups_made_short_find_what_the_library_finds(kind: str) -> None:
    class Plain(Environment):
        def setup_tags_and_filters(self, *, extra: bool = False) -> None:
            super().setup_tags_and_filters(extra=extra)
            self.filters.update(filters.FILTERS)

    template, known = defaults.message(kind, "email", "pl"), variables.build(samples.full(kind, "pl"))
    plain = Plain().from_string(template.text).render(**known)
    assert rendering.render(template.text, known) == plain
