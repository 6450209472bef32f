"""Pages as sessions: files are saved under their names, commands are run, and must print what the page says."""

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from ostatok.cli import main as cli
from tests.docs import commands
from tests.docs.pages import Block, Page

OUTPUT = {"text", "json"}


@dataclass
class Ran:
    """What the commands of one block printed, and the exit status of the last."""

    block: Block
    output: str = ""
    status: int = 0


def play(page: Page, directory: Path) -> list[Ran]:
    """Do what the page says in a directory; every block of output must be what the commands above it printed."""
    ran: list[Ran] = []
    for part in page.parts:
        if not isinstance(part, Block):
            continue
        if part.name:
            (directory / part.name).write_text(part.text, encoding="utf-8")
        elif part.language == "sh":
            ran.append(run(part))
        elif part.language in OUTPUT:
            same_lines(ran[-1].output, part.text, f"{page.path.name}, {part.heading}")
    return ran


def run(block: Block) -> Ran:
    """Run the commands of a block that are ours, in this process."""
    ran = Ran(block)
    for words in commands.in_text(block.text):
        result = CliRunner().invoke(cli.cli, words[1:], catch_exceptions=False)
        ran.output += result.stdout
        ran.status = result.exit_code
    return ran


def same_lines(is_so: str, is_written: str, place: str) -> None:
    """Fail with the difference; the moment at which something was done is a different one each time."""
    said, written = (_without_moments(text).splitlines() for text in (is_so, is_written))
    different = list(difflib.unified_diff(written, said, "the page", "the command", lineterm=""))
    assert not different, f"{place}:\n" + "\n".join(different)


def _without_moments(text: str) -> str:
    """The days of March 2025 on which entries occur stay: they are written in the files."""
    plain = text.replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\d{1,2} (?!March 2025)[A-Z]\w+ \d{4}, \d\d:\d\d", "(a moment)", plain)
