"""Organizations: a tree, so parents are made before their children, wherever they stand in the file."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, Final

from django.db.models import Count, Q, QuerySet

from ostatok.intake.description import making
from ostatok.intake.description.directory import Directory
from ostatok.intake.description.making import Kind, Wanted
from ostatok.intake.description.run import Run
from ostatok.intake.description.schema import OrganizationItem
from ostatok.ledger.models import Account, Service
from ostatok.notices.models import Notice
from ostatok.parties.models import Client, Organization
from ostatok.rules.models import Rule, RuleState

KIND: Final = Kind(
    section="organizations",
    word="organization",
    rows=Organization.objects.all(),
    key=("code",),
    codes={"parent_id": Organization.objects.all()},
)

_FIELDS: Final = ("name", "tax_id", "email", "phone", "timezone", "language", "top_up_url", "may_send_pin")


def make(run: Run, items: Sequence[OrganizationItem]) -> None:
    """Create and change organizations; `run.directory` knows them afterwards."""
    run.refuse_repeats(KIND.section, [item.code for item in items])
    waiting = {index: item for index, item in enumerate(items) if not item.deleted}
    while ready := _with_parent(run, waiting):
        wanted = making.compare(run, KIND, [_wanted(run, index, waiting.pop(index)) for index in ready])
        wanted = _without_foreign(run, wanted)
        run.spoiled.update((KIND.section, items[index].code) for index in ready if run.problems.spoiled(_path(index)))
        making.save(run, KIND, wanted)
        run.touched.organizations.update(one.old.pk for one in wanted if one.old and "parent_id" in one.changes)
        _learn(run.directory, [one.identity[0] for one in wanted])
    _refuse(run, waiting)


def remove(run: Run, items: Sequence[OrganizationItem]) -> None:
    """Remove organizations that nothing belongs to any more, from the leaves of the tree up."""
    doomed = [
        Wanted[Organization](_path(index), (item.code,), None, item.code, {})
        for index, item in enumerate(items)
        if item.deleted
    ]
    # What is out of sight is not there, and says nothing of what it still has.
    seen = replace(KIND, rows=Organization.objects.visible_to(run.directory.actor))
    known = making.find(seen, (one.identity for one in doomed))
    for one in doomed:
        one.old = known.get(one.identity)
    doomed.sort(key=_depth, reverse=True)
    for _, level in groupby(doomed, key=_depth):
        _remove(run, list(level))


def _depth(one: Wanted[Organization]) -> int:
    return len(one.old.path) if one.old else 0


def _remove(run: Run, doomed: Sequence[Wanted[Organization]]) -> None:
    ids = [one.old.pk for one in doomed if one.old]
    _bury_rules(ids)
    holdings = _holdings(ids)
    for one in doomed:
        if one.old and not run.permits(KIND.section, one.old.path):
            run.problems.add(one.path, "you may not change this organization")
        if one.old and (holds := holdings.get(one.old.pk)):
            run.problems.add((*one.path, "state"), f"cannot be removed: it still has {', '.join(holds)}")
    making.delete(run, KIND, [one for one in doomed if not run.problems.spoiled(one.path)])


def _path(index: int) -> tuple[str, int]:
    return (KIND.section, index)


def _with_parent(run: Run, waiting: Mapping[int, OrganizationItem]) -> list[int]:
    """Those whose parent is there, so that it can be referred to."""
    coming = {item.code for item in waiting.values()}
    there = run.directory.by_code.keys() - coming
    return [index for index, item in waiting.items() if item.parent is None or item.parent in there]


def _wanted(run: Run, index: int, item: OrganizationItem) -> Wanted[Organization]:
    _refuse_unpermitted(run, index, item)
    values = item.mentioned(*_FIELDS)
    if item.mentions("parent"):
        parent = run.directory.by_code[item.parent] if item.parent else None
        values["parent_id"] = parent.pk if parent else None
        known = run.directory.by_code.get(item.code)
        if parent and known and known.pk in parent.path:
            run.problems.add((*_path(index), "parent"), "an organization cannot be above itself")
    return Wanted(_path(index), (item.code,), None, item.code, values)


def _refuse_unpermitted(run: Run, index: int, item: OrganizationItem) -> None:
    """Both the organization and the one above it must be the actor's to change; roots are the installation's."""
    known, parent = (run.directory.by_code.get(code or "") for code in (item.code, item.parent))
    ends = [known.path] if known else []
    if known is None or item.mentions("parent"):
        ends.append(parent.path if parent else [])
    if not all(run.permits(KIND.section, end) for end in ends):
        run.problems.add(_path(index), "you may not change this organization")


def _without_foreign(run: Run, wanted: Sequence[Wanted[Organization]]) -> list[Wanted[Organization]]:
    """Codes are the whole installation's: one that is taken out of the actor's reach is not there to be changed."""
    for one in wanted:
        if one.old and not run.permits(KIND.section, one.old.path):
            run.problems.add((*one.path, "code"), "is taken by an organization that is not yours")
    return [one for one in wanted if not run.problems.spoiled(one.path)]


def _learn(directory: Directory, codes: Iterable[str]) -> None:
    """Read back what the database made of them: their ids, and their paths in the tree."""
    directory.reload({*directory.by_code, *codes})


def _refuse(run: Run, waiting: Mapping[int, OrganizationItem]) -> None:
    """What waits for ever: for a parent that does not exist, or for itself; who waits for those is not told so."""
    parents = {item.code: item.parent for item in waiting.values()}
    for index, item in waiting.items():
        if item.code in _line(parents, item.code):
            run.problems.add((*_path(index), "parent"), "an organization cannot be above itself")
        elif item.parent not in parents and ("organizations", item.parent) not in run.spoiled:
            hint = run.hint(Organization.objects.visible_to(run.directory.actor), str(item.parent))
            run.problems.add((*_path(index), "parent"), f'unknown organization "{item.parent}"{hint}')
    run.spoiled.update(("organizations", code) for code in parents)


def _line(parents: Mapping[str, str | None], code: str) -> set[str]:
    """Everything above an organization as far as the file says."""
    above: set[str] = set()
    parent = parents.get(code)
    while parent is not None and parent not in above:
        above.add(parent)
        parent = parents.get(parent)
    return above


def _bury_rules(organizations: Sequence[int]) -> None:
    """Deleted rules that never told anybody anything do not hold their organization back."""
    buried = Rule.objects.filter(organization__in=organizations, state=RuleState.DELETED)
    buried.exclude(pk__in=Notice.objects.filter(organization__in=organizations).values("rule_id")).delete()


def _holdings(organizations: Sequence[int]) -> Mapping[int, Sequence[str]]:
    """What still belongs to each organization, in words."""
    holdings: defaultdict[int, list[str]] = defaultdict(list)
    for words, rows, owner in _HOLDINGS:
        counted = rows.filter(**{f"{owner}__in": organizations}).order_by().values_list(owner).annotate(Count("pk"))
        for organization_id, count in counted:
            holdings[organization_id].append(f"{words} ({count})")
    return holdings


_ALIVE: Final = ~Q(state=RuleState.DELETED)
_HOLDINGS: Final[tuple[tuple[str, QuerySet[Any], str], ...]] = (
    ("organizations below it", Organization.objects.all(), "parent_id"),
    ("services", Service.objects.all(), "organization_id"),
    ("clients", Client.objects.all(), "organization_id"),
    ("accounts", Account.objects.all(), "organization_id"),
    ("rules", Rule.objects.filter(_ALIVE), "organization_id"),
    ("deleted rules whose notices stay", Rule.objects.exclude(_ALIVE), "organization_id"),
)
