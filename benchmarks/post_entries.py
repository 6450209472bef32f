"""What does posting with rules cost beside the least it could cost, and does it grow with the number of balances?

Usage: python benchmarks/post_entries.py [BALANCES ...]. Batches of 10,000 entries on random balances, one in twenty a
top-up, 80 rules in force; beside each, a raw COPY of as many rows into the same table with the same indexes. Every
number of balances has a database and a process of its own.
"""

import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import cluster
from django.db import connection, transaction

from ostatok import pipeline
from ostatok.kernel import sql
from ostatok.ledger.entries import NewEntry
from ostatok.ledger.models import Account, Balance, EntryKind, Facet, Service
from ostatok.parties.models import Client, Organization
from ostatok.rules.changes import RuleChange
from ostatok.rules.models import Rule, RuleBand, RuleRecipient

SIZES = (100_000, 1_000_000, 5_000_000)
BATCH, ROUNDS, WARM_UP = 10_000, 21, 4
SERVICES, THRESHOLDS = 20, (10, 20, 30)
RATIO_GOAL, GROWTH_GOAL = 2.5, 1.3
FILE = Path(__file__).with_suffix(".sql")
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
COLUMNS = "organization_id, balance_id, seq, kind, amount, occurred_at, posted_at, ref, reverses, memo"


@dataclass(frozen=True, kw_only=True)
class Target:
    """A balance that is posted to; `mark` is its last top-up."""

    account: str
    service: str
    mark: Decimal


def main() -> None:
    """Measure each size in a process of its own, so that memory is each one's own, and compare them."""
    sizes = [int(argument) for argument in sys.argv[1:]] or SIZES
    if os.environ.get("OSTATOK_BENCH_CHILD"):
        return _measure(sizes[0])
    seconds = {size: _in_child(size) for size in sizes}
    growth = seconds[max(sizes)] / seconds[min(sizes)]
    print(
        f"posting, {max(sizes):,} balances against {min(sizes):,}: {growth:.2f} × the time per entry"
        f" (goal ≤ {GROWTH_GOAL}, {_verdict(growth <= GROWTH_GOAL)})"
    )
    return None


def _in_child(size: int) -> float:
    """Measure one size; returns the median seconds of a posted batch."""
    environment = {**os.environ, "OSTATOK_BENCH_CHILD": "1"}
    with subprocess.Popen(
        [sys.executable, __file__, str(size)], env=environment, stdout=subprocess.PIPE, text=True
    ) as child:
        *_, last = list(_told(child.stdout or ()))
    return float(last)


def _told(lines: Iterable[str]) -> Iterator[str]:
    """Pass on what is for people as it comes; the bare figure at the end is for us."""
    for line in lines:
        if not line[0].isdigit():
            print(line, end="", flush=True)
        yield line


def _measure(size: int) -> None:
    with cluster.fresh():
        organization = _load(size)
        copied, posted = _rounds(organization, _sample(size))
    ratio = posted / copied
    print(
        f"posting, {size:,} balances: {BATCH / posted:,.0f} entries/s, raw COPY {BATCH / copied:,.0f}/s:"
        f" {ratio:.2f} × its time (goal ≤ {RATIO_GOAL}, {_verdict(ratio <= RATIO_GOAL)});"
        f" peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB"
    )
    print(posted)


def _verdict(reached: bool) -> str:
    return "reached" if reached else "missed"


