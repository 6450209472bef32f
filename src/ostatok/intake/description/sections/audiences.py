"""Whom rules are about: the codes in an audience become the facets that matching uses.

Codes mean the service or group of the rule's organization or of one above it, and otherwise all so called below it. So
a new service below can join the audience of a rule that the file does not mention.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q

from ostatok.intake.description.directory import Named
from ostatok.intake.description.rule_schema import RuleItem
from ostatok.intake.description.run import Run
from ostatok.intake.description.sections.rules import ON, as_written
from ostatok.intake.description.source import Path
from ostatok.ledger.models import Facet, Service
from ostatok.parties.access import Permission, permits
from ostatok.parties.models import ClientGroup, Organization
from ostatok.rules.changes import RuleChange
from ostatok.rules.models import Rule, RuleCondition, RuleState

#: Kind and key of a facet, and whether the condition is negated.
Key = tuple[str, str]
Condition = tuple[bool, frozenset[Key]]

_SECTIONS: Final = {"service": "services", "group": "groups"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """One condition of one rule as written, and where it stands in the file, if it does."""

    rule: Rule
    kind: str
    values: Sequence[str]
    negated: bool
    path: Path | None


@dataclass(frozen=True, slots=True)
class _Known:
    """What codes stand for."""

    services: Named[Service]
    groups: Named[ClientGroup]

    def keys(self, at: Organization, kind: str, value: str) -> list[Key]:
        if kind == "service":
            return [(kind, str(service.pk)) for service in self.services.meant(at, value)]
        if kind == "group":
            return [(kind, str(group.pk)) for group in self.groups.meant(at, value)]
        return [(kind, value)]


def resolve(run: Run, items: Sequence[RuleItem]) -> None:
    """Work out the conditions of every rule whose audience may mean something else now."""
    rules = [*_concerned(run, items), *_spoiled(run, items)]
    asked = [one for rule, path in rules for one in _asked(rule, path)]
    codes = {kind: {value for one in asked if one.kind == kind for value in one.values} for kind in _SECTIONS}
    known = _Known(run.directory.services(codes["service"]), run.directory.groups(codes["group"]))
    wanted: dict[int, set[Condition]] = {rule.pk: set() for rule, _ in rules if rule.pk}
    for one in asked:
        keys = frozenset(key for value in _values(run, one, known) for key in value)
        if one.rule.pk:
            wanted[one.rule.pk].add((one.negated, keys))
    _write(run, {rule.pk: rule for rule, _ in rules}, wanted)


def _concerned(run: Run, items: Sequence[RuleItem]) -> Iterator[tuple[Rule, Path | None]]:
    """Rules that the file mentions, with their places, and those that ask for codes it touched."""
    places = {(at.pk, item.name): path for path, item, at in run.placed("rules", items)}
    within = Rule.objects.exclude(state=RuleState.DELETED).filter(organization__path__overlap=run.directory.roots())
    if not run.touched.codes:
        within = within.filter(name__in=[name for _, name in places])
    for rule in within.select_related("organization"):
        path = places.get((rule.organization_id, rule.name))
        if not (path and run.problems.spoiled(path)) and (path or _asks_for(rule, run.touched.codes)):
            yield rule, path


def _spoiled(run: Run, items: Sequence[RuleItem]) -> Iterator[tuple[Rule, Path]]:
    """Rules that cannot be made, so that all that is wrong with their audiences is told as well."""
    for path, item, at in run.placed("rules", items):
        if run.problems.spoiled(path):
            yield Rule(organization=at, name=item.name, audience=as_written(item.audience)), path


def _asks_for(rule: Rule, codes: Iterable[tuple[str, str]]) -> bool:
    parts = (rule.audience, rule.audience.get("not", {}))
    return any(code in part.get(kind, ()) for part in parts for kind, code in codes)


def _asked(rule: Rule, path: Path | None) -> Iterator[_Asked]:
    place = (*path, "audience") if path else None
    for kind, values in rule.audience.items():
        if kind != "not":
            yield _Asked(rule, kind, values, False, (*place, kind) if place else None)
    for kind, values in rule.audience.get("not", {}).items():
        yield _Asked(rule, kind, values, True, (*place, "not", kind) if place else None)


def _values(run: Run, one: _Asked, known: _Known) -> Iterator[list[Key]]:
    for index, value in enumerate(one.values):
        keys = known.keys(one.rule.organization, one.kind, value)
        if not keys:
            _unknown(run, one, index, value)
        yield keys


def _unknown(run: Run, one: _Asked, index: int, code: str) -> None:
    if one.path is None:
        run.problems.add(run.touched.codes.get((one.kind, code), ("rules",)), _held(run, one.rule))
    elif (_SECTIONS[one.kind], code) in run.spoiled:
        run.problems.spoil(one.path[:2])
    else:
        hint = run.hint(_candidates(run, one), code)
        place = (*one.path, index) if len(one.values) > 1 else one.path
        run.problems.add(place, f'unknown {one.kind} "{code}"{hint}')


def _held(run: Run, rule: Rule) -> str:
    """Why a code cannot go.

    What a rule out of sight asks for stays too: the next description of that rule's owner would be refused as a whole
    over it. Only rules above can be out of sight here, and they are not named.
    """
    if permits(run.directory.actor, Permission.SEE, rule.organization.path):
        return f'the rule "{rule.name}" of {rule.organization.code} asks for it: change its audience too'
    return "a rule of an organization above asks for it"


def _candidates(run: Run, one: _Asked) -> Any:
    """What the code might have meant: what is so called where it is looked for, as far as the actor sees it."""
    at = one.rule.organization
    near = Q(organization__in=at.path) | Q(organization__path__contains=[at.pk])
    if one.kind == "service":
        return Service.objects.filter(near)  # those above too: their accounts may have them, and are offered them
    return ClientGroup.objects.visible_to(run.directory.actor).filter(near)


def _write(run: Run, rules: Mapping[int, Rule], wanted: Mapping[int, set[Condition]]) -> None:
    """Replace the conditions of the rules where they differ, and let those that are on be matched anew."""
    facets = _facets({key for conditions in wanted.values() for _, keys in conditions for key in keys})
    rows: defaultdict[int, set[tuple[bool, tuple[int, ...]]]] = defaultdict(set)
    for rule_id, conditions in wanted.items():
        rows[rule_id] = {(negated, tuple(sorted(facets[key] for key in keys))) for negated, keys in conditions}
    kept: defaultdict[int, set[tuple[bool, tuple[int, ...]]]] = defaultdict(set)
    for row in RuleCondition.objects.filter(rule__in=wanted):
        kept[row.rule_id].add((row.negated, tuple(row.facets)))
    changed = [rule_id for rule_id in wanted if rows[rule_id] != kept[rule_id]]
    RuleCondition.objects.filter(rule__in=changed).delete()
    RuleCondition.objects.bulk_create(
        RuleCondition(rule_id=rule_id, negated=negated, facets=list(ids))
        for rule_id in changed
        for negated, ids in sorted(rows[rule_id])
    )
    for rule_id in changed:
        if rules[rule_id].state in ON:
            run.touched.rules.setdefault(rule_id, RuleChange(rule_id=rule_id, is_on=True))


def _facets(keys: Iterable[Key]) -> Mapping[Key, int]:
    """Ids of these facets; those that do not exist yet are made."""
    wanted = set(keys)
    Facet.objects.bulk_create([Facet(kind=kind, key=key) for kind, key in sorted(wanted)], ignore_conflicts=True)
    rows = Facet.objects.filter(kind__in={kind for kind, _ in wanted}, key__in={key for _, key in wanted})
    return {(kind, key): pk for kind, key, pk in rows.values_list("kind", "key", "pk") if (kind, key) in wanted}
