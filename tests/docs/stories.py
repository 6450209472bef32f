"""Tables of what happens, played on a database: each row is done, and must leave what it says and tell what it says."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import yaml

from ostatok import pipeline
from ostatok.intake.description import applying
from ostatok.intake.description.report import Report
from ostatok.kernel import units
from ostatok.ledger.entries import NewEntry
from ostatok.ledger.limits import LimitChange
from ostatok.ledger.models import Balance, Entry, EntryKind
from ostatok.notices.models import Notice
from ostatok.parties.access import System
from ostatok.parties.models import Organization
from ostatok.rules.models import Alarm, RuleBand
from tests.docs.pages import Block, Page, Table, page

HEAD = "what happens"
ACCOUNT = "100001"

Step = Callable[..., None]
_STEPS: list[tuple[re.Pattern[str], Step]] = []


@dataclass(frozen=True)
class Told:
    """An example with a table that tells what comes of it."""

    heading: str
    example: str
    table: Table

    @property
    def begins_switched_on(self) -> bool:
        return not any("switched on" in row[0] for row in self.table.rows[: self._first_switch_off() + 1])

    def _first_switch_off(self) -> int:
        offs = [number for number, row in enumerate(self.table.rows) if "switched off" in row[0]]
        return offs[0] if offs else len(self.table.rows)


def operator() -> str:
    """Whom the examples of several pages belong to."""
    return page("rules.md").blocks("yaml")[0]


def told_on(page: Page) -> list[Told]:
    """Every table of what happens, with the example above it."""
    stories, example = [], ""
    for part in page.parts:
        if isinstance(part, Block) and part.language == "yaml":
            example = part.text
        elif isinstance(part, Table) and part.head[0] == HEAD:
            stories.append(Told(part.heading, example, part))
    return stories


def apply(description: str, now: datetime) -> Report:
    return applying.apply(description, actor=System(), effects=pipeline.Effects(now=now), origin="docs")


def step(pattern: str) -> Callable[[Step], Step]:
    def remember(do: Step) -> Step:
        _STEPS.append((re.compile(pattern), do))
        return do

    return remember


def _edges(band: RuleBand) -> str:
    return "–".join("" if edge is None else f"{edge.normalize():f}" for edge in (band.upper, band.lower))


def amount(written: str) -> Decimal:
    return Decimal(written.replace("−", "-"))


@dataclass
class Story:
    """One balance, one rule, and a clock that goes only when a row says so."""

    organization: Organization
    service: str
    rule: Mapping[str, Any]
    now: datetime = datetime(2026, 11, 22, 9, tzinfo=UTC)
    _refs: Any = field(default_factory=lambda: count(1))

    def do(self, deed: str) -> None:
        """What the first cell of a row says."""
        for pattern, do in _STEPS:
            if match := pattern.fullmatch(deed):
                return do(self, *match.groups())
        raise AssertionError(f"what is {deed!r}?")

    def balance(self) -> Balance:
        return Balance.objects.get(organization=self.organization, number=ACCOUNT, service__code=self.service)

    def figure(self, name: str) -> Decimal:
        """What is `left` or `available`, in the service's unit."""
        balance = self.balance()
        bases = balance.amount - balance.held + (balance.credit_limit if name == "available" else 0)
        return units.from_base(bases, balance.service.unit)

    def told(self) -> list[str]:
        """The notices that were raised since this was asked last, each settled as sent."""
        waiting = Notice.objects.filter(organization=self.organization, state="waiting").order_by("pk")
        told = [_edges(one.band) if one.band else "yes" for one in waiting]
        Notice.objects.filter(pk__in=[one.pk for one in waiting]).update(state="sent")
        return told

    def reason(self) -> str:
        return str(Alarm.objects.get(balance=self.balance(), rule__name=self.rule["name"]).reason)

    def post(self, kind: EntryKind, **fields: Any) -> None:
        new = NewEntry(
            position=1,
            account=ACCOUNT,
            service=self.service,
            kind=kind,
            occurred_at=self.now,
            ref=f"r{next(self._refs)}",
            **fields,
        )
        outcome = pipeline.post(organization_id=self.organization.pk, new=[new], now=self.now)
        assert outcome.posted == 1, outcome

    def limit(self, **limits: str) -> None:
        balance = self.balance()
        bases = {name: units.to_base(amount(written), balance.service.unit) for name, written in limits.items()}
        change = LimitChange(balance_id=balance.pk, **bases)
        pipeline.change_limits(organization_id=self.organization.pk, changes=[change], now=self.now)

    def switch(self, state: str) -> None:
        apply(yaml.safe_dump({"rules": [{**self.rule, "state": state}]}, allow_unicode=True), self.now)


@step(r"(top-up|charge|refund|adjustment) of ([+−]?[\d.]+)")
def _post(story: Story, kind: str, written: str) -> None:
    story.post(EntryKind[kind.upper().replace("-", "_")], amount=amount(written))


@step(r"the last top-up is reversed")
def _reverse(story: Story) -> None:
    top_ups = Entry.objects.filter(balance=story.balance(), kind=EntryKind.TOP_UP).order_by("-seq")
    story.post(EntryKind.REVERSAL, reverses=top_ups[0].ref)


@step(r"credit limit of ([\d.]+)")
def _credit(story: Story, written: str) -> None:
    story.limit(credit_limit=written)


@step(r"hold of ([\d.]+)")
def _hold(story: Story, written: str) -> None:
    story.limit(held=written)


@step(r"package of ([\d.]+)")
def _package(story: Story, written: str) -> None:
    story.limit(package=written)


@step(r"(\d+) (minute|hour|day)s? pass(?:es)?")
def _pass(story: Story, number: str, unit: str) -> None:
    story.now += timedelta(**{f"{unit}s": int(number)})
    pipeline.refresh_outlook(now=story.now)
    pipeline.tick(at=story.now)


@step(r"the rule is switched (on|off)")
def _switch(story: Story, state: str) -> None:
    story.switch("active" if state == "on" else "inactive")


def play(operator: str, told: Told) -> None:
    """Apply both descriptions, then do each row and see whether it comes out as written."""
    [rule] = yaml.safe_load(told.example)["rules"]
    story = _begin(operator, rule)
    if told.begins_switched_on:
        story.switch("active")
    for number, row in enumerate(told.table.rows, start=1):
        _check(story, told.table.head, row, f"{told.heading}, row {number}: {row[0]}")


def _begin(operator: str, rule: Mapping[str, Any]) -> Story:
    now = Story.now
    apply(operator, now)
    service = rule["audience"]["service"]
    organization = Organization.objects.get(code=rule["organization"])
    return Story(organization, service if isinstance(service, str) else service[0], rule)


def _check(story: Story, head: Sequence[str], row: Sequence[str], place: str) -> None:
    deed, figure, notice = row
    story.do(deed)
    assert story.figure(head[1]) == amount(figure), place
    raised = story.told()
    if notice.startswith("no: "):
        assert (raised, f"no: {story.reason()}") == ([], notice), place
    else:
        assert raised == ([notice] if notice else []), place
