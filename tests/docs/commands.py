"""The commands of `ostatok`, as the manual speaks of them.

`python -m tests.docs.commands` writes what they say of themselves into docs/cli.md.
"""

import os
import re
import shlex
from collections.abc import Iterator
from functools import cache

import click
import django
from click.testing import CliRunner

from ostatok.cli import main as cli
from tests.docs.pages import DOCS

WIDTH = 100

#: Other commands may stand in quotes over several lines, which nobody takes apart here.
_NAMED = re.compile(r"(^|[\s/])ostatok\s")


def every(command: click.Command = cli.cli, name: str = "ostatok") -> Iterator[tuple[str, click.Command]]:
    """Every command and group by its full name."""
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            assert found
            yield from every(found, f"{name} {inner}")


@cache
def named() -> dict[str, click.Command]:
    return dict(every())


def help_of(name: str) -> str:
    """What `--help` prints."""
    arguments = [*name.split()[1:], "--help"]
    result = CliRunner().invoke(cli.cli, arguments, prog_name="ostatok", terminal_width=WIDTH)
    assert result.exit_code == 0, result.output
    return result.stdout


def in_text(text: str) -> Iterator[list[str]]:
    """The words of each `ostatok` command that a text has, without its environment; it may end a pipe."""
    for line in text.replace("\\\n", " ").splitlines():
        for part in line.split(" | "):
            words = shlex.split(part, comments=True) if _NAMED.search(part) else []
            while words and "=" in words[0]:
                words.pop(0)
            if words and words[0].removeprefix(".venv/bin/") == "ostatok":
                yield ["ostatok", *_until_redirection(words[1:])]


def _until_redirection(words: list[str]) -> Iterator[str]:
    for word in words:
        if word in (">", ">>", "<", "&"):
            return
        yield word


def complaint(words: list[str]) -> str | None:
    """What the command line would say against these words; None if it would run them. Files need not exist."""
    length = max(number for number in range(1, len(words) + 1) if " ".join(words[:number]) in named())
    command = named()[" ".join(words[:length])]
    if isinstance(command, click.Group) and length < len(words) and not words[length].startswith("-"):
        return f"there is no command {' '.join(words)}"
    try:
        command.make_parser(click.Context(command)).parse_args(words[length:])
    except click.UsageError as error:
        return error.format_message()
    return None


def renewed(text: str) -> str:
    """The page with the help of each command under its heading."""
    for name in named():
        section = re.compile(rf"(^## {name}\n(?:(?!^## ).)*?^```text\n).*?(^```$)", re.DOTALL | re.MULTILINE)
        said = help_of(name)
        text = section.sub(lambda match, said=said: f"{match[1]}{said}{match[2]}", text)  # type: ignore[misc]
    return text


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ostatok.config.settings")
    django.setup()
    path = DOCS / "cli.md"
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
