"""A description is made true: all of it, or nothing."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import ModuleType
from typing import Any, Final

from django.db import connection, transaction

from ostatok.intake.description import reading
from ostatok.intake.description.directory import Directory
from ostatok.intake.description.effects import Effects
from ostatok.intake.description.problems import DescriptionError, Problem
from ostatok.intake.description.report import Report, RuleStart
from ostatok.intake.description.run import Run
from ostatok.intake.description.schema import Description
from ostatok.intake.description.sections import (
    accounts,
    audiences,
    clients,
    contacts,
    groups,
    organizations,
    rules,
    services,
    templates,
    users,
)
from ostatok.parties import audit
from ostatok.parties.access import Actor
from ostatok.parties.models import Organization
from ostatok.rules.models import Rule

#: In the order in which they may refer to each other; they are removed in the opposite order.
_SECTIONS: Final[tuple[tuple[str, ModuleType], ...]] = (
    ("organizations", organizations),
    ("services", services),
    ("groups", groups),
    ("contacts", contacts),
    ("users", users),
    ("clients", clients),
    ("accounts", accounts),
    ("rules", rules),
    ("templates", templates),
)

Progress = Callable[[str], None]
#: Entered under the locks, before anything is changed, and left when all is: what it does commits with the change, and
#: where it raises nothing is changed.
Provided = Callable[[], AbstractContextManager[object]]


def apply(
    text: str,
    *,
    actor: Actor,
    effects: Effects,
    origin: str,
    dry_run: bool = False,
    progress: Progress = lambda _section: None,
    provided: Provided = nullcontext,
) -> Report:
    """Make the description true in one transaction, and audit what it took.

    A dry run does the same and takes it back. `progress` is told which section is being worked on. Raises
    DescriptionError with every problem found, its place and its line; then nothing was changed.
    """
    progress("reading")
    description = reading.read(text)
    with transaction.atomic():
        run = _begin(description, actor, effects)
        with provided():
            _make(run, description, progress)
            if run.problems:
                raise DescriptionError(reading.with_lines(run.problems.all(), text))
            progress("rules looking at what changed")
            _tell_rules(run, effects)
            audit.record_all(actor, run.tally.acts, origin=origin, at=effects.now)
        report = _report(run, description, effects, dry_run=dry_run)
        transaction.set_rollback(dry_run)
    return report


def _begin(description: Description, actor: Actor, effects: Effects) -> Run:
    """Take the locks, then look who is there: what is read after them stays true."""
    directory = Directory(actor)
    codes = set(_organization_codes(description))
    directory.reload(codes)
    if description.organizations:
        with connection.cursor() as cursor:
            cursor.execute("lock table organization in share row exclusive mode")
    effects.lock(directory.by_id)
    directory.reload(codes)
    leaving = frozenset(item.code for item in description.organizations if item.deleted)
    return Run(now=effects.now, directory=directory, leaving=leaving)


def _make(run: Run, description: Description, progress: Progress) -> None:
    for name, section in _SECTIONS:
        items: Sequence[Any] = getattr(description, name)
        if items:
            progress(name)
            section.make(run, items)
            _note_spoiled(run, name, items)
    for name, section in reversed(_SECTIONS):
        section.remove(run, getattr(description, name))
    audiences.resolve(run, description.rules)


def _note_spoiled(run: Run, name: str, items: Sequence[Any]) -> None:
    """What could not be made is known by name, so that whatever refers to it is not reported as well."""
    for index, item in enumerate(items):
        if run.problems.spoiled((name, index)):
            known_by = next(
                getattr(item, key) for key in ("code", "email", "number", "name", "kind") if hasattr(item, key)
            )
            run.spoiled.add((name, known_by))


def _tell_rules(run: Run, effects: Effects) -> None:
    """Who joins an audience joins silently, then rules start, and only then do limits move under them."""
    touched = run.touched
    if touched.organizations:
        effects.organizations_moved(_with_all_below(touched.organizations))
    if touched.clients:
        effects.clients_changed(sorted(touched.clients))
    if touched.accounts:
        effects.accounts_changed(sorted(touched.accounts))
    if touched.rules:
        effects.rules_changed(list(touched.rules.values()))
    if touched.limits:
        effects.limits_changed(touched.limits)


def _with_all_below(organizations: Iterable[int]) -> list[int]:
    below = Organization.objects.filter(path__overlap=sorted(organizations))
    return list(below.order_by("pk").values_list("pk", flat=True))


def _report(run: Run, description: Description, effects: Effects, *, dry_run: bool) -> Report:
    names = dict(Rule.objects.filter(pk__in=[start.rule_id for start in effects.starts]).values_list("pk", "name"))
    return Report(
        counts={name: dict(run.tally.counts[name]) for name, _ in _SECTIONS if getattr(description, name)},
        starts=tuple(
            RuleStart(rule=names[start.rule_id], below=start.below, notified=start.notified) for start in effects.starts
        ),
        warnings=tuple(Problem(path, message) for path, message in run.tally.warnings),
        dry_run=dry_run,
    )


def _organization_codes(description: Description) -> Iterable[str]:
    for item in description.organizations:
        yield item.code
        if item.parent:
            yield item.parent
    placed = (description.services, description.groups, description.contacts, description.clients)
    for section in (*placed, description.accounts, description.rules, description.templates):
        yield from {item.organization for item in section}
    for user in description.users:
        yield from (role.organization for role in user.roles)
