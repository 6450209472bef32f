"""Rules and templates, written as a description."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from ostatok.intake.description import durations
from ostatok.intake.description.sections import bands, recipients
from ostatok.intake.description.sections import templates as wordings
from ostatok.intake.description.writing import Line, amount, without_defaults
from ostatok.parties.access import Actor
from ostatok.parties.models import Organization
from ostatok.rules.models import First, Mark, Rule, RuleState, TriggerKind


def rules(actor: Actor, reached: QuerySet[Organization]) -> Iterator[dict[str, Any]]:
    """Rules that are not deleted, by organization and name."""
    rows = Rule.objects.filter(organization__in=reached).exclude(state=RuleState.DELETED)
    found = rows.select_related("organization").order_by("organization__code", "sort_order", "name")
    yield from described(actor, list(found))


def described(actor: Actor, found: Sequence[Rule]) -> Iterator[dict[str, Any]]:
    """These rules, whose organizations were fetched with them, as a description has them: four queries for all.

    Whom the actor does not see stands there as `unseen`.
    """
    edges = bands.of_rules(rule.pk for rule in found)
    told = recipients.of_rules(rule.pk for rule in found)
    names = recipients.names_of(actor, (one for own in told.values() for one in own))
    for rule in found:
        item = {
            "organization": rule.organization.code,
            "name": rule.name,
            "trigger": Line(_trigger(rule, edges.get(rule.pk, ()))),
            "audience": Line(_audience(rule.audience)),
            "recipients": recipients.stated(told.get(rule.pk, ()), names),
            "quota": Line(_quota(rule)),
            "mark": rule.mark,
            "keep_for": _duration(rule.keep_for),
            "sort_order": rule.sort_order,
            "state": rule.state,
        }
        yield without_defaults(item, mark=Mark.LAST_TOP_UP, sort_order=0)


def templates(reached: QuerySet[Organization]) -> Iterator[dict[str, Any]]:
    """The wordings in force, by organization, kind, channel and language."""
    codes = dict(reached.values_list("pk", "code"))
    newest = wordings.newest_of(codes)
    for (at, kind, channel, language), row in sorted(newest.items(), key=lambda pair: (codes[pair[0][0]], pair[0])):
        if not row.deleted:
            item = {
                "organization": codes[at],
                "kind": kind,
                "channel": channel,
                "language": language,
                "subject": row.subject,
                "text": row.text,
                "html": row.html,
            }
            yield without_defaults(item)


def _trigger(rule: Rule, edges: Sequence[bands.Edges]) -> dict[str, Any]:
    if rule.kind == TriggerKind.BALANCE_BAND:
        return {"kind": rule.kind, "bands": [[_edge(upper), _edge(lower)] for upper, lower in edges]}
    threshold = None if rule.threshold is None else amount(rule.threshold, rule.unit)
    stated = {"kind": rule.kind, "amount": threshold, "days": rule.days, "unit": rule.unit or None}
    return {name: value for name, value in stated.items() if value is not None}


def _edge(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.normalize()


def _audience(audience: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _audience(value) if name == "not" else _short(value) for name, value in audience.items()}


def _short(values: Sequence[str]) -> Any:
    return values[0] if len(values) == 1 else values


def _quota(rule: Rule) -> dict[str, Any]:
    item = {
        "max_qty": rule.max_qty,
        "period": _duration(rule.period),
        "hysteresis": _hysteresis(rule) if rule.hysteresis else None,
        "cooldown": _duration(rule.cooldown),
        "first": rule.first,
    }
    return without_defaults(item, first=First.NOW)


def _hysteresis(rule: Rule) -> Any:
    return rule.hysteresis.normalize() if rule.days is not None else amount(rule.hysteresis, rule.unit)


def _duration(value: Any) -> str | None:
    return None if value is None else durations.write(value)
