"""Rules: trigger, quota and recipients. Whom a rule is about is worked out afterwards, by `audiences`."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from ostatok.intake.description import making
from ostatok.intake.description.making import Identity, Kind, Wanted
from ostatok.intake.description.rule_schema import (
    AboveTrigger,
    Audience,
    BandTrigger,
    BelowTrigger,
    Conditions,
    ForecastTrigger,
    RuleItem,
    Trigger,
)
from ostatok.intake.description.run import Run
from ostatok.intake.description.sections import bands, recipients
from ostatok.intake.description.source import Path
from ostatok.intake.description.values import Amount
from ostatok.kernel import units
from ostatok.kernel.errors import OstatokError
from ostatok.parties.models import Organization
from ostatok.rules import waiting
from ostatok.rules.changes import RuleChange
from ostatok.rules.models import LONGEST_FORECAST, First, Rule, RuleState, TriggerKind

KIND: Final = Kind(
    section="rules",
    word="rule",
    rows=Rule.objects.exclude(state=RuleState.DELETED),
    key=("organization_id", "name"),
    required=("kind",),
)

ON: Final = frozenset({RuleState.ACTIVE, RuleState.SHADOW})

#: What a rule decides by: after a change of it, those already below are passed over silently.
_TRIGGER: Final = frozenset({"kind", "threshold", "days", "bands", "mark"})
#: What the rules' own engine need not be told of.
_UNSEEN: Final = frozenset({"sort_order", "keep_for", "recipients"})

PlacedRule = tuple[Path, RuleItem, Organization]


def make(run: Run, items: Sequence[RuleItem]) -> None:
    """Create and change rules."""
    run.refuse_repeats(KIND.section, [(item.organization, item.name) for item in items])
    placed = list(run.placed(KIND.section, items))
    known = making.find(KIND, ((at.pk, item.name) for _, item, at in placed))
    wanted = making.compare(run, KIND, list(_wanted(run, placed, known)))
    by_path = {path: (path, item, at) for path, item, at in placed}
    told = recipients.wanted(run, placed, known)
    wanted = [one for one in wanted if not run.problems.spoiled(one.path)]
    own_items = {one.identity: by_path[one.path][1] for one in wanted}
    bands.compare(wanted, own_items)
    recipients.compare(wanted, told)
    _raise_versions(wanted)
    switched_on = _switch(run, wanted)
    _take_back(run, wanted)
    made = making.save(run, KIND, wanted)
    bands.write(wanted, made, own_items)
    recipients.write(wanted, made, told)
    for one in wanted:
        _touch(run, one, made[one.identity], own_items[one.identity], became_on=one.identity in switched_on)


def remove(run: Run, items: Sequence[RuleItem]) -> None:
    """Retire rules: what they told stays, and their name is free again."""
    doomed = [
        Wanted[Rule](path, (at.pk, item.name), at.pk, f"{at.code}/{item.name}", {})
        for path, item, at in run.placed(KIND.section, items, deleted=True)
    ]
    known = making.find(KIND, (one.identity for one in doomed))
    for one in doomed:
        one.old = known.get(one.identity)
        run.tally.count(KIND.section, "deleted" if one.old else "unchanged")
        if one.old:
            run.tally.act(KIND.word, "deleted", one.name, one.organization_id, {})
            run.touched.rules[one.old.pk] = RuleChange(rule_id=one.old.pk, is_on=False)
    waiting.take_back((rule.pk for rule in known.values()), at=run.now)
    Rule.objects.filter(pk__in=[rule.pk for rule in known.values()]).update(state=RuleState.DELETED)


def _wanted(run: Run, placed: Sequence[PlacedRule], known: Mapping[Identity, Rule]) -> Iterator[Wanted[Rule]]:
    for path, item, at in placed:
        old = known.get((at.pk, item.name))
        if old is None and item.trigger is None:
            run.problems.add((*path, "trigger"), "is missing: a new rule needs it")
            continue
        values = item.mentioned("mark", "keep_for", "sort_order", "state")
        if old is None:
            values.setdefault("state", RuleState.ACTIVE)
        if item.mentions("audience"):
            values["audience"] = as_written(item.audience)
        values |= _trigger(run, path, item, old) | _quota(run, path, item, old)
        _require_a_check(run, path, item, values, old)
        _warn(run, path, item, old)
        yield Wanted(path, (at.pk, item.name), at.pk, f"{at.code}/{item.name}", values)


def as_written(audience: Audience | None) -> dict[str, Any]:
    """The audience in one form, whatever way it was written: every value a list, nothing empty."""
    if audience is None:
        return {}
    written = _conditions(audience)
    inner = _conditions(audience.none_of) if audience.none_of else {}
    return {**written, "not": inner} if inner else written


def _conditions(conditions: Conditions) -> dict[str, Any]:
    fields = ("service", "group", "status", "billing", "tag")
    return {name: [str(value) for value in getattr(conditions, name)] for name in fields if getattr(conditions, name)}


def _trigger(run: Run, path: Path, item: RuleItem, old: Rule | None) -> dict[str, Any]:
    if item.trigger is None:
        return {}
    kind, unit = TriggerKind(item.trigger.kind), getattr(item.trigger, "unit", "")
    if old and old.hysteresis and not _states_hysteresis(item) and not _same_hysteresis(old, kind, unit):
        message = f"the hysteresis is still in {_hysteresis_unit(old)}: state quota.hysteresis anew"
        run.problems.add((*path, "trigger"), message)
    return {
        "kind": kind,
        "unit": unit,
        "threshold": _threshold(run, path, item.trigger),
        "days": getattr(item.trigger, "days", None),
    }


def _same_hysteresis(old: Rule, kind: TriggerKind, unit: str) -> bool:
    """Whether the figure of the old rule means the same to the new trigger."""
    if TriggerKind.FORECAST_BELOW in (old.kind, kind):
        return old.kind == kind
    return _same_measure(old.unit, unit)


def _hysteresis_unit(old: Rule) -> str:
    return "days" if old.kind == TriggerKind.FORECAST_BELOW else old.unit or "another unit"


def _states_hysteresis(item: RuleItem) -> bool:
    return item.quota is not None and item.quota.mentions("hysteresis")


def _same_measure(one: str, other: str) -> bool:
    return one == other or bool(one and other and units.compatible(one, other))


def _threshold(run: Run, path: Path, trigger: Trigger) -> Decimal | None:
    if not isinstance(trigger, BelowTrigger | AboveTrigger):
        return None
    try:
        return trigger.amount.to_base(trigger.unit)
    except OstatokError as error:
        run.problems.add((*path, "trigger", "amount"), str(error))
        return None


def _quota(run: Run, path: Path, item: RuleItem, old: Rule | None) -> dict[str, Any]:
    if item.quota is None:
        return {}
    values = item.quota.mentioned("max_qty", "period", "cooldown", "first")
    if item.quota.mentions("hysteresis"):
        values["hysteresis"] = _hysteresis(run, path, item, old)
    return values


def _require_a_check(run: Run, path: Path, item: RuleItem, values: Mapping[str, Any], old: Rule | None) -> None:
    """Checks come once a period, so without one there is no next check, and nobody would ever be told."""
    kind, first, period = (values.get(name, getattr(old, name, None)) for name in ("kind", "first", "period"))
    told_at_once = (TriggerKind.BALANCE_BAND, TriggerKind.FORECAST_BELOW)
    if first == First.NEXT_CHECK and period is None and kind not in told_at_once:
        key = "period" if item.quota and item.quota.mentions("period") else "first"
        run.problems.add((*path, "quota", key), "without a period there is no next check: state quota.period")


def _hysteresis(run: Run, path: Path, item: RuleItem, old: Rule | None) -> Decimal:
    amount = item.quota.hysteresis if item.quota else None
    if amount is None or not amount.number:
        return Decimal(0)
    trigger = item.trigger
    if isinstance(trigger, ForecastTrigger) or (trigger is None and old and old.kind == TriggerKind.FORECAST_BELOW):
        return _in_days(run, path, amount)
    unit = getattr(trigger, "unit", "") if trigger else old.unit if old else ""
    if not unit:
        run.problems.add((*path, "quota", "hysteresis"), "is an amount: the trigger must have a unit")
        return Decimal(0)
    try:
        return amount.to_base(unit)
    except OstatokError as error:
        run.problems.add((*path, "quota", "hysteresis"), str(error))
        return Decimal(0)


def _in_days(run: Run, path: Path, hysteresis: Amount) -> Decimal:
    days = hysteresis.number
    if hysteresis.unit is None and days <= LONGEST_FORECAST:
        return days
    message = f"is a number of days here, {LONGEST_FORECAST} at most: write the figure alone"
    run.problems.add((*path, "quota", "hysteresis"), message)
    return Decimal(0)


def _warn(run: Run, path: Path, item: RuleItem, old: Rule | None) -> None:
    """What is allowed and yet does nothing."""
    if old is None and not item.recipients:
        run.tally.warnings.append(((*path, "recipients"), "nobody is told: the rule has no recipients"))
    if isinstance(item.trigger, BandTrigger) and item.quota and item.quota.period:
        run.tally.warnings.append(((*path, "quota", "period"), "a band is told once, when it is entered"))
    if isinstance(item.trigger, BandTrigger) and item.quota and item.quota.first == First.NEXT_CHECK:
        run.tally.warnings.append(((*path, "quota", "first"), "a band is told at once, when it is entered"))
    if isinstance(item.trigger, ForecastTrigger) and item.quota and item.quota.first == First.NEXT_CHECK:
        run.tally.warnings.append(((*path, "quota", "first"), "days are looked at by checks: the first one tells"))
    if item.mentions("mark") and item.trigger and not isinstance(item.trigger, BandTrigger):
        run.tally.warnings.append(((*path, "mark"), "only bands are measured against a mark"))


def _raise_versions(wanted: Sequence[Wanted[Rule]]) -> None:
    """Only another trigger, threshold or bands make another version of a rule."""
    for one in wanted:
        if one.old and (_edited(one) - {"mark"}):
            one.changes["version"] = (one.old.version, one.old.version + 1)


def _edited(one: Wanted[Rule]) -> set[str]:
    edited = (one.changes.keys() | one.inner_changes.keys()) & _TRIGGER
    return edited | {"unit"} if "unit" in one.changes and not _same_measure(*one.changes["unit"]) else edited


def _switch(run: Run, wanted: Sequence[Wanted[Rule]]) -> set[Identity]:
    """Note when a rule is switched on, and return those that are."""
    switched_on = set()
    for one in wanted:
        before = one.old.state if one.old else RuleState.INACTIVE
        after = one.values.get("state", before)
        if after in ON and before not in ON:
            switched_on.add(one.identity)
            one.changes["switched_on_at"] = (one.old.switched_on_at if one.old else None, run.now)
            one.values["switched_on_at"] = run.now
    return switched_on


def _take_back(run: Run, wanted: Sequence[Wanted[Rule]]) -> None:
    """Whoever says what a rule's state is says it last: what a worker was to switch it to is not done any more."""
    stated = {one.old.pk: one.path for one in wanted if one.old and "state" in one.values}
    for rule_id in waiting.take_back(stated, at=run.now):
        message = "what a worker was to do with the rule is taken back"
        run.tally.warnings.append(((*stated[rule_id], "state"), message))


def _touch(run: Run, one: Wanted[Rule], rule: Rule, item: RuleItem, *, became_on: bool) -> None:
    seen = (one.changes.keys() | one.inner_changes.keys()) - _UNSEEN
    was_on = one.old is not None and one.changes.get("state", (rule.state,))[0] in ON
    if became_on or (seen and was_on):
        run.touched.rules[rule.pk] = RuleChange(
            rule_id=rule.pk,
            is_on=rule.state in ON,
            became_on=became_on,
            trigger_changed=one.old is not None and bool(_edited(one)),
            notify_now=item.notify_now,
        )
