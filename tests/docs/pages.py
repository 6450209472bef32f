"""The pages of the manual, taken apart."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_HEADING = re.compile(r"(#{1,6}) (.+)")
_FENCE = re.compile(r"```(\w*)")
_NAME = re.compile(r"(?:.* )?`([\w.-]+\.\w+)`:")


@dataclass(frozen=True)
class Block:
    """What stands in a fence, and under which heading; `name` is the file it is, as the line above the fence says."""

    heading: str
    language: str
    text: str
    name: str = ""


@dataclass(frozen=True)
class Table:
    """The cells of a table's rows, the head among them, and under which heading it stands."""

    heading: str
    head: list[str]
    rows: list[list[str]]


Part = Block | Table


class Page:
    """One page of Markdown: its headings, and its blocks and tables in their order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        self.headings: list[str] = []
        self.parts: list[Part] = list(self._parts())

    def blocks(self, language: str, heading: str | None = None) -> list[str]:
        return [
            part.text
            for part in self.parts
            if isinstance(part, Block) and part.language == language and heading in (None, part.heading)
        ]

    def table(self, *head: str, heading: str | None = None) -> list[list[str]]:
        """The rows of the one table that has this head."""
        found = [
            part.rows
            for part in self.parts
            if isinstance(part, Table) and tuple(part.head) == head and heading in (None, part.heading)
        ]
        assert len(found) == 1, f"{self.path.name} has {len(found)} tables {head}"
        return found[0]

    def anchors(self) -> set[str]:
        return {anchor(heading) for heading in self.headings}

    def prose(self) -> str:
        """The page without its fences."""
        return re.sub(r"^```.*?^```", "", self.text, flags=re.DOTALL | re.MULTILINE)

    def links(self) -> list[str]:
        return re.findall(r"\]\(([^)\s]+)\)", self.prose())

    def _parts(self) -> Iterator[Part]:
        lines, named = iter(self.text.splitlines()), ""
        for line in lines:
            if heading := _HEADING.fullmatch(line):
                self.headings.append(heading[2])
            elif fence := _FENCE.match(line):
                inside = "".join(f"{one}\n" for one in _until_fence(lines))
                yield Block(self._heading, fence[1], inside, named)
            elif line.startswith("|"):
                yield self._table([line, *_while_table(lines)])
            if line:
                named = match[1] if (match := _NAME.fullmatch(line)) else ""

    @property
    def _heading(self) -> str:
        return self.headings[-1] if self.headings else ""

    def _table(self, lines: list[str]) -> Table:
        head, _, *rows = [_cells(line) for line in lines]
        return Table(self._heading, head, rows)


def _until_fence(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line == "```":
            return
        yield line


def _while_table(lines: Iterator[str]) -> Iterator[str]:
    """The rest of a table; the line after it is blank."""
    for line in lines:
        if not line.startswith("|"):
            return
        yield line


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def anchor(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    words = re.sub(r"[^\w\- ]", "", heading.lower())
    return words.replace(" ", "-")


def code(cell: str) -> list[str]:
    """What is set as code in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def page(name: str) -> Page:
    return Page(DOCS / name)
