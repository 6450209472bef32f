"""What is wrong with a description: every problem with its place in the file, all of them at once."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ostatok.intake.description.source import Path
from ostatok.kernel.errors import OstatokError

_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend; `line` is where it stands, 0 while unknown."""

    path: Path
    message: str
    line: int = 0

    def __str__(self) -> str:
        place = written(self.path)
        text = f"{place}: {self.message}" if place else self.message
        return f"{text} (line {self.line})" if self.line else text


class DescriptionError(OstatokError):
    """A description that cannot be made true; nothing of it was."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        more = len(problems) - _SHOWN
        shown = [str(problem) for problem in problems[:_SHOWN]]
        super().__init__("\n".join([*shown, f"and {more} more problems"] if more > 0 else shown))
        self.problems = tuple(problems)


@dataclass(slots=True)
class Problems:
    """Problems found so far, each told once."""

    _found: dict[Problem, None] = field(default_factory=dict)
    _items: set[Path] = field(default_factory=set)

    def add(self, path: Path, message: str) -> None:
        """Note a problem, and that the item of a section in which it stands cannot be made."""
        self._found[Problem(path, message)] = None
        self._items.add(path[:2])

    def spoil(self, item: Path) -> None:
        """Note that an item of a section, `("clients", 3)`, cannot be made because of a problem told elsewhere."""
        self._items.add(item)

    def spoiled(self, item: Path) -> bool:
        """Whether the item of a section has any problem."""
        return item in self._items

    def all(self) -> list[Problem]:
        """All problems, in the order in which they were met."""
        return list(self._found)

    def __bool__(self) -> bool:
        return bool(self._found)


def written(path: Path) -> str:
    """A place as people write it: `rules[0].trigger.bands[1]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def located(problems: Iterable[Problem], lines: Mapping[Path, int]) -> list[Problem]:
    """Problems with the lines they stand on, in the order of the file."""
    told = [Problem(problem.path, problem.message, lines.get(problem.path, 0)) for problem in problems]
    return sorted(told, key=lambda problem: problem.line)


def did_you_mean(wanted: str, known: Iterable[str], *, cutoff: float = 0.7) -> str:
    """`: did you mean "x"?` when something known is close, otherwise nothing."""
    folded = {code.casefold(): code for code in known}
    near = difflib.get_close_matches(wanted.casefold()[:64], folded, n=1, cutoff=cutoff)
    return f': did you mean "{folded[near[0]]}"?' if near else ""
