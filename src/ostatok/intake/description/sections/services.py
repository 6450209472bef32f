"""Services: what balances are kept of, and in which unit."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.db.models import Count

from ostatok.intake.description import making
from ostatok.intake.description.making import Identity, Kind, Wanted
from ostatok.intake.description.run import Run
from ostatok.intake.description.schema import ServiceItem
from ostatok.intake.description.source import Path
from ostatok.kernel import units
from ostatok.kernel.errors import OstatokError
from ostatok.ledger.models import Balance, Service
from ostatok.rules.changes import RuleChange
from ostatok.rules.models import Rule, RuleState

KIND: Final = Kind(
    section="services",
    word="service",
    rows=Service.objects.all(),
    key=("organization_id", "code"),
    required=("name", "unit"),
)


def make(run: Run, items: Sequence[ServiceItem]) -> None:
    """Create and change services. A unit that measures something else is refused once there are balances."""
    run.refuse_repeats(KIND.section, [(item.organization, item.code) for item in items])
    placed = list(run.placed(KIND.section, items))
    known = making.find(KIND, ((at.pk, item.code) for _, item, at in placed))
    wanted = making.compare(run, KIND, _wanted(run, placed, known))
    measured_anew = _measured_anew(wanted)
    _refuse_other_units(run, measured_anew)
    making.save(run, KIND, [one for one in wanted if not run.problems.spoiled(one.path)])
    if measured_anew:
        _match_rules_anew(run)
    run.touched.codes.update({("service", one.identity[1]): one.path for one in wanted if one.old is None})


def remove(run: Run, items: Sequence[ServiceItem]) -> None:
    """Remove services that no account has."""
    doomed = [
        Wanted[Service](path, (at.pk, item.code), at.pk, f"{at.code}/{item.code}", {})
        for path, item, at in run.placed(KIND.section, items, deleted=True)
    ]
    known = making.find(KIND, (one.identity for one in doomed))
    held = _balances_of([service.pk for service in known.values()])
    for one in doomed:
        one.old = known.get(one.identity)
        if one.old and (count := held.get(one.old.pk)):
            run.problems.add((*one.path, "state"), f"cannot be removed while accounts have it ({count})")
    for one in doomed:
        run.touched.codes["service", one.identity[1]] = (*one.path, "state")
    making.delete(run, KIND, [one for one in doomed if not run.problems.spoiled(one.path)])


def _wanted(
    run: Run, placed: Sequence[tuple[Path, ServiceItem, Any]], known: Mapping[Identity, Service]
) -> Iterator[Wanted[Service]]:
    for path, item, at in placed:
        values = item.mentioned("name", "full_name", "unit", "top_up_url")
        if item.mentions("rearm_from"):
            old = known.get((at.pk, item.code))
            unit = item.unit or (old.unit if old else "")
            values["rearm_from"] = _in_base(run, path, item, unit)
        yield Wanted(path, (at.pk, item.code), at.pk, f"{at.code}/{item.code}", values)


def _in_base(run: Run, path: Path, item: ServiceItem, unit: str) -> Any:
    if item.rearm_from is None or not unit:
        return 0
    try:
        return item.rearm_from.to_base(unit)
    except OstatokError as error:
        run.problems.add((*path, "rearm_from"), str(error))
        return 0


def _measured_anew(wanted: Sequence[Wanted[Service]]) -> list[Wanted[Service]]:
    """Services that are to measure something else: money instead of minutes."""
    return [one for one in wanted if one.old and "unit" in one.changes and not units.compatible(*one.changes["unit"])]


def _refuse_other_units(run: Run, measured_anew: Sequence[Wanted[Service]]) -> None:
    held = _balances_of([one.old.pk for one in measured_anew if one.old])
    for one in measured_anew:
        if one.old and (count := held.get(one.old.pk)):
            message = f"cannot become another unit than {one.old.unit}: accounts have balances in it ({count})"
            run.problems.add((*one.path, "unit"), message)
        elif one.old and one.old.rearm_from and "rearm_from" not in one.values:
            run.problems.add((*one.path, "unit"), f"rearm_from is still in {one.old.unit}: state it anew")


def _match_rules_anew(run: Run) -> None:
    """Thresholds speak to balances of their unit only, and balances to come may stand where others stood."""
    on = Rule.objects.filter(state__in=(RuleState.ACTIVE, RuleState.SHADOW)).exclude(unit="")
    for rule_id in on.filter(organization__path__overlap=run.directory.roots()).values_list("pk", flat=True):
        run.touched.rules.setdefault(rule_id, RuleChange(rule_id=rule_id, is_on=True))


def _balances_of(services: Sequence[int]) -> Mapping[int, int]:
    if not services:
        return {}
    counted = Balance.objects.filter(service_id__in=services).order_by().values_list("service_id")
    return dict(counted.annotate(Count("pk")))