def _load(size: int) -> Organization:
    """Set up `size` balances under 80 rules."""
    began = time.perf_counter()
    organization = Organization.objects.create(code="bench", name="Bench")
    services = [
        Service.objects.create(organization=organization, code=f"s{n}", name=f"S{n}", unit="KZT")
        for n in range(SERVICES)
    ]
    _make_rules(organization, services)
    values = {"organization": organization.pk, "accounts": size // 2, "services": SERVICES}
    for block in ("forget_keys", "parties", "balances", "entries", "remember_keys"):
        cluster.run_block(FILE, block, **values)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    print(f"  {size:,} balances set up in {time.perf_counter() - began:.0f} s")
    return organization


def _make_rules(organization: Organization, services: Sequence[Service]) -> None:
    """One rule of three bands and three thresholds for each service, and one account that opens their segments."""
    rules = [rule for service in services for rule in _rules_of(organization, service)]
    client = Client.objects.create(organization=organization, code="first", name="First")
    account = Account.objects.create(organization=organization, number="first", client=client)
    for service in services:
        Balance.objects.create(organization=organization, number="first", service=service, account=account)
    with transaction.atomic():
        effects = pipeline.Effects(now=NOW)
        effects.lock([organization.pk])
        effects.accounts_changed([account.pk])
        effects.rules_changed([RuleChange(rule_id=rule.pk, is_on=True, became_on=True) for rule in rules])


def _rules_of(organization: Organization, service: Service) -> Iterator[Rule]:
    facet, _ = Facet.objects.get_or_create(kind="service", key=str(service.pk))
    common = {"organization": organization, "state": "active"}
    bands = Rule.objects.create(name=f"{service.code} bands", kind="balance_band", **common)
    for upper, lower in ((50, 20), (20, 5), (5, None)):
        RuleBand.objects.create(rule=bands, upper=upper, lower=lower)
    thresholds = [
        Rule.objects.create(
            name=f"{service.code} below {threshold}", kind="balance_below", unit="KZT", threshold=threshold, **common
        )
        for threshold in THRESHOLDS
    ]
    for rule in (bands, *thresholds):
        rule.conditions.create(facets=[facet.pk])
        RuleRecipient.objects.create(rule=rule, kind="client")
        yield rule


def _sample(size: int) -> list[Target]:
    """Random balances, as many as all rounds can touch."""
    statement = sql.parse(FILE.read_text(encoding="utf-8"))["numbers"]
    with connection.cursor() as cursor:
        cursor.execute(statement, {"sample": min(size, BATCH * ROUNDS)})
        return [Target(account=account, service=service, mark=mark) for account, service, mark in cursor.fetchall()]


def _rounds(organization: Organization, targets: Sequence[Target]) -> tuple[float, float]:
    """Copy and post in turn; returns the median seconds of each."""
    chance = random.Random(1)
    copied, posted, notices = [], [], 0
    for number in range(ROUNDS):
        copied.append(_copy(organization, _batch(chance, targets, number, "raw")))
        batch = _batch(chance, targets, number, "post")
        began = time.perf_counter()
        notices += pipeline.post(organization_id=organization.pk, new=batch, now=NOW).notices
        posted.append(time.perf_counter() - began)
    print(f"  {notices:,} notices from {ROUNDS * BATCH:,} entries")
    return statistics.median(copied[WARM_UP:]), statistics.median(posted[WARM_UP:])


def _batch(chance: random.Random, targets: Sequence[Target], number: int, series: str) -> list[NewEntry]:
    return [_entry(chance, chance.choice(targets), f"{series}-{number:04}-{place:05}", place) for place in range(BATCH)]


def _entry(chance: random.Random, target: Target, ref: str, place: int) -> NewEntry:
    top_up = chance.random() < 0.05
    amount = target.mark if top_up else (target.mark * chance.randrange(1, 500) / 10_000).quantize(Decimal("0.01"))
    return NewEntry(
        position=place,
        account=target.account,
        service=target.service,
        kind=EntryKind.TOP_UP if top_up else EntryKind.CHARGE,
        amount=amount,
        occurred_at=NOW + timedelta(seconds=place),
        ref=ref,
    )


def _copy(organization: Organization, batch: Sequence[NewEntry]) -> float:
    """The least that storing a batch costs: rows of the same shape, on balances as random, with refs in order."""
    data = "".join(
        f"{organization.pk}\t{hash(entry.account) % 10**7}\t{10**9 + number}\t2\t-{entry.amount}"
        f"\t{entry.occurred_at}\t{NOW}\t{entry.ref}\t\\N\t\n"
        for number, entry in enumerate(batch, start=int(batch[0].ref.split("-")[1]) * BATCH)
    )
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(f"copy entry ({COLUMNS}) from stdin") as copy:
        copy.write(data)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
