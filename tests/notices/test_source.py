import pytest

from ostatok.notices import source
from ostatok.notices.source import TemplateError


@pytest.mark.parametrize(
    ("written", "liquid"),
    [
        ("%customer", "{{ client_name }}"),
        ("%cid", "{{ client_code }}"),
        ("%last_10_in_a_table", "{{ last_10_in_a_table }}"),
        ("saldo: %balance.", "saldo: {{ balance }}."),
        ("%customers", "{{ client_name }}s"),
        ("%bankaccount", "{{ bank_account }}"),
        ("Осталось 20%", "Осталось 20%"),
        ("20% off", "20% off"),
        ("100%%", "100%"),
        ("%%customer", "%customer"),
        ("%%%customer", "%{{ client_name }}"),
        ("%unknown stays", "%unknown stays"),
        ("%Customer", "%Customer"),
        ("https://x.test/%D0%BF%20", "https://x.test/%D0%BF%20"),
        ('<td width="100%">%pin</td>', '<td width="100%">{{ pin }}</td>'),
    ],
)
def test_names_of_the_old_add_on_become_liquid_and_other_percent_signs_stay(written: str, liquid: str) -> None:
    assert source.translated(written) == liquid


def test_nothing_inside_a_tag_is_taken_for_a_percent_name() -> None:
    written = "{% if left %}{{ '%customer' }}{%if mark%}%cid{% endif %}{%endif%}"
    assert (
        source.translated(written) == "{% if left %}{{ '%customer' }}{%if mark%}{{ client_code }}{% endif %}{%endif%}"
    )


def test_unknown_percent_words_are_found_with_their_lines_and_url_escapes_are_not() -> None:
    written = "%customer\n%balans и 20%\n\nhttps://x.test/%d0%bf%ef"
    assert list(source.unknown_percent_names(written)) == [("balans", 2)]


@pytest.mark.parametrize(
    ("written", "line"),
    [("{{ left", 1), ("\n\n{% if left ", 3), ("{{ left {{ mark }}", 1), ("a\n{{ left %}", 2), ("{{" * 30_000, 1)],
)
def test_a_tag_that_is_not_closed_is_told_with_its_line(written: str, line: int) -> None:
    with pytest.raises(TemplateError, match="is not closed") as refusal:
        source.translated(written)
    assert refusal.value.line == line


def test_a_tag_longer_than_a_person_writes_is_refused_before_liquid_reads_it() -> None:
    with pytest.raises(TemplateError, match="is not closed"):
        source.demand_size("{{" + " " * source.TAG_LENGTH_LIMIT + "left }}")


def test_a_source_too_long_or_with_too_many_tags_is_refused() -> None:
    with pytest.raises(TemplateError, match="64,001 characters long"):
        source.demand_size("x" * (source.SOURCE_LIMIT + 1))
    with pytest.raises(TemplateError, match="1,001 tags"):
        source.demand_size("{{ left }}" * (source.TAG_LIMIT + 1))


def test_pieces_put_together_are_the_source() -> None:
    written = "a {{ left }}{% if mark %}\nb{% endif %} c"
    assert "".join(piece.text for piece in source.pieces(written)) == written
    assert all(written.startswith(piece.text, piece.start) for piece in source.pieces(written))
