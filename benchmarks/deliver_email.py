"""How fast is e-mail delivered, rendered per client? Beside it: smtplib sending one prepared message to the same sink.

Usage: python benchmarks/deliver_email.py [MAILS]. The database is the embedded one in a temporary directory, the sink a
process of its own. The goal is half of smtplib's rate: the worker also claims, checks, words and records each mail.
"""

import json
import os
import smtplib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import cluster

GOAL = 0.5
MAILS = 5000
ROUNDS = 3
SQL = Path(__file__).with_suffix(".sql")


def main() -> None:
    """Measure and print."""
    mails = int(sys.argv[1]) if len(sys.argv) > 1 else MAILS
    with cluster.fresh() as home:
        cluster.run_block(SQL, "load", mails=mails)
        _measure(home, mails)


def _measure(home: Path, mails: int) -> None:
    ratios, peak = [], 0
    for _ in range(ROUNDS):
        cluster.run_block(SQL, "once_more")
        with _sink(home / "mails") as port:
            run = _deliver(port, mails)
            sample = next((home / "mails").glob("*.eml")).read_bytes()
            limit = mails / _timed(lambda: _send_prepared(port, sample, mails))  # noqa: B023 (called at once)
        ratios.append(run.rate / limit)
        peak = max(peak, run.peak_kib)
        print(f"  {run.rate:7.0f} mails/s delivered, {limit:7.0f} mails/s by smtplib: {run.rate / limit:.2f}")
    ratio = statistics.median(ratios)
    verdict = "reached" if ratio >= GOAL else "missed"
    print(
        f"email: {ratio:.2f} of smtplib's rate (goal ≥ {GOAL}, {verdict}); the worker's peak memory {peak // 1024} MiB"
    )


@contextmanager
def _sink(directory: Path) -> Iterator[int]:
    command = [sys.executable, "-m", "ostatok.delivery.channels.email.sink", str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline()) if process.stdout else 0
        finally:
            process.kill()


@dataclass(frozen=True)
class Run:
    """One run of the worker, from its first log line to its last: without the time Python takes to start."""

    rate: float
    peak_kib: int


def _deliver(port: int, mails: int) -> Run:
    environment = {**os.environ, "OSTATOK_EMAIL_URL": f"smtp://127.0.0.1:{port}"}
    command = [sys.executable, "-m", "ostatok", "worker", "--once"]
    with (
        tempfile.TemporaryFile("w+") as log,
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=log) as process,
    ):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        lines = [json.loads(line) for line in log]
    began, ended = (datetime.fromisoformat(lines[place]["at"]) for place in (0, -1))
    if lines[-1].get("sent") != mails:
        raise SystemExit(f"not all were sent: {lines[-1]}")
    return Run(rate=mails / (ended - began).total_seconds(), peak_kib=usage.ru_maxrss)


def _send_prepared(port: int, sample: bytes, mails: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="bench.test") as server:
        for _ in range(mails):
            server.sendmail("ops@energo.test", ["c1@client.test"], sample)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
