"""The text of a description is taken as written; what is not YAML is told with its line."""

import pytest

from ostatok.intake.description import source
from ostatok.intake.description.source import SourceError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0771234567", "0771234567"),
        ("no", "no"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("2026-11-22", "2026-11-22"),
        ("'null'", "null"),
        ('""', ""),
        ("null", None),
        ("~", None),
        ("", None),
        ("[a, [b], {c: d}]", ["a", ["b"], {"c": "d"}]),
        ("&x {a: b}", {"a": "b"}),
    ],
)
def test_values_are_text_or_null_as_written(text: str, value: object) -> None:
    assert source.read(text) == value


def test_an_anchor_is_read_where_it_is_used() -> None:
    assert source.read("a: &x [1, 2]\nb: *x") == {"a": ["1", "2"], "b": ["1", "2"]}


FAULTS = [
    ("a: 1\na: 2", "line 2: the key 'a' stands here twice"),
    ("a: [1", "line 2: did not find expected ',' or ']'"),
    ("a:\n  - b\n c: d", "line 3: did not find expected key"),
    ("- !!python/object:os.system x", "line 1: the tag tag:yaml.org,2002:python/object:os.system is not allowed"),
    ("a: 1\n---\nb: 2", "line 2: a description is one document"),
    ("\n{[a]: b}", "line 2: a key must be plain text"),
    ("a: *nobody", "line 1: *nobody refers to nothing above it"),
    ("a: 1\nb: \x07", "line 2: a character that cannot stand in YAML"),
    ("[" * 60 + "]" * 60, "line 1: nested too deeply"),
]


@pytest.mark.parametrize(("text", "message"), FAULTS)
def test_what_cannot_be_read_is_told_with_its_line(text: str, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        source.read(text)
    assert str(caught.value).startswith(message)


def test_anchors_within_anchors_do_not_fill_the_memory() -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(SourceError, match="far larger than it is written"):
        source.read("\n".join(levels))


def test_lines_are_found_for_places_there_and_for_those_that_are_missing() -> None:
    text = "rules:\n  - name: a\n    trigger:\n      kind: x\n      bands:\n        - [20, 10]\n        - [10, 5]\n"
    wanted = {
        ("rules", 0, "trigger", "bands", 1): 7,
        ("rules", 0, "trigger", "amount"): 4,
        ("rules", 0, "organization"): 2,
        ("rules", 0, "trigger", "kind"): 4,
        ("clients", 3): 1,
        (): 1,
    }
    assert source.lines(text, frozenset(wanted)) == wanted
