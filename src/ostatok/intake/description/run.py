"""One application of a description: what it has found, done and counted so far."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeVar

from django.db.models import QuerySet

from ostatok.intake.description.directory import Directory, nearest_code
from ostatok.intake.description.problems import Problems
from ostatok.intake.description.source import Path
from ostatok.ledger.limits import LimitChange
from ostatok.parties import audit
from ostatok.parties.access import Permission, permits
from ostatok.parties.models import Organization
from ostatok.rules.changes import RuleChange

#: What it takes to change the objects of a section.
PERMISSIONS: Final[Mapping[str, Permission]] = MappingProxyType(
    {
        "organizations": Permission.CHANGE_ORGANIZATIONS,
        "services": Permission.CHANGE_SERVICES,
        "groups": Permission.CHANGE_CLIENTS,
        "contacts": Permission.CHANGE_CONTACTS,
        "users": Permission.CHANGE_USERS,
        "clients": Permission.CHANGE_CLIENTS,
        "accounts": Permission.CHANGE_CLIENTS,
        "rules": Permission.CHANGE_RULES,
        "templates": Permission.CHANGE_TEMPLATES,
    }
)

#: How many unknown names are worth a search for what was meant.
_HINTS = 50


class Placed(Protocol):
    """An item of a section that belongs to an organization."""

    @property
    def organization(self) -> str: ...

    @property
    def deleted(self) -> bool: ...


PlacedItem = TypeVar("PlacedItem", bound=Placed)


@dataclass(slots=True)
class Tally:
    """What became of the objects of each section, and the acts to be audited."""

    counts: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    acts: list[audit.Act] = field(default_factory=list)
    warnings: list[tuple[Path, str]] = field(default_factory=list)

    def count(self, section: str, fate: str) -> None:
        """Count one object: created, changed, unchanged or deleted."""
        self.counts[section][fate] += 1

    def act(self, word: str, fate: str, name: str, organization_id: int | None, changes: audit.Changes) -> None:
        """Note what was done, to be audited."""
        self.acts.append(
            audit.Act(
                action=f"{word}.{fate}", subject=f"{word} {name}", organization_id=organization_id, changes=changes
            )
        )


@dataclass(slots=True)
class Touched:
    """What the rules must be told of."""

    organizations: set[int] = field(default_factory=set)
    clients: set[int] = field(default_factory=set)
    accounts: set[int] = field(default_factory=set)
    limits: list[LimitChange] = field(default_factory=list)
    rules: dict[int, RuleChange] = field(default_factory=dict)
    #: Codes that mean something else to audiences now, ("service", code) or ("group", code), and where they stand.
    codes: dict[tuple[str, str], Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """What every section works with."""

    now: datetime
    directory: Directory
    #: Codes of organizations that the file removes.
    leaving: frozenset[str] = frozenset()
    problems: Problems = field(default_factory=Problems)
    tally: Tally = field(default_factory=Tally)
    touched: Touched = field(default_factory=Touched)
    #: Sections' items that could not be made; whatever refers to them is not reported again.
    spoiled: set[tuple[str, str | None]] = field(default_factory=set)
    hints: list[str] = field(default_factory=list)

    def organization(self, section: str, path: Path, code: str) -> Organization | None:
        """Find the organization of that code in which the section may be changed, or note the problem at `path`."""
        found = self.directory.by_code.get(code)
        if found is None and ("organizations", code) not in self.spoiled:
            hint = self.hint(Organization.objects.visible_to(self.directory.actor), code)
            self.problems.add(path, f'unknown organization "{code}"{hint}')
        if found is not None and not self.permits(section, found.path):
            self.problems.add(path, f"you may not change the {section} of {code}")
            return None
        return found

    def permits(self, section: str, path: Sequence[int]) -> bool:
        """Whether the actor may change the section in the organization at the end of this path from the root."""
        return permits(self.directory.actor, PERMISSIONS[section], path)

    def placed(
        self, section: str, items: Sequence[PlacedItem], *, deleted: bool = False
    ) -> Iterator[tuple[Path, PlacedItem, Organization]]:
        """Items of a section with their organizations: those to be made, or those to be removed."""
        for index, item in enumerate(items):
            path: Path = (section, index)
            if item.deleted != deleted:
                continue
            if deleted and item.organization in self.leaving - self.directory.by_code.keys():
                self.tally.count(section, "unchanged")
            elif found := self.organization(section, (*path, "organization"), item.organization):
                yield path, item, found

    def hint(self, rows: QuerySet[Any], wanted: str, name: str = "code") -> str:
        """`: did you mean "x"?` if one of the rows is called something like it; only a few are worth the search."""
        self.hints.append(wanted)
        return nearest_code(rows, wanted, name) if len(self.hints) <= _HINTS else ""

    def refuse_repeats(self, section: str, names: Sequence[object]) -> None:
        """Note every item of a section that describes the same object as one before it."""
        first: dict[object, int] = {}
        for index, name in enumerate(names):
            if name in first:
                self.problems.add((section, index), f"describes the same as {section}[{first[name]}]")
            first.setdefault(name, index)
