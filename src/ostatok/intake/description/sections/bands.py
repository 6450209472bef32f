"""The bands of rules: known by their edges, so that what was told of a band stays told; none is ever deleted."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from ostatok.intake.description.making import Identity, Wanted
from ostatok.intake.description.rule_schema import BandTrigger, RuleItem
from ostatok.rules.models import Rule, RuleBand

#: Upper and lower edge, in per cent.
Edges = tuple[Decimal, Decimal | None]


def compare(wanted: Sequence[Wanted[Rule]], items: Mapping[Identity, RuleItem]) -> None:
    """Note for each rule whose trigger is mentioned whether its bands are others now."""
    kept = of_rules(one.old.pk for one in wanted if one.old)
    for one in wanted:
        before = kept.get(one.old.pk, ()) if one.old else ()
        after = _edges(items[one.identity])
        if items[one.identity].trigger is not None and before != after:
            one.inner_changes["bands"] = (before, after)


def write(wanted: Sequence[Wanted[Rule]], rules: Mapping[Identity, Rule], items: Mapping[Identity, RuleItem]) -> None:
    """Make the changed bands those of the file: old ones with the same edges come back, the rest rest."""
    changed = {rules[one.identity].pk: _edges(items[one.identity]) for one in wanted if "bands" in one.inner_changes}
    rows = RuleBand.objects.filter(rule__in=changed)
    known = {(row.rule_id, row.upper, row.lower): row for row in rows}
    for (rule_id, upper, lower), row in known.items():
        row.active = (upper, lower) in changed[rule_id]
    RuleBand.objects.bulk_update(known.values(), ["active"])
    RuleBand.objects.bulk_create(
        RuleBand(rule_id=rule_id, upper=upper, lower=lower)
        for rule_id, edges in changed.items()
        for upper, lower in edges
        if (rule_id, upper, lower) not in known
    )


def of_rules(rules: Iterable[int]) -> Mapping[int, tuple[Edges, ...]]:
    """The bands in force, from the highest down."""
    found: defaultdict[int, list[Edges]] = defaultdict(list)
    rows = RuleBand.objects.filter(rule__in=list(rules), active=True).order_by("-upper")
    for rule_id, upper, lower in rows.values_list("rule_id", "upper", "lower"):
        found[rule_id].append((upper, lower))
    return {rule_id: tuple(edges) for rule_id, edges in found.items()}


def _edges(item: RuleItem) -> tuple[Edges, ...]:
    if not isinstance(item.trigger, BandTrigger):
        return ()
    return tuple((band.upper, band.lower) for band in item.trigger.bands)
