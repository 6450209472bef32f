"""Does a page cost the same at 1,000,000 clients and 10,000,000 entries as at 1,000 clients?

Usage: python benchmarks/pages.py [CLIENTS ...]. Ten entries a client; each number of clients has a database and a
process of its own. A page's time is the server's: the whole of Django, from the request to the last byte of its answer.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cluster
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.db import connection
from django.test import Client as Browser

from ostatok import pipeline
from ostatok.intake.description import applying
from ostatok.ledger.models import Account
from ostatok.notices.models import Notice
from ostatok.parties.access import System
from ostatok.parties.models import Client, ClientUser, Organization, User
from ostatok.rules.models import Rule

SIZES = (1_000, 1_000_000)
ROUNDS, WARM_UP = 15, 3
GOAL = 1.5
FILE = Path(__file__).with_suffix(".sql")
DESCRIPTION = {
    "organizations": [{"code": "bench", "name": "ООО «Энергосбыт»", "language": "ru", "timezone": "Europe/Moscow"}],
    "services": [
        {"organization": "bench", "code": "ad", "name": "АД", "unit": "min"},
        {"organization": "bench", "code": "appps", "name": "АППС", "unit": "min"},
    ],
    "clients": [{"organization": "bench", "code": "first", "name": "Первый"}],
    "accounts": [{"organization": "bench", "number": "first", "client": "first", "services": ["ad", "appps"]}],
    "users": [{"email": "owner@bench.test", "roles": [{"organization": "bench", "role": "owner"}]}],
    "rules": [
        {
            "organization": "bench",
            "name": "Остаток минут",
            "state": "active",
            "trigger": {"kind": "balance_band", "bands": [[20, 10], [10, 5], [5, None]]},
            "recipients": [{"to": "client", "channel": "email"}],
        }
    ],
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """What the addresses of pages need to know."""

    organization: int
    client: int
    account: int
    number: str
    rule: int
    delivery: int


#: Pages by name; "next" follows the link to the next page of the list before it, so many times.
PAGES: Mapping[str, Callable[[Place], str]] = {
    "dashboard": lambda _: "/console/",
    "run-out list": lambda _: "/console/run-out/",
    "clients": lambda _: "/console/clients/",
    "clients, by part of a name": lambda _: "/console/clients/?search=водоканал № 77",
    "clients, by tax id": lambda _: "/console/clients/?search=7800000777",
    "client": lambda at: f"/console/clients/{at.client}/",
    "accounts": lambda _: "/console/accounts/",
    "account": lambda at: f"/console/accounts/{at.account}/",
    "rules": lambda _: "/console/rules/",
    "rule": lambda at: f"/console/rules/{at.rule}/",
    "delivery log": lambda _: "/console/deliveries/",
    "delivery log, dead": lambda _: "/console/deliveries/?state=dead",
    "delivery": lambda at: f"/console/deliveries/{at.delivery}/",
    "imports": lambda _: "/console/imports/",
    "audit": lambda _: "/console/audit/",
    "API clients": lambda _: "/api/v1/clients",
    "API balances of an account": lambda at: f"/api/v1/accounts/{at.number}/balances",
    "API deliveries": lambda _: "/api/v1/deliveries",
    "cabinet": lambda _: "/cabinet/",
}


def main() -> None:
    """Measure each size in a process of its own and compare them."""
    sizes = [int(argument) for argument in sys.argv[1:]] or SIZES
    if os.environ.get("OSTATOK_BENCH_CHILD"):
        print(json.dumps(_measure(sizes[0])))
        return
    small, large = _in_child(min(sizes)), _in_child(max(sizes))
    print(f"pages, server time in ms: {min(sizes):,} clients, {max(sizes):,} clients, ratio (goal ≤ {GOAL})")
    missed = 0
    for name, before in small.items():
        ratio = large[name] / before
        missed += ratio > GOAL
        print(f"  {name:30} {before:8.1f} {large[name]:8.1f} {ratio:6.2f}  {'missed' if ratio > GOAL else 'reached'}")
    print(f"pages: {len(small) - missed} of {len(small)} reached")


def _in_child(size: int) -> Mapping[str, float]:
    environment = {**os.environ, "OSTATOK_BENCH_CHILD": "1"}
    command = [sys.executable, __file__, str(size)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    times: Mapping[str, float] = json.loads(done.stdout.splitlines()[-1])
    return times


def _measure(size: int) -> dict[str, float]:
    with cluster.fresh():
        place = _load(size)
        staff, customer = _signed_in(place)
        return dict(_times(place, staff, customer))


def _load(size: int) -> Place:
    began = time.perf_counter()
    effects = pipeline.Effects(now=datetime.now(UTC))
    applying.apply(json.dumps(DESCRIPTION), actor=System(), effects=effects, origin="bench")
    organization, rule = Organization.objects.get(), Rule.objects.get()
    values = {"organization": organization.pk, "rule": rule.pk, "clients": size}
    for block in ("names", "forget_keys", "load", "remember_keys"):
        cluster.run_block(FILE, block, **values)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    pipeline.refresh_outlook(now=datetime.now(UTC))
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    print(f"  {size:,} clients set up in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    notice = Notice.objects.order_by("-pk").select_related("account")[size // 50]
    return Place(
        organization=organization.pk,
        client=notice.client_id,
        account=notice.account_id,
        number=Account.objects.get(pk=notice.account_id).number,
        rule=rule.pk,
        delivery=notice.deliveries.get().pk,
    )


def _signed_in(place: Place) -> tuple[Browser, Browser]:
    staff = User.objects.get(email="owner@bench.test")
    TOTP.activate(staff, generate_totp_secret())
    customer = User.objects.create_user("anna@bench.test", name="Анна")
    ClientUser.objects.create(user=customer, client=Client.objects.get(pk=place.client))
    settings.ALLOWED_HOSTS.append("testserver")
    browsers = Browser(), Browser()
    for browser, user in zip(browsers, (staff, customer), strict=True):
        browser.force_login(user)
    return browsers


def _times(place: Place, staff: Browser, customer: Browser) -> Iterator[tuple[str, float]]:
    for name, address in PAGES.items():
        browser = customer if name == "cabinet" else staff
        yield name, _median(browser, address(place)) * 1000


def _median(browser: Browser, url: str) -> float:
    seconds = []
    for _ in range(WARM_UP + ROUNDS):
        began = time.perf_counter()
        response = browser.get(url)
        seconds.append(time.perf_counter() - began)
        if response.status_code != 200:
            raise SystemExit(f"{url} answers {response.status_code}")
    return statistics.median(seconds[WARM_UP:])


if __name__ == "__main__":
    main()
