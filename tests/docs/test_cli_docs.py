"""docs/cli.md repeats what every command says of itself."""

from pathlib import Path

import click
import pytest

from tests.docs import commands
from tests.docs.pages import DOCS, Page, page


def test_every_command_and_no_other_has_a_section() -> None:
    sections = [heading for heading in page("cli.md").headings if heading.startswith("ostatok")]

    assert sorted(sections) == sorted(commands.named())


@pytest.mark.parametrize("name", commands.named())
def test_a_section_has_the_help_of_its_command(name: str) -> None:
    renew = "run `.venv/bin/python -m tests.docs.commands`"

    assert page("cli.md").blocks("text", name) == [commands.help_of(name)], renew


def test_every_command_and_option_says_what_it_is_for() -> None:
    silent = [name for name, command in commands.named().items() if not command.help]
    silent += [
        f"{name} {parameter.opts[0]}"
        for name, command in commands.named().items()
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.help
    ]

    assert silent == []


@pytest.mark.parametrize("path", sorted([*DOCS.glob("*.md"), *DOCS.parent.glob("*.md")]), ids=lambda path: path.name)
def test_a_command_that_a_page_shows_can_be_typed(path: Path) -> None:
    blocks = [block for language in ("sh", "") for block in Page(path).blocks(language)]
    shown = [words for block in blocks for words in commands.in_text(block)]

    assert [complaint for words in shown if (complaint := commands.complaint(words))] == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("ostatok apply city.yaml --dry-run", None),
        ("ostatok import entries x.csv --organisation city", "No such option"),
        ("ostatok import bills x.csv", "there is no command"),
        ("ostatok teleport", "there is no command"),
    ],
)
def test_what_cannot_be_typed_is_found_out(typed: str, said: str | None) -> None:
    [words] = commands.in_text(f"X=1 .venv/bin/{typed} > out  # why not")
    complaint = commands.complaint(words)

    assert complaint == said or (said and complaint and said in complaint)
