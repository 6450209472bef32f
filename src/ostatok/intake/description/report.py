"""What making a description true did, in numbers and in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ostatok.intake.description.problems import Problem

_FATES: Final = ("created", "changed", "unchanged", "deleted")


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleStart:
    """A rule that was switched on or edited: how many it found below, and how many of those it told."""

    rule: str
    below: int
    notified: int

    @property
    def marked(self) -> int:
        """How many were passed over silently."""
        return self.below - self.notified


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Counts by section and fate, how rules started, and what is allowed and yet does nothing."""

    counts: Mapping[str, Mapping[str, int]]
    starts: tuple[RuleStart, ...]
    warnings: tuple[Problem, ...]
    dry_run: bool

    @property
    def changed(self) -> bool:
        """Whether anything is not as it was."""
        return any(counts.get(fate) for counts in self.counts.values() for fate in _FATES if fate != "unchanged")

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON has it."""
        return {
            "dry_run": self.dry_run,
            "sections": {name: {fate: counts.get(fate, 0) for fate in _FATES} for name, counts in self.counts.items()},
            "rules": [
                {"rule": start.rule, "marked_silently": start.marked, "notified": start.notified}
                for start in self.starts
            ],
            "warnings": [str(warning) for warning in self.warnings],
        }

    def as_text(self) -> Iterator[str]:
        """Return the report line by line."""
        for section, counts in self.counts.items():
            told = [f"{counts[fate]} {fate}" for fate in _FATES if counts.get(fate)]
            yield f"{section}: {', '.join(told)}"
        for start in self.starts:
            yield f'rule "{start.rule}": {_started(start)}'
        yield from (f"warning: {warning}" for warning in self.warnings)
        if self.dry_run:
            yield "dry run: nothing was changed"
        elif not self.changed:
            yield "nothing to change"


def _started(start: RuleStart) -> str:
    if not start.below:
        return "nobody is below it now"
    silently = f"{start.marked} already below, marked silently"
    return f"{start.notified} notified now, {silently}" if start.notified else silently
