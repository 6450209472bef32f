"""Does a page cost the same at 1,000,000 clients and 10,000,000 entries as at 1,000 clients?

Usage: python benchmarks/pages.py [CLIENTS ...]. Ten entries a client; each number of clients has a database and a
process of its own, and the two are asked in turn. A page's time is the server's: the whole of Django, from the request
to the last byte of its answer.
"""

import http
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
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


#: Pages by name.
PAGES: Mapping[str, Callable[[Place], str]] = {
    "dashboard": lambda _: "/console/",
    "run-out list": lambda _: "/console/run-out/",
    "clients": lambda _: "/console/clients/",
    "clients, by part of a name": lambda _: "/console/clients/?text=водоканал № 77",
    "clients, by tax id": lambda _: "/console/clients/?text=7800000777",
    "clients, by e-mail": lambda _: "/console/clients/?text=c777@client",
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
    """Ask both sizes for each page in turn, so that whatever else the machine does meets both, and compare them."""
    sizes = [int(argument) for argument in sys.argv[1:]] or SIZES
    if os.environ.get("OSTATOK_BENCH_CHILD"):
        _answer(sizes[0])
        return
    with _child(min(sizes)) as small, _child(max(sizes)) as large:
        small.ready()
        large.ready()
        print(f"pages, median server time in ms: {min(sizes):,} clients, {max(sizes):,} clients, ratio (goal ≤ {GOAL})")
        missed = sum([_compare(name, small, large) for name in PAGES])
    print(f"pages: {len(PAGES) - missed} of {len(PAGES)} reached")


def _compare(name: str, small: "Child", large: "Child") -> bool:
    """Print one line; whether the page missed its goal."""
    pairs = [(small.seconds(name), large.seconds(name)) for _ in range(WARM_UP + ROUNDS)][WARM_UP:]
    before, after = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
    ratio = after / before
    verdict = "missed" if ratio > GOAL else "reached"
    print(f"  {name:30} {before:8.1f} {after:8.1f} {ratio:6.2f}  {verdict}", flush=True)
    return ratio > GOAL


class Child:
    """A process with a database of its own, that opens a page when it is told the page's name."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ready(self) -> None:
        """Return when its database is loaded."""
        self._line()

    def seconds(self, name: str) -> float:
        """How long the page took it."""
        assert self._process.stdin
        self._process.stdin.write(f"{name}\n")
        self._process.stdin.flush()
        return float(self._line())

    def _line(self) -> str:
        assert self._process.stdout
        if line := self._process.stdout.readline():
            return line
        raise SystemExit("a measured process ended too early")


@contextmanager
def _child(size: int) -> Iterator[Child]:
    environment = {**os.environ, "OSTATOK_BENCH_CHILD": "1"}
    command = [sys.executable, __file__, str(size)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        yield Child(process)


def _answer(size: int) -> None:
    """Be such a child: load, say so, then answer each name with seconds until there are no more names."""
    with cluster.fresh():
        place = _load(size)
        staff, customer = _signed_in(place)
        _prove_that_searches_narrow(staff, place)
        print("ready", flush=True)
        for line in sys.stdin:
            name = line.strip()
            print(_seconds(customer if name == "cabinet" else staff, PAGES[name](place)), flush=True)


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
        _show_second_factor(browser, user)
    return browsers


def _prove_that_searches_narrow(staff: Browser, place: Place) -> None:
    """A list that were not narrowed would be measured as if it had been searched."""
    for name in ("clients, by tax id", "clients, by e-mail"):
        page = staff.get(PAGES[name](place)).content.decode()
        if page.count("№ 777") == 0 or "№ 778" in page:
            raise SystemExit(f"{name}: not what was searched for")


def _show_second_factor(browser: Browser, user: User) -> None:
    session = browser.session
    session["account_authentication_methods_user"] = str(user.pk)
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time()}]
    session.save()


def _seconds(browser: Browser, url: str) -> float:
    began = time.perf_counter()
    response = browser.get(url)
    taken = time.perf_counter() - began
    if response.status_code != http.HTTPStatus.OK:
        raise SystemExit(f"{url} answers {response.status_code}")
    return taken


if __name__ == "__main__":
    main()
