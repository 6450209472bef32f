"""How much memory does the import of a CSV of 1,000,000 rows take, and how long beside posting the same entries?

Usage: python benchmarks/import_entries.py [ROWS]. The file is imported by `ostatok import entries` as a user would.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cluster

ROWS, ACCOUNTS = 1_000_000, 10_000
MEMORY_GOAL = 200
START = datetime(2026, 11, 1, tzinfo=UTC)
DESCRIPTION = """
organizations: [{code: bench, name: Bench}]
services: [{organization: bench, code: power, name: Power, unit: kWh}]
"""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One command: its seconds, its peak memory in MiB, and what it printed."""

    seconds: float
    memory: int
    printed: str


def main() -> None:
    """Measure and print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with cluster.fresh(), tempfile.TemporaryDirectory() as directory:
        _run("apply", str(_describe(Path(directory))))
        run = _run("import", "entries", str(_write(Path(directory), rows)), "--organization", "bench", "--json")
    posted = json.loads(run.printed)["posted"]
    if posted != rows:
        raise SystemExit(f"posted {posted} of {rows}: {run.printed}")
    verdict = "reached" if run.memory < MEMORY_GOAL else "missed"
    print(
        f"import of {rows:,} rows: {rows / run.seconds:,.0f} rows/s; peak memory {run.memory} MiB"
        f" (goal < {MEMORY_GOAL}, {verdict})"
    )


def _describe(directory: Path) -> Path:
    """An organization with accounts that all have one service."""
    clients = "\n".join(f"- {{organization: bench, code: c{n}, name: C{n}}}" for n in range(ACCOUNTS))
    accounts = "\n".join(
        f"- {{organization: bench, number: '{n:06}', client: c{n}, services: [power]}}" for n in range(ACCOUNTS)
    )
    file = directory / "bench.yaml"
    file.write_text(f"{DESCRIPTION}clients:\n{clients}\naccounts:\n{accounts}\n", encoding="utf-8")
    return file


def _write(directory: Path, rows: int) -> Path:
    """Half-hourly readings of every account, in the order of time."""
    file = directory / "readings.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["account", "service", "kind", "amount", "occurred_at", "ref"])
        for row in range(rows):
            at = (START + timedelta(minutes=30 * (row // ACCOUNTS))).isoformat()
            account = f"{row % ACCOUNTS:06}"
            writer.writerow([account, "power", "charge", f"0.{row % 900 + 100}", at, f"{account}-{row // ACCOUNTS}"])
    return file


def _run(*arguments: str) -> Run:
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "ostatok", *arguments], env=os.environ, stdout=subprocess.PIPE, text=True
    ) as process:
        printed = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"ostatok {arguments[0]} failed: {printed}")
    return Run(seconds=time.perf_counter() - began, memory=usage.ru_maxrss // 1024, printed=printed)


if __name__ == "__main__":
    main()
