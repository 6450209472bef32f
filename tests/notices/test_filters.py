from typing import Any

import pytest

from ostatok.kernel import text
from ostatok.notices import rendering, samples, variables
from ostatok.notices.source import TemplateError


def shown(written: str, language: str = "ru", **changes: Any) -> str:
    known = variables.build(samples.full("balance_band", language)) | changes
    return rendering.render(written, known).replace(text.NBSP, " ")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{{ left }}", "15 минут"),
        ('{{ left | amount: "short" }}', "15 мин"),
        ('{{ left | amount: "s" }}', "900 секунд"),
        ('{{ mark | amount: "h" }}', "1,7 часа"),
        ('{{ 90 | amount: "min" }}', "90 минут"),
        ('{{ 1234.5 | money: "KZT" }}', "1 234,50 ₸"),
        ("{{ mark | number }}", "100"),
        ("{{ 1234.567 | number: 1 }}", "1 234,6"),
        ("{{ mark_at }}", "16 ноября 2026"),
        ('{{ mark_at | date: "time" }}', "16 ноября 2026, 10:30"),
        ('{{ mark_at | date: "dd.MM.yy" }}', "16.11.26"),
        ('{{ 1 | plural: "письмо", "письма", "писем" }}', "письмо"),
        ('{{ 3 | plural: "письмо", "письма", "писем" }}', "письма"),
        ('{{ 11 | plural: "письмо", "письма", "писем" }}', "писем"),
        ('{{ 1.5 | plural: "письмо", "письма", "писем" }}', "письма"),
        ("{{ left | remains }}", "осталось"),
        ("{{ left | plus: 5 }}", "20"),
        ("{{ mark | minus: left }}", "85"),
        ("{{ percent | divided_by: 4 | round: 1 }}", "3.8"),
        ("{{ lasts_until | date }}{{ pin_code | default: 'x' }}", "22 ноября 2026x"),
        ("{{ client_name | replace: 'Ромашка', 'Роза' | upcase }}", "ООО «РОЗА»"),
        ("{{ service_full_name | truncate: 15 }}", "Автоматическ..."),
    ],
)
def test_filters_show_values_as_their_reader_writes_them(written: str, expected: str) -> None:
    assert shown(written, pin_code=None) == expected


@pytest.mark.parametrize(
    "written", ["{{ x | amount }}", "{{ x | money: 'KZT' }}", "{{ x | number }}", "{{ x | date }}"]
)
def test_what_is_not_known_is_shown_as_nothing(written: str) -> None:
    assert shown(written, x=None) == ""


@pytest.mark.parametrize(
    ("language", "forms", "expected"),
    [
        ("en", '"letter", "letters"', "letters"),
        ("pl", '"list", "listy", "listów"', "listów"),
        ("kk", '"хат"', "хат"),
    ],
)
def test_each_language_has_its_own_number_of_forms(language: str, forms: str, expected: str) -> None:
    assert shown("{{ 5 | plural: " + forms + " }}", language) == expected


def test_values_are_compared_in_their_own_unit() -> None:
    assert shown("{% if left < 16 and left > 14 and percent == 15 %}yes{% endif %}") == "yes"
    assert shown('{% if level == "low" %}{{ level }}{% endif %}') == "это мало"
    assert shown("{% if lasts_until < 5 %}less{% else %}no{% endif %}", lasts_until=None) == "no"


MISUSED = [
    ('{{ left | amount: "KZT" }}', "an amount in min cannot be shown in KZT"),
    ("{{ left | amount: 'parsec' }}", "unknown unit 'parsec'"),
    ("{{ client_name | number }}", "this cannot be calculated"),
    ("{{ last_entries | plus: 1 }}", "a figure is needed, not list"),
    ("{{ left | divided_by: 0 }}", "this cannot be calculated"),
    ("{{ 9 " + "| times: 99999999999999999999 " * 3 + "}}", "this cannot be calculated"),
    ("{{ client_name | date }}", "a moment is needed, not str"),
    ("{{ client_name | remains }}", "an amount is needed, not str"),
    ("{{ 5 | plural }}", "takes 4 forms, not 0"),
    ("{{ left | money }}", "missing 1 required positional argument"),
]


@pytest.mark.parametrize(("written", "reason"), MISUSED)
def test_what_a_filter_cannot_do_is_told_with_its_line(written: str, reason: str) -> None:
    with pytest.raises(TemplateError, match=f"line 2: .*{reason}"):
        shown(f"\n{written}")
