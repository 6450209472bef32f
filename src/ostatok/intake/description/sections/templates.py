"""Templates: every wording that was ever in force stays; a change is a new version, and so is a removal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ostatok.intake.description.rule_schema import TemplateItem
from ostatok.intake.description.run import Run
from ostatok.intake.description.source import Path
from ostatok.notices import checking, rendering
from ostatok.notices.models import Template
from ostatok.parties.models import Organization

SECTION: Final = "templates"

_PARTS: Final = ("subject", "text", "html")

#: Organization, trigger kind, channel and language.
Identity = tuple[int, str, str, str]


@dataclass(frozen=True, slots=True)
class _Wanted:
    path: Path
    at: Organization
    item: TemplateItem

    @property
    def identity(self) -> Identity:
        return self.at.pk, self.item.kind, self.item.channel, self.item.language

    @property
    def name(self) -> str:
        return f"{self.at.code}/{self.item.kind}/{self.item.channel}/{self.item.language}"


def make(run: Run, items: Sequence[TemplateItem]) -> None:
    """Write a new version of every template that differs from the one in force."""
    run.refuse_repeats(SECTION, [(item.organization, item.kind, item.channel, item.language) for item in items])
    wanted = [_Wanted(path, at, item) for path, item, at in run.placed(SECTION, items)]
    newest = newest_of({one.at.pk for one in wanted})
    versions = [_version(run, one, newest.get(one.identity)) for one in wanted]
    Template.objects.bulk_create(version for version in versions if version is not None)


def remove(run: Run, items: Sequence[TemplateItem]) -> None:
    """Let the wording of the organization above, or the product's own, be in force again."""
    wanted = [_Wanted(path, at, item) for path, item, at in run.placed(SECTION, items, deleted=True)]
    newest = newest_of({one.at.pk for one in wanted})
    removed = []
    for one in wanted:
        old = newest.get(one.identity)
        gone = old is None or old.deleted
        run.tally.count(SECTION, "unchanged" if gone else "deleted")
        if old is not None and not gone:
            run.tally.act("template", "deleted", one.name, one.at.pk, {})
            removed.append(_next(one, old.version + 1, deleted=True))
    Template.objects.bulk_create(removed)


def newest_of(organizations: Iterable[int]) -> Mapping[Identity, Template]:
    """The newest version of every template of these organizations, the removed ones included."""
    rows = Template.objects.filter(organization__in=list(organizations))
    newest = rows.order_by("organization", "kind", "channel", "language", "-version").distinct(
        "organization", "kind", "channel", "language"
    )
    return {(row.organization_id, row.kind, row.channel, row.language): row for row in newest}


def _version(run: Run, one: _Wanted, old: Template | None) -> Template | None:
    """The version to be written, or None where nothing differs."""
    alive = old if old is not None and not old.deleted else None
    parts = {part: getattr(alive, part) if alive else "" for part in _PARTS} | one.item.mentioned(*_PARTS)
    changes = {
        part: (getattr(alive, part) if alive else "", text)
        for part, text in parts.items()
        if alive is None or getattr(alive, part) != text
    }
    fate = "created" if alive is None else "changed" if changes else "unchanged"
    run.tally.count(SECTION, fate)
    if fate == "unchanged":
        return None
    _check(run, one, parts)
    version = old.version + 1 if old else 1
    versions = (alive.version if alive else None, version)
    run.tally.act("template", fate, one.name, one.at.pk, {"version": versions})
    return _next(one, version, **parts)


def _check(run: Run, one: _Wanted, parts: Mapping[str, str]) -> None:
    template = rendering.MessageTemplate(language=one.item.language, **parts)
    for problem in checking.check_message(template, one.item.kind, may_send_pin=one.at.may_send_pin):
        place = (*one.path, problem.part) if problem.part else one.path
        message = f"line {problem.line}: {problem.message}" if problem.line else problem.message
        if problem.severity is checking.Severity.ERROR:
            run.problems.add(place, message)
        else:
            run.tally.warnings.append((place, message))


def _next(one: _Wanted, version: int, **values: Any) -> Template:
    organization_id, kind, channel, language = one.identity
    return Template(
        organization_id=organization_id, kind=kind, channel=channel, language=language, version=version, **values
    )
