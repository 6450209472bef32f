"""The product as the model's tests see it: one organization on a real database, behind `tests.model.protocol.Product`.

Units are chosen so that one of the model's is one base unit of the product: what is compared here is what
the rules mean; conversion has tests of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from types import TracebackType

from django.db import connection, transaction

from ostatok import pipeline
from ostatok.kernel import sql
from ostatok.ledger.entries import NewEntry
from ostatok.ledger.entries import Reason as Refused_
from ostatok.ledger.limits import LimitChange
from ostatok.ledger.models import Account, Balance, EntryKind, Facet, Service
from ostatok.notices.models import Notice as StoredNotice
from ostatok.parties.models import Client, ClientGroup, Organization
from ostatok.rules import give_back
from ostatok.rules.changes import RuleChange
from ostatok.rules.models import Rule as StoredRule
from ostatok.rules.models import RuleBand, RuleState
from tests.model.protocol import AlarmKey, AlarmState, World
from tests.model.triggers import Above, Band, Bands, Below, Forecast, Trigger
from tests.model.words import (
    Entry,
    Kind,
    Notice,
    NoticeKey,
    PostOutcome,
    Refusal,
    Refused,
    Rule,
    Subject,
)

UNITS = {"min": "s", "kWh": "Wh"}
REFUSALS = {
    Refused_.UNKNOWN_ACCOUNT: Refusal.UNKNOWN_ACCOUNT,
    Refused_.UNKNOWN_SERVICE: Refusal.UNKNOWN_SERVICE,
    Refused_.CONFLICT: Refusal.OTHER_CONTENT,
    Refused_.REVERSES_UNKNOWN: Refusal.UNKNOWN_ORIGINAL,
    Refused_.REVERSES_ELSEWHERE: Refusal.OTHER_BALANCE,
    Refused_.REVERSES_REVERSAL: Refusal.REVERSES_A_REVERSAL,
    Refused_.ALREADY_REVERSED: Refusal.ALREADY_REVERSED,
    Refused_.REVERSES_OTHER_AMOUNT: Refusal.NOT_OPPOSITE,
    Refused_.OPENING_NOT_FIRST: Refusal.OPENING_NOT_FIRST,
}
KINDS: dict[Kind, EntryKind] = {kind: EntryKind[kind.name] for kind in Kind if kind is not Kind.SNAPSHOT}
SIGNED = {Kind.ADJUSTMENT, Kind.OPENING}

_ALARMS = """
select r.name, a.balance_id, a.silent
from alarm a
join balance b on b.id = a.balance_id
join segment_rule sr on sr.segment_id = b.segment_id and sr.rule_id = a.rule_id
join rule r on r.id = a.rule_id
where a.organization_id = %s and a.firing
"""

_GIVE_BACK = sql.load("ostatok.rules", "give_back.sql")
_codes = count(1)


def _new_entry(position: int, entry: Entry) -> NewEntry:
    amount = entry.amount if entry.kind in SIGNED else abs(entry.amount)
    return NewEntry(
        position=position,
        account=entry.account,
        service=entry.service,
        kind=KINDS[entry.kind],
        amount=amount,
        occurred_at=entry.occurred_at,
        ref=entry.ref,
        reverses=entry.reverses,
        last_top_up=None if entry.declared is None else entry.declared.amount,
        last_top_up_at=None if entry.declared is None else entry.declared.at,
    )


def _facets(kind: str, keys: Sequence[str]) -> list[int]:
    return [Facet.objects.get_or_create(kind=kind, key=key)[0].pk for key in keys]


class Installation:
    """A fresh organization with the services and accounts of a world, played through the pipeline."""

    def __init__(self, world: World) -> None:
        self.organization = Organization.objects.create(code=f"o{next(_codes)}", name="O", timezone="UTC")
        self.services = {
            one.code: Service.objects.create(
                organization=self.organization,
                code=one.code,
                name=one.code,
                unit=UNITS[one.unit],
                rearm_from=one.rearm_from,
            )
            for one in world.services
        }
        self.groups = {
            code: ClientGroup.objects.create(organization=self.organization, code=code, name=code) for code in "AB"
        }
        self.clients: dict[str, Client] = {}
        self.names: dict[int, Subject] = {}
        self.rules: dict[str, Rule] = {}
        self.on: set[str] = set()
        for account in world.accounts:
            self._open(account.number, account.groups)

    def _open(self, number: str, groups: frozenset[str]) -> None:
        client = Client.objects.create(organization=self.organization, code=number, name=number)
        client.groups.set(self.groups[code] for code in groups)
        account = Account.objects.create(organization=self.organization, number=number, client=client)
        for service in self.services.values():
            balance = Balance.objects.create(
                organization=self.organization, number=number, service=service, account=account
            )
            self.names[balance.pk] = Subject(number, service.code)
        self.clients[number] = client
        with self._changing(datetime(2026, 1, 1, tzinfo=UTC)) as effects:
            effects.accounts_changed([account.pk])

    def _changing(self, now: datetime) -> "_Changing":
        return _Changing(self.organization.pk, now)

    def post(self, entries: Sequence[Entry], now: datetime) -> PostOutcome:
        outcome = pipeline.post(
            organization_id=self.organization.pk,
            new=[_new_entry(position, entry) for position, entry in enumerate(entries)],
            now=now,
        )
        return PostOutcome(
            posted=outcome.posted,
            duplicates=outcome.duplicates,
            refused=tuple(Refused(position=one.position, reason=REFUSALS[one.reason]) for one in outcome.refused),
        )

    def change_limits(
        self, subject: Subject, now: datetime, *, credit_limit: Decimal | None = None, held: Decimal | None = None
    ) -> None:
        pipeline.change_limits(
            organization_id=self.organization.pk,
            changes=[LimitChange(balance_id=self._balance(subject), credit_limit=credit_limit, held=held)],
            now=now,
        )

    def switch_on(self, rule: Rule, now: datetime, *, notify_now: bool = False) -> None:
        if rule.name in self.on and self.rules[rule.name] == rule:
            return
        self.rules[rule.name] = rule
        self.on.add(rule.name)
        with self._changing(now) as effects:
            stored = self._find(rule.name) or StoredRule(organization=self.organization, name=rule.name)
            stored.state = RuleState.SHADOW if rule.shadow else RuleState.ACTIVE
            self._describe(stored, rule)
            effects.rules_changed(
                [RuleChange(rule_id=stored.pk, is_on=True, became_on=True, trigger_changed=True, notify_now=notify_now)]
            )

    def switch_off(self, name: str) -> None:
        self.on.discard(name)
        with self._changing(datetime(2026, 1, 1, tzinfo=UTC)) as effects:
            stored = self._stored(name)
            stored.state = RuleState.INACTIVE
            stored.save()
            effects.rules_changed([RuleChange(rule_id=stored.pk, is_on=False)])

    def edit(self, name: str, trigger: Trigger, now: datetime, *, notify_now: bool = False) -> None:
        if self.rules[name].trigger == trigger:
            return
        self.rules[name] = replace(self.rules[name], trigger=trigger)
        is_on = name in self.on
        with self._changing(now) as effects:
            stored = self._stored(name)
            self._set_trigger(stored, trigger)
            effects.rules_changed(
                [RuleChange(rule_id=stored.pk, is_on=is_on, trigger_changed=True, notify_now=notify_now and is_on)]
            )

    def set_groups(self, account: str, groups: frozenset[str], now: datetime) -> None:
        with self._changing(now) as effects:
            self.clients[account].groups.set(self.groups[code] for code in groups)
            effects.clients_changed([self.clients[account].pk])

    def sweep(self, at: datetime) -> None:
        pipeline.refresh_outlook(now=at, whole=True)
        pipeline.tick(at=at)

    def settle(self, key: NoticeKey, *, sent: bool) -> None:
        notice = next(one for one in self._stored_notices() if self._key(one) == key)
        StoredNotice.objects.filter(pk=notice.pk).update(state="sent" if sent else "dropped")
        if not sent:
            place = {"rules": [notice.rule_id], "balances": [notice.balance_id], "epochs": [notice.epoch]}
            with connection.cursor() as cursor:
                for step in give_back.STEPS:
                    cursor.execute(_GIVE_BACK[step], place | {"now": notice.raised_at})

    @property
    def notices(self) -> Sequence[Notice]:
        return [
            Notice(key=self._key(one), raised_at=one.raised_at, shadow=one.state == "shadow")
            for one in self._stored_notices()
        ]

    @property
    def balances(self) -> Mapping[Subject, Decimal]:
        found = Balance.objects.filter(organization=self.organization, seq__gt=0)
        return {self.names[one.pk]: one.amount for one in found}

    @property
    def alarms(self) -> Mapping[AlarmKey, AlarmState]:
        with connection.cursor() as cursor:
            cursor.execute(_ALARMS, [self.organization.pk])
            return {
                AlarmKey(rule, self.names[balance]): AlarmState(silent=silent)
                for rule, balance, silent in cursor.fetchall()
            }

    def _stored_notices(self) -> list[StoredNotice]:
        found = StoredNotice.objects.filter(organization_id=self.organization.pk)
        return list(found.select_related("rule", "band").order_by("pk"))

    def _key(self, notice: StoredNotice) -> NoticeKey:
        subject = self.names[notice.balance_id]
        return NoticeKey(
            rule=notice.rule.name,
            account=subject.account,
            service=subject.service,
            kind=notice.kind,
            band=None if notice.band is None else Band(notice.band.upper, notice.band.lower),
            epoch=notice.epoch,
            occasion=notice.occasion,
            step=notice.step,
        )

    def _balance(self, subject: Subject) -> int:
        return next(balance for balance, name in self.names.items() if name == subject)

    def _find(self, name: str) -> StoredRule | None:
        return StoredRule.objects.filter(organization=self.organization, name=name).first()

    def _stored(self, name: str) -> StoredRule:
        return StoredRule.objects.get(organization=self.organization, name=name)

    def _describe(self, stored: StoredRule, rule: Rule) -> None:
        quota = rule.quota
        stored.max_qty, stored.period, stored.hysteresis = quota.max_qty, quota.period, quota.hysteresis
        stored.cooldown, stored.first = quota.cooldown, quota.first.value
        self._set_trigger(stored, rule.trigger)
        stored.recipients.get_or_create(kind="client")
        stored.conditions.all().delete()
        if rule.audience.services is not None:
            keys = [str(self.services[code].pk) for code in rule.audience.services]
            stored.conditions.create(facets=_facets("service", keys))
        if rule.audience.groups is not None:
            stored.conditions.create(
                facets=_facets("group", [str(self.groups[code].pk) for code in rule.audience.groups])
            )

    def _set_trigger(self, stored: StoredRule, trigger: Trigger) -> None:
        stored.kind = trigger.kind
        stored.unit, stored.threshold = "", None
        stored.days = trigger.days if isinstance(trigger, Forecast) else None
        if isinstance(trigger, Below | Above):
            stored.unit, stored.threshold = UNITS[trigger.unit], trigger.amount
        if isinstance(trigger, Bands):
            stored.mark = trigger.mark.value
        stored.save()
        edges = {(band.upper, band.lower) for band in trigger.bands} if isinstance(trigger, Bands) else set()
        stored.bands.update(active=False)
        for upper, lower in edges:
            RuleBand.objects.update_or_create(rule=stored, upper=upper, lower=lower, defaults={"active": True})


class _Changing:
    """A transaction that changes rules or parties, and what follows from it."""

    def __init__(self, organization: int, now: datetime) -> None:
        self._organization, self._effects, self._atomic = organization, pipeline.Effects(now=now), transaction.atomic()

    def __enter__(self) -> pipeline.Effects:
        self._atomic.__enter__()
        self._effects.lock([self._organization])
        return self._effects

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._atomic.__exit__(kind, error, trace)
