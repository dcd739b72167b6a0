"""Transitions a second of the ledger, on either engine, by one thread and by several.

Usage: python -m bench.ledger_engines [--jobs N] [--threads N …] [--processes N …]

Both keep what they have committed on the same disk; PostgreSQL runs on this machine, with the
settings of its package.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from gateway.core.job import Job
from gateway.core.states import State
from gateway.ledger import Ledger, SqliteLedger
from gateway.ledger.postgresql.address import PostgresqlAddress
from gateway.ledger.postgresql.ledger import PostgresqlLedger
from gateway.wiring import SystemClock
from tests.ledger.making import WAY
from tests.postgresql import LedgerDatabase, lasting_server

_OTHERS = """
import sys
from bench.ledger_engines import travel
from gateway.ledger.postgresql.address import PostgresqlAddress
from gateway.ledger.postgresql.ledger import PostgresqlLedger
from gateway.wiring import SystemClock
host, port, name, jobs, threads = sys.argv[1:]
where = (("host", host), ("port", port), ("dbname", "ledger"), ("user", "sealgate"))
ledger = PostgresqlLedger(PostgresqlAddress(where), SystemClock())
print("open", flush=True)
sys.stdin.readline()
travel(ledger, name, int(jobs), int(threads))
"""


def main() -> None:
    """Print a line for each engine and number of threads or processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 8, 32])
    parser.add_argument("--processes", type=int, nargs="*", default=[2, 4])
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sealgate-bench-") as folder:
        for threads in chosen.threads:
            path = Path(folder) / str(threads) / "ledger.sqlite"
            with closing(SqliteLedger(path, SystemClock())) as ledger:
                _measure(f"SQLite, {threads} threads", ledger, chosen.jobs, threads)
    with lasting_server() as server:
        database = LedgerDatabase(server)
        for threads in chosen.threads:
            database.empty()
            with closing(PostgresqlLedger(database.address, SystemClock())) as ledger:
                _measure(f"PostgreSQL, {threads} threads", ledger, chosen.jobs, threads)
        for processes in chosen.processes:
            database.empty()
            _measure_processes(database.address, chosen.jobs, processes)


def travel(ledger: Ledger, name: str, jobs: int, threads: int) -> None:
    """Take jobs from claim to archive, shared among threads."""

    def work(number: int) -> None:
        for job in range(number, jobs, threads):
            _take(ledger, f"{name}-{job:06}")

    works = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for one in works:
        one.start()
    for one in works:
        one.join()


def _take(ledger: Ledger, name: str) -> None:
    now = datetime.now(UTC)
    job = Job(name, State.CLAIMED, 1, "bench", f"{name}.pdf", f"/spool/{name}", now, now)
    job = ledger.open(job, {"source": job.source})
    for event in WAY:
        job = ledger.advance(job, event, {"why": f"{event}"})


def _measure(what: str, ledger: Ledger, jobs: int, threads: int) -> None:
    _say(what, jobs, lambda: travel(ledger, "job", jobs, threads))
    if ledger.verify():
        raise AssertionError("the log is broken")


def _measure_processes(address: PostgresqlAddress, jobs: int, processes: int) -> None:
    known = dict(address.parameters)
    threads = 8
    others = [
        subprocess.Popen(
            [
                *(sys.executable, "-c", _OTHERS, str(known["host"]), str(known["port"])),
                *(f"process{number}", str(jobs // processes), str(threads)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(processes)
    ]
    for one in others:
        if one.stdout is not None:
            one.stdout.readline()  # it is open

    def run() -> None:
        for one in others:
            if one.stdin is not None:
                one.stdin.write("go\n")
                one.stdin.flush()
        for one in others:
            one.wait()

    _say(f"PostgreSQL, {processes} processes of {threads} threads", jobs, run)


def _say(what: str, jobs: int, run: Callable[[], None]) -> None:
    began = time.monotonic()
    run()
    seconds = time.monotonic() - began
    print(f"{what}: {jobs * (len(WAY) + 1) / seconds:,.0f} transitions/s", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
