"""How long does one entry take over HTTP until its notice is committed, and how many rows a second does NDJSON take?

Usage: python benchmarks/http_entries.py [SECONDS [ROWS]]. `ostatok serve` is asked as a program would: 50 requests a
second on kept connections, each an entry that drops a balance below a threshold; an answer comes after the commit. A
request is timed from when it was due, so that the wait for a slow one before it counts. The rows are then posted in one
request, and imported by `ostatok import entries` from a file of as many, which is the limit beside it.
"""

import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cluster

from ostatok import pipeline
from ostatok.intake.description import applying
from ostatok.notices.models import Notice
from ostatok.parties import api_keys
from ostatok.parties.access import Permission, System
from ostatok.parties.models import Organization

SECONDS, RATE, CONNECTIONS = 60, 50, 8
ROWS, ACCOUNTS = 200_000, 10_000
P99_GOAL = 50
PATIENCE = 60
HOST = "127.0.0.1"
START = datetime(2026, 11, 1, tzinfo=UTC)
COLUMNS = ("account", "service", "kind", "amount", "occurred_at", "ref")


def main() -> None:
    """Measure and print."""
    seconds, rows = (int(sys.argv[at]) if len(sys.argv) > at else usual for at, usual in ((1, SECONDS), (2, ROWS)))
    with cluster.fresh(), tempfile.TemporaryDirectory() as directory:
        key = _prepare()
        with _served() as port:
            _tell_one_by_one(_one_by_one(port, key, seconds), seconds)
            posted = _bulk(port, key, rows)
        imported = _imported(Path(directory), rows)
    print(
        f"bulk NDJSON over HTTP: {rows / posted:,.0f} rows/s; `ostatok import entries` {rows / imported:,.0f} rows/s:"
        f" {imported / posted:.2f} × its rate"
    )


def _prepare() -> str:
    """An organization whose every charge is worth a notice; returns the text of a key."""
    clients = [{"organization": "bench", "code": f"c{n}", "name": f"Клиент {n}"} for n in range(ACCOUNTS)]
    description = {
        "organizations": [{"code": "bench", "name": "Bench"}],
        "services": [
            {"organization": "bench", "code": "money", "name": "Money", "unit": "KZT"},
            {"organization": "bench", "code": "power", "name": "Power", "unit": "kWh"},
        ],
        "clients": [{**client, "email": f"{client['code']}@client.test"} for client in clients],
        "accounts": [
            {"organization": "bench", "number": f"{n:06}", "client": f"c{n}", "services": ["money", "power"]}
            for n in range(ACCOUNTS)
        ],
        "rules": [
            {
                "organization": "bench",
                "name": "Below 0",
                "state": "active",
                "trigger": {"kind": "balance_below", "amount": 0, "unit": "KZT"},
                "recipients": [{"to": "client", "channel": "email"}],
            }
        ],
    }
    effects = pipeline.Effects(now=datetime.now(UTC))
    applying.apply(json.dumps(description), actor=System(), effects=effects, origin="bench")
    _, text = api_keys.issue(
        System(),
        organization=Organization.objects.get(),
        name="bench",
        permissions=[Permission.SEE, Permission.POST_ENTRIES],
        expires_at=datetime.now(UTC) + timedelta(days=1),
        now=datetime.now(UTC),
        origin="bench",
    )
    return text


@contextmanager
def _served() -> Iterator[int]:
    """`ostatok serve` on a free port, for as long as the context lasts."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "ostatok", "serve", "--port", str(port), "--no-worker"]
    with subprocess.Popen(command, env=os.environ) as server:
        try:
            _wait(port)
            yield port
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(PATIENCE)


def _wait(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server is not ready")


def _one_by_one(port: int, key: str, seconds: int) -> list[float]:
    """Post RATE entries a second; returns the milliseconds of each, after a warm-up of two seconds."""
    taken: list[float] = []
    began = time.perf_counter() + 0.5
    threads = [
        threading.Thread(target=_connection, args=(port, key, began, range(at, seconds * RATE, CONNECTIONS), taken))
        for at in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def _connection(port: int, key: str, began: float, numbers: range, taken: list[float]) -> None:
    """One kept connection, on which every so manieth request falls due."""
    connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
    for number in numbers:
        due = began + number / RATE
        time.sleep(max(0.0, due - time.perf_counter()))
        _post(connection, key, "application/json", json.dumps([_entry(number)]).encode(), rows=1)
        if number >= 2 * RATE:
            taken.append((time.perf_counter() - due) * 1000)
    connection.close()


def _entry(number: int) -> dict[str, str]:
    return {
        "account": f"{number % ACCOUNTS:06}",
        "service": "money",
        "kind": "charge",
        "amount": "1",
        "occurred_at": START.isoformat(),
        "ref": f"one-{number:08}",
    }


def _post(connection: http.client.HTTPConnection, key: str, kind: str, body: bytes, *, rows: int) -> None:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": kind}
    connection.request("POST", "/api/v1/entries", body, headers)
    answer = connection.getresponse()
    told = json.loads(answer.read())
    if told.get("posted") != rows:
        raise SystemExit(f"{answer.status}: {told}")


def _tell_one_by_one(taken: list[float], seconds: int) -> None:
    notices = Notice.objects.count()
    if notices != seconds * RATE:
        raise SystemExit(f"{notices} notices of {seconds * RATE} entries")
    *_, p99 = statistics.quantiles(taken, n=100)
    verdict = "reached" if p99 <= P99_GOAL else "missed"
    print(
        f"one entry over HTTP, notice committed, {RATE} requests/s: median {statistics.median(taken):.1f} ms,"
        f" p99 {p99:.1f} ms (goal ≤ {P99_GOAL}, {verdict})"
    )


def _rows(rows: int) -> Iterator[tuple[str, ...]]:
    for row in range(rows):
        at = (START + timedelta(minutes=30 * (row // ACCOUNTS))).isoformat()
        account = f"{row % ACCOUNTS:06}"
        yield account, "power", "charge", f"0.{row % 900 + 100}", at, f"{account}-{row // ACCOUNTS:04}"


def _bulk(port: int, key: str, rows: int) -> float:
    """Seconds of one request with so many rows."""
    lines = [json.dumps(dict(zip(COLUMNS, (*row[:-1], f"h-{row[-1]}"), strict=True))) for row in _rows(rows)]
    body = "\n".join(lines).encode()
    began = time.perf_counter()
    connection = http.client.HTTPConnection(HOST, port, timeout=600)
    _post(connection, key, "application/x-ndjson", body, rows=rows)
    return time.perf_counter() - began


def _imported(directory: Path, rows: int) -> float:
    """Seconds of `ostatok import entries` for as many rows."""
    file = directory / "rows.csv"
    text = "\n".join(",".join(row) for row in _rows(rows))
    file.write_text(f"{','.join(COLUMNS)}\n{text}\n", encoding="utf-8")
    began = time.perf_counter()
    command = [sys.executable, "-m", "ostatok", "import", "entries", str(file), "--organization", "bench"]
    subprocess.run(command, env=os.environ, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
